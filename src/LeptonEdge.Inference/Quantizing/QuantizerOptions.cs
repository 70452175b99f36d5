namespace LeptonEdge.Inference.Quantizing;

/// <summary>What a model's outputs are, and so how its accuracy is measured.</summary>
public enum AccuracyMeasure
{
    /// <summary>Classes where labels or shapes say so, values otherwise.</summary>
    Automatic,

    /// <summary>The highest output is the answer: share of right answers; of equal answers where there are no
    /// labels.</summary>
    Classes,

    /// <summary>Outputs are values: inverse of the error against labels; share of the outputs' variance that is kept
    /// where there are none.</summary>
    Values,
}

/// <summary>How a model is quantized. The defaults give the same answers on every processor.</summary>
public sealed record QuantizerOptions
{
    /// <summary>7: weights within ±64, so that processors that add pairs of products in 16 bits (AVX2 without VNNI)
    /// cannot saturate; 8: within ±127, for VNNI and ARM.</summary>
    public int WeightBits { get; init; } = 7;

    /// <summary>The least int8 accuracy over fp32's that is written, unless <see cref="AcceptLoss"/>.</summary>
    public double ShareMin { get; init; } = 0.99;

    /// <summary>Layers go back to float, the costliest first, until this share of fp32's accuracy is kept.</summary>
    public double ShareWanted { get; init; } = 0.995;

    public bool AcceptLoss { get; init; }

    public AccuracyMeasure Measure { get; init; } = AccuracyMeasure.Automatic;

    /// <summary>Windows that each trial of the search runs on, spread evenly over those given.</summary>
    public int SearchWindowsMax { get; init; } = 512;

    /// <summary>Trials that the choice of ranges may take; one builds and runs a whole model.</summary>
    public int RangeTrialsMax { get; init; } = 240;

    /// <exception cref="QuantizerException">A value is outside its limits.</exception>
    internal void Validate()
    {
        if (WeightBits is not (7 or 8))
            throw new QuantizerException($"weights of {WeightBits} bits: use 7 or 8");
        if (!(ShareMin is > 0 and <= 1) || !(ShareWanted is > 0 and <= 1))
            throw new QuantizerException("a share of accuracy is more than 0 and at most 1");
        if (SearchWindowsMax is < 1 or > 100_000 || RangeTrialsMax is < 0 or > 100_000)
            throw new QuantizerException("windows and trials of the search are at most 100,000");
    }
}
