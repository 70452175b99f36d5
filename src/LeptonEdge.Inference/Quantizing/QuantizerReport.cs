namespace LeptonEdge.Inference.Quantizing;

/// <summary>One layer of the quantized model.</summary>
/// <param name="Layer">Name of its output.</param>
/// <param name="Operator">ONNX operator.</param>
/// <param name="Runs">"int8"; "folded" into the range of what it reads; "float", left there for accuracy; or "float
/// only", because it has no int8 form or nothing around it has.</param>
/// <param name="Range">How the range of its result was found; null where that is not quantized.</param>
/// <param name="Low">Lowest value of that range.</param>
/// <param name="High">Highest value of that range.</param>
/// <param name="Noise">Squared error that this layer alone in int8 makes at the output, over the output's variance;
/// null where it was not measured.</param>
public sealed record LayerReport(
    string Layer, string Operator, string Runs, string? Range, float? Low, float? High, double? Noise);

/// <summary>What quantizing did.</summary>
/// <param name="Measure">What accuracy is here, in words.</param>
/// <param name="Windows">Windows that it was measured on.</param>
/// <param name="Fp32">fp32's.</param>
/// <param name="Int8">int8's.</param>
/// <param name="Share">int8's over fp32's; for errors fp32's over int8's.</param>
/// <param name="Noise">Squared difference of the outputs over fp32's variance.</param>
/// <param name="Fp32Bytes">Size of the fp32 model.</param>
/// <param name="Int8Bytes">Size of the int8 model.</param>
/// <param name="Layers">Every layer, in the order in which they run.</param>
public sealed record QuantizerReport(
    string Measure, int Windows, double Fp32, double Int8, double Share, double Noise, long Fp32Bytes, long Int8Bytes,
    IReadOnlyList<LayerReport> Layers);

/// <summary>An int8 model, and what making it did.</summary>
/// <param name="Model">The file's bytes.</param>
/// <param name="Report">Figures.</param>
/// <param name="KeepsAccuracy">Whether the share asked for is kept; if not, the model is not to be used unless loss is
/// accepted.</param>
public sealed record QuantizedModel(byte[] Model, QuantizerReport Report, bool KeepsAccuracy);

/// <summary>How far quantizing has come.</summary>
/// <param name="Stage">What is being done.</param>
/// <param name="Share">Part of it that is done, 0 to 1.</param>
public readonly record struct QuantizerProgress(string Stage, double Share);
