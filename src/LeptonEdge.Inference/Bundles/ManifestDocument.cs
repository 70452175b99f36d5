using System.Text.Json;
using System.Text.Json.Serialization;
using LeptonEdge.Core.Signals;

namespace LeptonEdge.Inference.Bundles;

/// <summary>manifest.json as it is written, before anything is known of it: every field may be missing.</summary>
internal sealed record ManifestDocument
{
    public int? Schema { get; init; }

    public string? Name { get; init; }

    public string? Version { get; init; }

    public string? Description { get; init; }

    public string? Task { get; init; }

    public string? Licence { get; init; }

    public Dictionary<string, FileDocument?>? Files { get; init; }

    public TensorDocument? Input { get; init; }

    public TensorDocument? Output { get; init; }

    public List<string?>? Classes { get; init; }

    public ScoreDocument? Score { get; init; }

    public double? SampleRateHz { get; init; }

    public int? WindowSamples { get; init; }

    public List<string?>? Channels { get; init; }

    public List<TransformSpec>? Transforms { get; init; }

    public JsonElement? Metrics { get; init; }

    public StageDocument? Stage { get; init; }
}

internal sealed record StageDocument
{
    public string? Of { get; init; }

    public int? Index { get; init; }

    public Dictionary<string, List<TensorDocument?>?>? Cut { get; init; }
}

internal sealed record FileDocument
{
    public string? Path { get; init; }

    public string? Sha256 { get; init; }

    public long? Bytes { get; init; }
}

internal sealed record TensorDocument
{
    public string? Name { get; init; }

    public string? Type { get; init; }

    public List<int>? Shape { get; init; }
}

internal sealed record ScoreDocument
{
    public string? Kind { get; init; }

    public float? Threshold { get; init; }

    public string? NormalClass { get; init; }

    public int? Index { get; init; }
}

[JsonSerializable(typeof(ManifestDocument))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, ReadCommentHandling = JsonCommentHandling.Skip)]
internal sealed partial class ManifestJson : JsonSerializerContext;
