namespace LeptonEdge.Inference.Graphs;

/// <summary>Shapes of products and of operators that work value by value.</summary>
internal static class MatrixShapes
{
    public static TensorType? Gemm(NodeTypes node)
    {
        node.SameElement(0, 1);
        if (node.Dims(0) is not { } a || node.Dims(1) is not { } b)
            return null;
        if (a.Count != 2 || b.Count != 2)
            throw node.Fault($"multiplies {node.Type(0)!.Shape} by {node.Type(1)!.Shape}; both need two dimensions");
        var (rows, inner) = node.Node.Int("transA", 0) == 0 ? (a[0], a[1]) : (a[1], a[0]);
        var (depth, columns) = node.Node.Int("transB", 0) == 0 ? (b[0], b[1]) : (b[1], b[0]);
        if (Differ(inner, depth))
            throw node.Fault($"multiplies {node.Type(0)!.Shape} by {node.Type(1)!.Shape}: {inner} and {depth} differ");
        if (node.Dims(2) is { } c && (c.Count > 2 || (c.Count > 0 && Unfit(c[^1], columns))
            || (c.Count == 2 && Unfit(c[0], rows))))
        {
            throw node.Fault($"adds {node.Type(2)!.Shape} to [{rows}, {columns}]");
        }

        return new TensorType(node.Type(0)!.Element, [rows, columns]);
    }

    public static TensorType? MatMul(NodeTypes node)
    {
        node.SameElement(0, 1);
        if (node.Dims(0) is not { } a || node.Dims(1) is not { } b || a.Count == 0 || b.Count == 0)
            return null;
        var (inner, depth) = (a[^1], b.Count == 1 ? b[0] : b[^2]);
        if (Differ(inner, depth))
            throw node.Fault($"multiplies {node.Type(0)!.Shape} by {node.Type(1)!.Shape}: {inner} and {depth} differ");
        var dims = Broadcast(node, [.. a.SkipLast(2)], [.. b.SkipLast(2)]);
        if (a.Count > 1)
            dims.Add(a[^2]);
        if (b.Count > 1)
            dims.Add(b[^1]);
        return new TensorType(node.Type(0)!.Element, dims);
    }

    public static TensorType? Broadcast(NodeTypes node)
    {
        node.SameElement(0, 1);
        return node.Dims(0) is { } a && node.Dims(1) is { } b
            ? new TensorType(node.Type(0)!.Element, Broadcast(node, a, b)) : null;
    }

    private static List<Dimension> Broadcast(NodeTypes node, IReadOnlyList<Dimension> a, IReadOnlyList<Dimension> b)
    {
        var dims = new List<Dimension>();
        for (var i = Math.Max(a.Count, b.Count); i > 0; i--)
        {
            var one = i <= a.Count ? a[^i] : new Dimension(1);
            var other = i <= b.Count ? b[^i] : new Dimension(1);
            if (Differ(one, other) && one.Value != 1 && other.Value != 1)
                throw node.Fault($"joins {node.Type(0)!.Shape} and {node.Type(1)!.Shape}: {one} and {other} differ");
            dims.Add(one.Value == 1 ? other : other.Value == 1 || one.IsFixed ? one : other.IsFixed ? other
                : one == other ? one : Dimension.Unknown);
        }

        return dims;
    }

    private static bool Differ(Dimension a, Dimension b) => a.IsFixed && b.IsFixed && a.Value != b.Value;

    private static bool Unfit(Dimension part, Dimension whole) => part.Value != 1 && Differ(part, whole);
}
