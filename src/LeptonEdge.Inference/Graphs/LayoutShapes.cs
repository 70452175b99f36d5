namespace LeptonEdge.Inference.Graphs;

/// <summary>Shapes of operators that only move or join values.</summary>
internal static class LayoutShapes
{
    public static TensorType? Concat(NodeTypes node)
    {
        var parts = Enumerable.Range(0, node.Node.Inputs.Count).Select(node.Dims).ToArray();
        if (parts.Length == 0 || parts.Any(part => part is null))
            return null;
        var first = parts[0]!;
        var axis = node.Axis(node.Node.Int("axis", 0), first.Count);
        var dims = first.ToArray();
        for (var i = 1; i < parts.Length; i++)
        {
            node.SameElement(0, i);
            if (parts[i]!.Count != first.Count)
                throw node.Fault($"joins {node.Type(0)!.Shape} and {node.Type(i)!.Shape}: the ranks differ");
            for (var at = 0; at < dims.Length; at++)
            {
                var (ours, theirs) = (dims[at], parts[i]![at]);
                if (at != axis && ours.IsFixed && theirs.IsFixed && ours.Value != theirs.Value)
                    throw node.Fault($"joins {node.Type(0)!.Shape} and {node.Type(i)!.Shape} along axis {axis}: "
                        + $"{ours} and {theirs} differ");
                if (at == axis)
                    dims[at] = ours.IsFixed && theirs.IsFixed
                        ? Math.Min(ours.Value + theirs.Value, long.MaxValue / 2) : Dimension.Unknown;
                else if (!ours.IsFixed && theirs.IsFixed)
                    dims[at] = theirs;
            }
        }

        return new TensorType(node.Type(0)!.Element, dims);
    }

    public static TensorType? Reshape(NodeTypes node)
    {
        if (node.Dims(0) is not { } input || node.Integers(1) is not { } wanted)
            return null;
        var dims = new Dimension[wanted.Length];
        var (rest, keepsZero) = (-1, node.Node.Int("allowzero", 0) != 0);
        for (var i = 0; i < wanted.Length; i++)
        {
            if (wanted[i] < -1 || (wanted[i] == -1 && rest >= 0) || (wanted[i] == 0 && !keepsZero && i >= input.Count))
                throw node.Fault($"is to make [{string.Join(", ", wanted)}] of {node.Type(0)!.Shape}");
            dims[i] = wanted[i] == 0 && !keepsZero ? input[i] : wanted[i];
            if (wanted[i] == -1)
                rest = i;
        }

        var element = node.Type(0)!.Element;
        Fill(node, input, dims, rest, wanted);
        return new TensorType(element, dims);
    }

    public static TensorType? Flatten(NodeTypes node)
    {
        if (node.Dims(0) is not { } input)
            return null;
        var wish = node.Node.Int("axis", 1);
        var axis = wish == input.Count ? input.Count : node.Axis(wish, Math.Max(input.Count, 1));
        return new TensorType(
            node.Type(0)!.Element, [Product(input.Take(axis)), Product(input.Skip(axis))]);
    }

    public static TensorType? Transpose(NodeTypes node)
    {
        if (node.Dims(0) is not { } input)
            return null;
        var order = node.Node.Ints("perm") ?? [.. Enumerable.Range(0, input.Count).Reverse().Select(i => (long)i)];
        if (order.Count != input.Count || !order.Order().SequenceEqual(Enumerable.Range(0, input.Count)
            .Select(i => (long)i)))
        {
            throw node.Fault($"reorders {node.Type(0)!.Shape} as [{string.Join(", ", order)}]");
        }

        return new TensorType(node.Type(0)!.Element, [.. order.Select(from => input[(int)from])]);
    }

    public static TensorType? Squeeze(NodeTypes node)
    {
        if (node.Dims(0) is not { } input)
            return null;
        var axes = node.Node.Ints("axes") ?? (node.Node.Input(1).Length > 0 ? node.Integers(1) : null);
        if (axes is null)
            return null;
        var gone = axes.Select(axis => node.Axis(axis, input.Count)).ToHashSet();
        if (gone.Any(axis => input[axis] is { IsFixed: true, Value: not 1 }))
            throw node.Fault($"drops axes [{string.Join(", ", axes)}] of {node.Type(0)!.Shape}");
        return new TensorType(node.Type(0)!.Element, [.. input.Where((_, axis) => !gone.Contains(axis))]);
    }

    public static TensorType? Unsqueeze(NodeTypes node)
    {
        if (node.Dims(0) is not { } input || (node.Node.Ints("axes") ?? node.Integers(1)) is not { } axes)
            return null;
        var rank = input.Count + axes.Count;
        var added = axes.Select(axis => node.Axis(axis, rank)).ToHashSet();
        if (added.Count != axes.Count)
            throw node.Fault($"adds the axes [{string.Join(", ", axes)}], some twice");
        var from = 0;
        return new TensorType(
            node.Type(0)!.Element,
            [.. Enumerable.Range(0, rank).Select(axis => added.Contains(axis) ? new Dimension(1) : input[from++])]);
    }

    private static void Fill(
        NodeTypes node, IReadOnlyList<Dimension> input, Dimension[] dims, int rest, long[] wanted)
    {
        // Free dimensions that are kept stand on both sides and cancel.
        var kept = wanted.Select((wish, i) => wish == 0 && !dims[i].IsFixed ? i : -1).Where(i => i >= 0).ToHashSet();
        var from = Product(input.Where((_, i) => !kept.Contains(i)));
        var to = Product(dims.Where((_, i) => i != rest && !kept.Contains(i)));
        if (!from.IsFixed || !to.IsFixed)
            return;
        if (rest < 0 ? from.Value != to.Value : to.Value == 0 || from.Value % to.Value != 0)
            throw node.Fault($"is to make [{string.Join(", ", wanted)}] of {node.Type(0)!.Shape}");
        if (rest >= 0)
            dims[rest] = from.Value / to.Value;
    }

    private static Dimension Product(IEnumerable<Dimension> dims)
    {
        var all = dims.ToArray();
        if (all.Length == 1)
            return all[0];
        return all.Any(dim => !dim.IsFixed)
            ? Dimension.Unknown : all.Aggregate(1L, (product, dim) => GraphTensor.Product(product, dim.Value));
    }
}
