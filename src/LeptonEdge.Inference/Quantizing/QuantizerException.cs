namespace LeptonEdge.Inference.Quantizing;

/// <summary>A model cannot be quantized as asked. The message names the file or tensor, and what to do.</summary>
public sealed class QuantizerException(string message, Exception? inner = null) : Exception(message, inner);
