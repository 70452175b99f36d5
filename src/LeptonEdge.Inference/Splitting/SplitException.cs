namespace LeptonEdge.Inference.Splitting;

/// <summary>A model cannot be cut as asked; the message says why, and where it can be.</summary>
public sealed class SplitException(string message, Exception? inner = null) : Exception(message, inner);
