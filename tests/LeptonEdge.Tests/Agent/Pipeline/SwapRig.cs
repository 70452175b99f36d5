using System.Text.Json.Nodes;
using LeptonEdge.Agent.Configuration;
using LeptonEdge.Agent.Metering;
using LeptonEdge.Agent.Offload;
using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Core.Identity;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Tests.Inference;
using LeptonEdge.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace LeptonEdge.Tests.Agent.Pipeline;

/// <summary>A workload on windows of 4 samples, and a models folder: m/1 finds everything "normal", m/2 "ball", and
/// m/wide "ball" too, from another input.</summary>
internal sealed class SwapRig : IDisposable
{
    public static readonly float[] Window = [0.5f, -0.25f, 0.75f, 1];

    private readonly TempFolder _folder = new();
    private readonly InferenceLane _lane =
        new(new LaneSettings { Nice = 0 }, TimeProvider.System, NullLogger<InferenceLane>.Instance);
    private readonly InferenceRouter _router;

    public SwapRig()
    {
        Write("1", Saying(5, 0));
        Write("2", Saying(0, 5));
        Write("wide", TinyOnnx.Gemm(new float[4, 2], [0, 5], relu: false), manifest =>
        {
            manifest["input"] = TestBundle.Tensor("input", 4);
            manifest["transforms"] = new JsonArray(new JsonObject { ["kind"] = "detrend", ["order"] = 0 });
        });
        Models = new LocalModels(
            _folder.Path, new LaneSettings(), new UsageMeter(default, TimeProvider.System),
            NullLogger<LocalModels>.Instance);
        _router = new InferenceRouter(_lane, TimeProvider.System, NullLogger<InferenceRouter>.Instance);
        Workload = NewWorkload();
        _lane.Start();
    }

    public LocalModels Models { get; }

    public WorkloadRunner Workload { get; }

    public PipelineQueue Queue { get; } = new(TimeProvider.System, NullLogger<PipelineQueue>.Instance);

    public WorkloadRunner NewWorkload()
    {
        var id = new WorkloadId("bearing");
        var first = new ModelReference("m", "1");
        var workload = new WorkloadRunner(
            new WorkloadConfiguration { Id = id, Channels = ["drive-end"], Model = first },
            new ChannelName("drive-end"), Models.Load(id, ModelBundle.Load(_folder.Path, first)), null, Queue, TimeProvider.System,
            NullLogger<WorkloadRunner>.Instance);
        workload.Connect(_router);
        return workload;
    }

    public static byte[] Saying(float normal, float ball) =>
        TinyOnnx.Gemm(new float[3, 2], [normal, ball], relu: false);

    public string Write(string version, byte[] model, Action<JsonObject>? spoil = null) => TestBundle.Write(
        Path.Combine(_folder.Path, "m", version),
        manifest =>
        {
            (manifest["name"], manifest["version"]) = ("m", version);
            spoil?.Invoke(manifest);
        },
        model);

    public void Take(long timeMicros) => Workload.Take(Window, timeMicros, TimeProvider.System.GetTimestamp());

    public async Task<PipelineItem> TakeAsync(long timeMicros)
    {
        Take(timeMicros);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        return await Queue.Reader.ReadAsync(patience.Token);
    }

    public void Dispose()
    {
        _lane.Stop(TimeSpan.FromSeconds(5));
        _router.Dispose();
        Workload.Dispose();
        _folder.Dispose();
    }
}
