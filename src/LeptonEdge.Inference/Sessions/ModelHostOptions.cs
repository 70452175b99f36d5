using System.ComponentModel.DataAnnotations;

namespace LeptonEdge.Inference.Sessions;

/// <summary>Limits of a <see cref="ModelHost"/>.</summary>
public sealed record ModelHostOptions
{
    /// <summary>Requests that one model works on at once; each has its own buffers, all share the weights.</summary>
    [Range(1, 256)]
    public int SessionsPerModel { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 256);

    /// <summary>Callers that may wait for one model; further ones are refused at once.</summary>
    [Range(0, 65536)]
    public int WaitingMax { get; init; } = 256;

    /// <summary>Rows of one request.</summary>
    [Range(1, 65536)]
    public int RowsPerRequestMax { get; init; } = 1024;

    /// <summary>Models loaded at the same time.</summary>
    [Range(1, 1024)]
    public int ModelsMax { get; init; } = 64;

    /// <exception cref="ArgumentOutOfRangeException">A value is outside its limits.</exception>
    internal void Validate()
    {
        Check(nameof(SessionsPerModel), SessionsPerModel, 1, 256);
        Check(nameof(WaitingMax), WaitingMax, 0, 65536);
        Check(nameof(RowsPerRequestMax), RowsPerRequestMax, 1, 65536);
        Check(nameof(ModelsMax), ModelsMax, 1, 1024);
    }

    private static void Check(string name, int value, int min, int max)
    {
        if (value < min || value > max)
            throw new ArgumentOutOfRangeException(name, value, $"use {min} to {max}");
    }
}
