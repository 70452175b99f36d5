namespace LeptonEdge.Inference.Splitting;

/// <summary>Where a model is cut in two: what is after the cut needs only what crosses.</summary>
/// <param name="Tensors">The tensors that the second stage takes from the first.</param>
/// <param name="Inputs">The model's own inputs that the second stage reads too, so that they cross as well.</param>
/// <param name="Head">Places in the file of the first stage's nodes, in the order of running.</param>
/// <param name="Tail">Places in the file of the second stage's nodes, in the order of running.</param>
/// <param name="HeadOutputs">The model's outputs that the first stage makes.</param>
/// <param name="TailOutputs">The model's outputs that the second stage makes.</param>
/// <remarks>What depends on no input, such as weights that are dequantized, stands in both.</remarks>
public sealed record ModelCut(
    IReadOnlyList<string> Tensors, IReadOnlyList<string> Inputs, IReadOnlyList<int> Head, IReadOnlyList<int> Tail,
    IReadOnlyList<string> HeadOutputs, IReadOnlyList<string> TailOutputs)
{
    /// <summary>All that crosses: tensors, then inputs.</summary>
    public IEnumerable<string> Crossing => Tensors.Concat(Inputs);
}
