using LeptonEdge.Inference.Tensors;

namespace LeptonEdge.Serving.Models;

/// <summary>What a request is read against: a model's tensors, wherever it runs.</summary>
/// <param name="RowsMax">Rows of one request; 0 where the first dimension is like any other.</param>
public sealed record ModelSignature(
    string Name, string Version, IReadOnlyList<TensorSpec> Inputs, IReadOnlyList<TensorSpec> Outputs, int RowsMax)
{
    public IReadOnlyList<string> OutputNames { get; } = [.. Outputs.Select(output => output.Name)];

    /// <summary>NaN and infinity are refused: the model is a bundle, whose inputs are measurements.</summary>
    public bool TakesFiniteOnly { get; init; }

    /// <summary>Another server runs it, which judges texts and left-out inputs by itself.</summary>
    public bool IsRemote { get; init; }

    /// <summary>NAME/VERSION, for messages.</summary>
    public override string ToString() => Version.Length == 0 ? Name : $"{Name}/{Version}";
}
