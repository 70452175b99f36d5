using System.ComponentModel.DataAnnotations;

namespace LeptonEdge.Inference.Profiling;

/// <summary>How a model is profiled.</summary>
public sealed record ProfilerOptions
{
    /// <summary>Runs that are measured; null: as many as take about a second, 10 to 500.</summary>
    [Range(1, 100_000)]
    public int? Runs { get; init; }

    /// <summary>Threads within one operator.</summary>
    [Range(1, 64)]
    public int Threads { get; init; } = 1;

    /// <summary>Size of the inputs' first dimension, where that is free.</summary>
    [Range(1, 4096)]
    public int Rows { get; init; } = 1;

    /// <summary>Shapes of inputs by name, for those that leave more than the first dimension free.</summary>
    public IReadOnlyDictionary<string, long[]> Shapes { get; init; } = new Dictionary<string, long[]>();

    /// <exception cref="ArgumentOutOfRangeException">A value is outside its limits.</exception>
    internal void Validate()
    {
        if (Runs is < 1 or > 100_000)
            throw new ArgumentOutOfRangeException(nameof(Runs), Runs, "use 1 to 100,000 runs");
        if (Threads is < 1 or > 64)
            throw new ArgumentOutOfRangeException(nameof(Threads), Threads, "use 1 to 64 threads");
        if (Rows is < 1 or > 4096)
            throw new ArgumentOutOfRangeException(nameof(Rows), Rows, "use 1 to 4,096 rows");
    }
}

/// <summary>A model cannot be profiled; the message says why.</summary>
public sealed class ProfilerException(string message, Exception? inner = null) : Exception(message, inner);
