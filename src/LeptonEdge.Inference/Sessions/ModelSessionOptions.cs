using System.ComponentModel.DataAnnotations;
using LeptonEdge.Inference.Bundles;

namespace LeptonEdge.Inference.Sessions;

/// <summary>How a model is loaded. The defaults suit a small device: one thread, little memory.</summary>
public sealed record ModelSessionOptions
{
    /// <summary>The variant to load; where the bundle lacks it, the other one is.</summary>
    public ModelVariant Variant { get; init; } = ModelVariant.Int8;

    /// <summary>Threads within one operator. One needs no thread pool, and never spins.</summary>
    [Range(1, 64)]
    public int Threads { get; init; } = 1;

    /// <summary>Execution providers in order of wish, by ONNX Runtime's names, such as TensorRT, CUDA or VitisAI. One
    /// that this machine lacks is passed over, and the reason kept; the CPU is always last.</summary>
    public IReadOnlyList<string> ExecutionProviders { get; init; } = [];

    /// <summary>Rows that one run takes at most, where the model leaves the number free.</summary>
    [Range(1, 1024)]
    public int RowsMax { get; init; } = 1;

    /// <summary>Path and first part of the name of a profile of each operator; null: no profile.</summary>
    public string? ProfilePrefix { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">A value is outside its limits.</exception>
    internal void Validate()
    {
        if (Threads is < 1 or > 64)
            throw new ArgumentOutOfRangeException(nameof(Threads), Threads, "use 1 to 64 threads");
        if (RowsMax is < 1 or > 1024)
            throw new ArgumentOutOfRangeException(nameof(RowsMax), RowsMax, "use 1 to 1024 rows");
    }
}
