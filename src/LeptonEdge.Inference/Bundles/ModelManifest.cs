using System.Text.Json;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Signals;

namespace LeptonEdge.Inference.Bundles;

/// <summary>What a model finds.</summary>
public enum ModelTask
{
    /// <summary>One of several classes; the output holds one value for each.</summary>
    Classification,

    /// <summary>How far a window is from normal.</summary>
    Anomaly,
}

/// <summary>Which of a bundle's models.</summary>
public enum ModelVariant
{
    /// <summary>Quantized: weights and activations of 8 bits.</summary>
    Int8,

    /// <summary>As trained: 32-bit floating point.</summary>
    Fp32,
}

/// <summary>One model file of a bundle.</summary>
/// <param name="FileName">Plain name within the bundle's folder.</param>
/// <param name="Sha256">32 bytes.</param>
/// <param name="Bytes">Size of the file.</param>
public sealed record ModelFile(string FileName, ReadOnlyMemory<byte> Sha256, long Bytes);

/// <summary>A model's input or output: float32, shape (1, <paramref name="Width"/>).</summary>
public sealed record ModelTensor(string Name, int Width);

/// <summary>What a bundle says of its model. One that exists is consistent in itself; its files are checked by
/// <see cref="ModelBundle.Load"/>.</summary>
public sealed record ModelManifest
{
    /// <summary>The manifest format that this release reads.</summary>
    public const int SchemaSupported = 1;

    /// <summary>Largest manifest, bytes.</summary>
    public const int BytesMax = 1 << 20;

    /// <summary>Largest model file, bytes.</summary>
    public const long ModelBytesMax = 512L << 20;

    /// <summary>Widest input or output, values.</summary>
    public const int WidthMax = 1 << 20;

    public required ModelReference Reference { get; init; }

    public required string Description { get; init; }

    public required string Licence { get; init; }

    public required ModelTask Task { get; init; }

    /// <summary>The models, one or both variants.</summary>
    public required IReadOnlyDictionary<ModelVariant, ModelFile> Files { get; init; }

    public required ModelTensor Input { get; init; }

    public required ModelTensor Output { get; init; }

    /// <summary>Names of the outputs, in order, for a classification; empty for an anomaly model.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>How input and output become a label and a score.</summary>
    public required ScoreRule Score { get; init; }

    /// <summary>Rate of the samples in a window; 1 where the model takes one value of each channel.</summary>
    public required double SampleRateHz { get; init; }

    /// <summary>Samples of one window of one channel; 1 where the model takes one value of each channel.</summary>
    public required int WindowSamples { get; init; }

    /// <summary>The channels whose values are put one after another; empty: any one channel.</summary>
    public required IReadOnlyList<ChannelName> Channels { get; init; }

    /// <summary>From the window to the model's input.</summary>
    public required IReadOnlyList<TransformSpec> Transforms { get; init; }

    /// <summary>Accuracy and the like, as the training run wrote it.</summary>
    public required JsonElement? Metrics { get; init; }

    /// <summary>Which part of a split model this is; null for a whole one. Input, transforms, output, classes and score
    /// are those of the whole in either stage, so that either tells how the pair is used.</summary>
    public ModelStage? Stage { get; init; }

    /// <summary>Values that the transforms start from: samples of all channels.</summary>
    public int TransformSamples => WindowSamples * Math.Max(Channels.Count, 1);

    /// <summary>The transforms, ready to run, for one thread.</summary>
    public TransformChain CreateTransforms() => TransformChain.Create(Transforms, TransformSamples, SampleRateHz);

    /// <summary>Reads a manifest from its JSON.</summary>
    /// <param name="json">UTF-8, at most <see cref="BytesMax"/> bytes.</param>
    /// <param name="folder">Named in the exception.</param>
    /// <exception cref="ModelBundleException">Every fault, each with its field.</exception>
    public static ModelManifest Parse(ReadOnlySpan<byte> json, string folder)
    {
        if (json.Length > BytesMax)
            throw new ModelBundleException(
                folder, [$"{ModelBundle.ManifestName}: larger than {BytesMax} bytes"]);
        try
        {
            var document = JsonSerializer.Deserialize(json, ManifestJson.Default.ManifestDocument)
                ?? throw new JsonException("the file holds 'null'");
            return new ManifestReader(document).Read(folder);
        }
        catch (JsonException e)
        {
            throw new ModelBundleException(
                folder, [$"{ModelBundle.ManifestName}: not a manifest at {e.Path ?? "$"}: {e.Message}"], e);
        }
    }
}
