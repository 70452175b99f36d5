using LeptonEdge.Core.Identity;

namespace LeptonEdge.Inference.Sessions;

/// <summary>What became of a request to a <see cref="ModelHost"/>.</summary>
public abstract record InferenceResult
{
    private InferenceResult()
    {
    }

    /// <summary>The outputs are in the caller's memory.</summary>
    /// <param name="Model">Name and version that answered.</param>
    /// <param name="Rows">Rows answered.</param>
    /// <param name="Elapsed">Time in the host, waiting for a free session included.</param>
    public sealed record Answered(ModelReference Model, int Rows, TimeSpan Elapsed) : InferenceResult;

    /// <summary>No such model, or another version of it, is loaded.</summary>
    public sealed record UnknownModel(string Name, string? Version) : InferenceResult;

    /// <summary>The input does not fit the model; the sentence says how.</summary>
    public sealed record BadInput(string Reason) : InferenceResult;

    /// <summary>As many callers as may are waiting already: try again after <paramref name="RetryAfter"/>.</summary>
    public sealed record Busy(TimeSpan RetryAfter) : InferenceResult;

    /// <summary>The model failed on this input, in ONNX Runtime's words.</summary>
    public sealed record Failed(string Reason) : InferenceResult;
}

/// <summary>One model of a <see cref="ModelHost"/>.</summary>
/// <param name="Provider">Execution provider that is asked first.</param>
/// <param name="Waiting">Callers waiting for a free session.</param>
/// <param name="Requests">Requests answered by this version.</param>
/// <param name="P50">Median time of a request, waiting included.</param>
/// <param name="P99">99th percentile of the same.</param>
public sealed record HostedModel(
    ModelReference Model, Bundles.ModelManifest Manifest, Bundles.ModelVariant Variant, string Provider, int Waiting,
    long Requests, TimeSpan P50, TimeSpan P99);
