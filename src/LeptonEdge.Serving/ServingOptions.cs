using System.ComponentModel.DataAnnotations;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Serving.Upstream;
using Microsoft.AspNetCore.Http;

namespace LeptonEdge.Serving;

/// <summary>How models are served, on the hub or on a device.</summary>
public sealed record ServingOptions
{
    /// <summary>What the server calls itself.</summary>
    public required string ServerName { get; init; }

    public required string ServerVersion { get; init; }

    /// <summary>Holds NAME/VERSION/ with a bundle's manifest.json, or a bare model.onnx; null serves nothing.</summary>
    public string? ModelsFolder { get; init; }

    /// <summary>The names to load at start; the others are loaded when they are asked for.</summary>
    public Func<string, bool> Preload { get; init; } = static _ => true;

    /// <summary>Which model of a bundle.</summary>
    public ModelVariant Variant { get; init; } = ModelVariant.Fp32;

    /// <summary>Runs side by side; 0 serves nothing.</summary>
    [Range(0, 64)]
    public int Workers { get; init; } = 1;

    /// <summary>Requests that may wait for a worker.</summary>
    [Range(1, 4096)]
    public int QueueMax { get; init; } = 64;

    /// <summary>Rows of one request, where the model has rows.</summary>
    [Range(1, 1024)]
    public int RowsMax { get; init; } = 256;

    /// <summary>Rows of requests that run as one; 1 runs each request alone.</summary>
    [Range(1, 1024)]
    public int BatchMax { get; init; } = 64;

    /// <summary>Models in memory at once; a request for one more takes the place of the one that was asked for longest
    /// ago.</summary>
    [Range(1, 256)]
    public int ModelsMax { get; init; } = 64;

    /// <summary>What the process may hold, in bytes, before models are unloaded and loads refused; null: no limit of
    /// its own.</summary>
    [Range(1024 * 1024, long.MaxValue)]
    public long? MemoryBytesMax { get; init; }

    /// <summary>Share of the control group's memory, or else of the machine's, that may be in use likewise.</summary>
    [Range(0.01, 1)]
    public double? MemoryShareMax { get; init; }

    /// <summary>Models that are not unloaded to make room for others.</summary>
    public Func<string, bool> Pinned { get; init; } = static _ => false;

    /// <summary>Servers that answer for some models in place of this one.</summary>
    public IReadOnlyList<UpstreamOptions> Upstreams { get; init; } = [];

    /// <summary>Who asks, for a fair share: a device's name. The same text for all who share one share.</summary>
    public Func<HttpContext, string> CallerOf { get; init; } =
        static context => context.Connection.RemoteIpAddress?.ToString() ?? "";

    /// <summary>By the names of a caller and of one of its workloads, who is to answer by a plan; null where no plan
    /// says so, and <see cref="UpstreamOptions.When"/> decides.</summary>
    public Func<string, string, PlannedAnswerer?> PlanFor { get; init; } = static (_, _) => null;

    /// <summary>Whether the caller may load and unload models.</summary>
    public Func<HttpContext, bool> MayChange { get; init; } = static _ => false;

    /// <summary>Whether the caller may see counts that are over all who ask.</summary>
    public Func<HttpContext, bool> MaySeeCounts { get; init; } = static _ => true;

    /// <summary>Does what somebody asked for, with whatever is to be written down before and after: <c>model.load</c> or
    /// <c>model.unload</c>, and the model.</summary>
    public Func<HttpContext, string, string, Func<Task>, Task> Changes { get; init; } = static (_, _, _, work) => work();

    /// <summary>Told of each request to a loaded model: the model, the status code's name, the time in the
    /// server.</summary>
    public Action<string, string, TimeSpan> Count { get; init; } = static (_, _, _) => { };

    /// <summary>Told that a request to a model of this server begins, or ends; any thread, and quick: each request
    /// waits for it.</summary>
    public Action CallBegins { get; init; } = static () => { };

    /// <inheritdoc cref="CallBegins"/>
    public Action CallEnds { get; init; } = static () => { };

    /// <summary>Told of all work that was done, here or upstream; any thread.</summary>
    public Action<ServedWork> Meter { get; init; } = static _ => { };
}

/// <summary>Who is to answer a workload's requests, by a plan.</summary>
/// <param name="Pool">Name of an upstream pool; null for this server's own workers.</param>
public sealed record PlannedAnswerer(string? Pool);
