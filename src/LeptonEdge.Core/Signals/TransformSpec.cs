using System.Text.Json.Serialization;

namespace LeptonEdge.Core.Signals;

/// <summary>One step from a window to a model's input, as a manifest or a configuration file states it. Only the
/// fields that its kind takes may be given; <see cref="TransformChain.Create"/> says which are missing or too
/// many.</summary>
public sealed record TransformSpec
{
    /// <summary>One of <see cref="TransformKinds"/>.</summary>
    [JsonPropertyName("kind")]
    public required string Kind { get; init; }

    /// <summary>detrend: 0 takes the mean away, 1 the least-squares line.</summary>
    [JsonPropertyName("order")]
    public int? Order { get; init; }

    /// <summary>window: the function's name, "hann".</summary>
    [JsonPropertyName("function")]
    public string? Function { get; init; }

    /// <summary>log, rms_normalise, robust_normalise: added before the logarithm, or to the divisor; in the values'
    /// unit.</summary>
    [JsonPropertyName("epsilon")]
    public double? Epsilon { get; init; }

    /// <summary>robust_normalise: how far from 0 a result may lie; what is further off reads as this.</summary>
    [JsonPropertyName("limit")]
    public double? Limit { get; init; }

    /// <summary>standardise: what is taken away, one for all values or one for each.</summary>
    [JsonPropertyName("mean")]
    public IReadOnlyList<float>? Mean { get; init; }

    /// <summary>standardise: what is divided by afterwards (a standard deviation), one for all values or one for
    /// each.</summary>
    [JsonPropertyName("scale")]
    public IReadOnlyList<float>? Scale { get; init; }

    /// <summary>take: index of the first value kept.</summary>
    [JsonPropertyName("start")]
    public int? Start { get; init; }

    /// <summary>take: how many values are kept.</summary>
    [JsonPropertyName("count")]
    public int? Count { get; init; }

    /// <summary>envelope: lowest frequency of the band, hertz.</summary>
    [JsonPropertyName("low_hz")]
    public double? LowHz { get; init; }

    /// <summary>envelope: highest frequency of the band, hertz.</summary>
    [JsonPropertyName("high_hz")]
    public double? HighHz { get; init; }

    /// <summary>mean_pool: how many neighbouring values become their mean.</summary>
    [JsonPropertyName("size")]
    public int? Size { get; init; }

    /// <summary>concat: chains that all start from the same input; their results are put one after another.</summary>
    [JsonPropertyName("branches")]
    public IReadOnlyList<IReadOnlyList<TransformSpec>>? Branches { get; init; }
}
