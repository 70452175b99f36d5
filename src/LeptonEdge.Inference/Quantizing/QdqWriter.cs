using System.Runtime.InteropServices;
using LeptonEdge.Inference.Graphs;
using LeptonEdge.Inference.Graphs.Onnx;

namespace LeptonEdge.Inference.Quantizing;

/// <summary>Writes the int8 model: pairs of QuantizeLinear and DequantizeLinear around what runs in int8.</summary>
internal sealed class QdqWriter
{
    private readonly PlainModel _from;
    private readonly LayerPlan _plan;
    private readonly IReadOnlyDictionary<string, ActivationRange> _ranges;
    private readonly int _limit;
    private readonly GraphProto _graph = new();
    private readonly HashSet<string> _constants = [];

    private QdqWriter(
        PlainModel from, LayerPlan plan, IReadOnlyDictionary<string, ActivationRange> ranges, int weightBits)
    {
        (_from, _plan, _ranges) = (from, plan, ranges);

        // 7 bits include −64 and 64: twice 255 · 64 still fits a signed 16-bit sum.
        _limit = weightBits == 7 ? 64 : 127;
    }

    /// <summary>The int8 model.</summary>
    /// <param name="from">The fp32 model.</param>
    /// <param name="plan">What runs in int8.</param>
    /// <param name="ranges">Range of each tensor that is a root of the plan.</param>
    /// <param name="weightBits">7 or 8.</param>
    public static ModelProto Write(
        PlainModel from, LayerPlan plan, IReadOnlyDictionary<string, ActivationRange> ranges, int weightBits) =>
        new QdqWriter(from, plan, ranges, weightBits).Write();

    private ModelProto Write()
    {
        var model = _from.Model.Clone();
        foreach (var input in _from.Inputs)
            Pair(input.Name, input.Name);
        foreach (var node in _from.Order)
        {
            if (!_plan.IsFolded(node))
                Emit(node);
        }

        model.Graph.Node.Clear();
        model.Graph.Node.Add(_graph.Node);
        model.Graph.Initializer.Add(_graph.Initializer);
        new GraphEditor(model.Graph).Prune();
        return model;
    }

    private void Emit(NodeProto original)
    {
        var node = original.Clone();
        var runsInInt8 = _plan.IsInt8(original);
        for (var i = 0; i < node.Input.Count; i++)
            node.Input[i] = Read(node.Input[i], runsInInt8);
        var output = runsInInt8 ? Landing(original) : original.Output[0];
        if (runsInInt8 && LayerRules.IsLayer(original, _from) && _from.Constant(original.Input[1]) is { } weights)
            QuantizeWeights(node, original, weights);
        else if (runsInInt8 && original.OpType is "Add" or "Mul")
            QuantizeOperand(node, original);
        var made = _plan.Roots.ContainsKey(output) && _from.IsOutput(output) ? $"{output}/float" : output;
        node.Output[0] = made;
        _graph.Node.Add(node);
        foreach (var name in new[] { output }.Concat(original.Output.Skip(1)))
            Pair(name, name == output ? made : name);
    }

    private string Landing(NodeProto node)
    {
        var (tensor, folded) = LayerRules.Landing(node, _from);
        return folded is null || !_plan.IsFolded(folded) ? node.Output[0] : tensor;
    }

    /// <summary>What a node reads: the pair's other end, unless it computes in float on what was made in
    /// float.</summary>
    private string Read(string tensor, bool inInt8)
    {
        if (!_plan.Roots.ContainsKey(tensor))
            return tensor;
        var madeInInt8 = _from.Producer(tensor) is { } producer
            && (_plan.IsInt8(producer) || _plan.IsFolded(producer));
        return inInt8 || madeInInt8 ? Dequantized(tensor) : tensor;
    }

    private string Dequantized(string tensor) => _from.IsOutput(tensor) ? tensor : $"{tensor}/dq";

    private void Pair(string tensor, string made)
    {
        if (!_plan.Roots.TryGetValue(tensor, out var root))
            return;
        var (scale, zero) = Parameters(root);
        _graph.Node.Add(Protos.Node("QuantizeLinear", [made, scale, zero], $"{tensor}/q"));
        _graph.Node.Add(Protos.Node("DequantizeLinear", [$"{tensor}/q", scale, zero], Dequantized(tensor)));
    }

    private (string Scale, string Zero) Parameters(string root)
    {
        var (scale, zero) = ($"{root}/scale", $"{root}/zero");
        if (_constants.Add(root))
        {
            _graph.Initializer.Add(Protos.Floats(scale, [_ranges[root].Scale]));
            _graph.Initializer.Add(Protos.Tensor(zero, ElementType.UInt8, [], [_ranges[root].Zero]));
        }

        return (scale, zero);
    }

    private void QuantizeWeights(NodeProto node, NodeProto original, TensorProto weights)
    {
        var isConv = original.OpType == "Conv";
        var channels = (int)weights.Dims[isConv ? 0 : 1];
        var biasName = original.Input.Count > 2 ? original.Input[2] : "";
        var bias = biasName.Length > 0 ? GraphEditor.Floats(_from.Constant(biasName)!) : null;
        var layer = WeightQuantizer.Quantize(
            GraphEditor.Floats(weights)!, channels, isConv, bias,
            _ranges[_plan.Roots[original.Input[0]]].Scale, _limit);
        var name = original.Output[0];
        node.Input[1] = Constant(
            $"{name}/w", ElementType.Int8, MemoryMarshal.AsBytes<sbyte>(layer.Weights), [.. weights.Dims],
            layer.Scales, new byte[channels], isConv ? 0 : 1);
        if (layer.Bias is not null)
            node.Input[2] = Constant(
                $"{name}/b", ElementType.Int32, MemoryMarshal.AsBytes<int>(layer.Bias), [channels], layer.BiasScales,
                new byte[channels * sizeof(int)], 0);
    }

    /// <summary>The constant side of a sum or product, over its own range.</summary>
    private void QuantizeOperand(NodeProto node, NodeProto original)
    {
        for (var i = 0; i < node.Input.Count; i++)
        {
            if (_from.Constant(original.Input[i]) is not { } constant)
                continue;
            var values = GraphEditor.Floats(constant)!;
            var range = ActivationRange.Of("min-max", values.Min(), values.Max());
            var whole = Array.ConvertAll(values, value => (byte)Math.Clamp(
                MathF.Round(value / range.Scale) + range.Zero, 0, 255));
            node.Input[i] = Constant(
                $"{original.Output[0]}/c{i}", ElementType.UInt8, whole, [.. constant.Dims], [range.Scale], [range.Zero],
                null);
        }
    }

    private string Constant(
        string name, ElementType element, ReadOnlySpan<byte> raw, long[] dims, float[] scales, byte[] zeros, int? axis)
    {
        long[] scaleDims = axis is null ? [] : [scales.Length];
        _graph.Initializer.Add(Protos.Tensor($"{name}q", element, dims, raw));
        _graph.Initializer.Add(Protos.Floats($"{name}s", scales, scaleDims));
        _graph.Initializer.Add(Protos.Tensor($"{name}z", element, scaleDims, zeros));
        _graph.Node.Add(axis is { } along
            ? Protos.Node("DequantizeLinear", [$"{name}q", $"{name}s", $"{name}z"], name, ("axis", (long)along))
            : Protos.Node("DequantizeLinear", [$"{name}q", $"{name}s", $"{name}z"], name));
        return name;
    }
}
