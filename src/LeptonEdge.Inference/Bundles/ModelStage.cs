using LeptonEdge.Core.Identity;
using LeptonEdge.Inference.Tensors;

namespace LeptonEdge.Inference.Bundles;

/// <summary>What a manifest says of a stage: a part of a split model.</summary>
/// <param name="Whole">The model that was split.</param>
/// <param name="Index">1: takes the whole's input and gives what crosses the cut; 2: takes that and gives the whole's
/// output.</param>
/// <param name="Cut">What crosses, in order, by variant. A tensor of the name of the whole's input is that
/// input: the first stage hands it on as it is.</param>
public sealed record ModelStage(
    ModelReference Whole, int Index, IReadOnlyDictionary<ModelVariant, IReadOnlyList<TensorSpec>> Cut)
{
    /// <summary>Most tensors that cross a cut.</summary>
    public const int TensorsMax = 64;

    /// <summary>Most bytes of one row of what crosses.</summary>
    public const long BytesMax = 64L << 20;

    /// <summary>The variant that both ends run: they must agree, and int8 crosses in a quarter of the bytes.</summary>
    public ModelVariant Variant => Cut.ContainsKey(ModelVariant.Int8) ? ModelVariant.Int8 : ModelVariant.Fp32;

    /// <summary>Bytes that cross for one row.</summary>
    public static long BytesOf(IEnumerable<TensorSpec> cut) => cut.Sum(tensor =>
        tensor.Shape.Aggregate((long)tensor.Type.ElementBytes(), (product, dim) => product * Math.Max(dim, 1)));

    /// <summary>Name of the bundle that holds a stage of a model.</summary>
    /// <exception cref="FormatException">The name grows too long.</exception>
    public static ModelReference NameOf(ModelReference whole, int index) =>
        new($"{whole.Name}-stage{index}", whole.Version);
}
