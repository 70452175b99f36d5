namespace LeptonEdge.Inference.Graphs;

/// <summary>A model cannot be used. The message is the reason, to be put behind the file's name.</summary>
public sealed class ModelException(string reason, Exception? inner = null) : Exception(reason, inner);
