namespace LeptonEdge.Inference.Graphs;

/// <summary>Shapes of convolutions and pooling: (N, C, and one or more dimensions of space).</summary>
internal static class SpatialShapes
{
    public static TensorType? Conv(NodeTypes node)
    {
        node.SameElement(0, 1);
        var (input, weight) = (node.Dims(0), node.Dims(1));
        if (input is null || weight is null)
            return null;
        if (input.Count != weight.Count || input.Count < 3)
            throw node.Fault($"reads {node.Type(0)!.Shape} with weights {node.Type(1)!.Shape}: the ranks must agree, "
                + "and be 3 or more");
        var group = node.Node.Int("group", 1);
        if (group < 1 || (weight[1].IsFixed && input[1].IsFixed && input[1].Value != GraphTensor.Product(
            weight[1].Value, group)) || (weight[0].IsFixed && weight[0].Value % group != 0))
        {
            throw node.Fault($"reads {node.Type(0)!.Shape} with weights {node.Type(1)!.Shape} in {group} groups: the "
                + "channels do not fit");
        }

        if (node.Dims(2) is { } bias && (bias.Count != 1
            || (bias[0].IsFixed && weight[0].IsFixed && bias[0].Value != weight[0].Value)))
        {
            throw node.Fault($"has a bias {node.Type(2)!.Shape} for {weight[0]} channels");
        }

        var kernel = weight.Skip(2).ToArray();
        if (node.Node.Ints("kernel_shape") is { } stated && (stated.Count != kernel.Length
            || stated.Zip(kernel).Any(pair => pair.Second.IsFixed && pair.First != pair.Second.Value)))
        {
            throw node.Fault($"says kernel_shape [{string.Join(", ", stated)}], but its weights are "
                + node.Type(1)!.Shape);
        }

        return new TensorType(node.Type(0)!.Element, [input[0], weight[0], .. Space(node, input, kernel)]);
    }

    public static TensorType? Pool(NodeTypes node)
    {
        if (node.Dims(0) is not { } input)
            return null;
        if (node.Node.Ints("kernel_shape") is not { } kernel || kernel.Count != input.Count - 2)
            throw node.Fault($"has no kernel_shape for {node.Type(0)!.Shape}");
        return new TensorType(
            node.Type(0)!.Element,
            [input[0], input[1], .. Space(node, input, [.. kernel.Select(size => new Dimension(size))])]);
    }

    public static TensorType? GlobalPool(NodeTypes node)
    {
        if (node.Dims(0) is not { } input)
            return null;
        if (input.Count < 3)
            throw node.Fault($"pools {node.Type(0)!.Shape}, which has no space");
        return new TensorType(
            node.Type(0)!.Element, [input[0], input[1], .. Enumerable.Repeat(new Dimension(1), input.Count - 2)]);
    }

    public static TensorType? BatchNormalization(NodeTypes node)
    {
        if (node.Dims(0) is [_, { IsFixed: true } channels, ..])
        {
            for (var i = 1; i <= 4; i++)
            {
                if (node.Dims(i) is { } dims && (dims.Count != 1 || (dims[0].IsFixed && dims[0] != channels)))
                    throw node.Fault($"has {node.Type(i)!.Shape} for {channels} channels");
            }
        }

        return node.Type(0);
    }

    private static IEnumerable<Dimension> Space(
        NodeTypes node, IReadOnlyList<Dimension> input, IReadOnlyList<Dimension> kernel)
    {
        var rank = kernel.Count;
        var strides = List(node, "strides", rank, 1);
        var dilations = List(node, "dilations", rank, 1);
        var pads = List(node, "pads", 2 * rank, 0);
        var automatic = node.Node.Text("auto_pad") ?? "NOTSET";
        for (var i = 0; i < rank; i++)
        {
            if (strides[i] < 1 || dilations[i] < 1 || (kernel[i].IsFixed && kernel[i].Value < 1))
                throw node.Fault("has a stride, dilation or kernel below 1");
            yield return Size(node, input[i + 2], kernel[i], strides[i], dilations[i], pads[i] + pads[i + rank],
                automatic);
        }
    }

    private static Dimension Size(
        NodeTypes node, Dimension input, Dimension kernel, long stride, long dilation, long pad, string automatic)
    {
        if (!input.IsFixed || !kernel.IsFixed)
            return Dimension.Unknown;
        if (automatic.StartsWith("SAME", StringComparison.Ordinal))
            return (input.Value + stride - 1) / stride;
        if (kernel.Value > GraphTensor.ElementsMax || input.Value > GraphTensor.ElementsMax)
            throw node.Fault($"has a kernel of {kernel.Value} over {input.Value} values");
        var reach = ((kernel.Value - 1) * dilation) + 1;
        var room = input.Value + (automatic == "VALID" ? 0 : pad) - reach;
        if (room < 0)
            throw node.Fault($"has a kernel that reaches over {reach} values where there are {input.Value + pad}");

        // Whether the last, partial window counts changed between operator sets.
        return node.Node.Int("ceil_mode", 0) != 0 ? Dimension.Unknown : (room / stride) + 1;
    }

    private static IReadOnlyList<long> List(NodeTypes node, string attribute, int count, long otherwise)
    {
        var values = node.Node.Ints(attribute);
        if (values is null or { Count: 0 })
            return [.. Enumerable.Repeat(otherwise, count)];
        return values.Count == count && values.All(value => Math.Abs(value) <= GraphTensor.ElementsMax)
            ? values
            : throw node.Fault($"has {attribute} [{string.Join(", ", values)}]; {count} numbers are needed");
    }
}
