namespace LeptonEdge.Inference.Graphs;

/// <summary>Reads what a model says of a tensor: name, element type, shape.</summary>
internal static class ValueReader
{
    private const int RankMax = 64;

    public static GraphValue Read(ReadOnlyMemory<byte> bytes, Action<int> count)
    {
        count(1);
        var name = "";
        var (type, isTensor) = (new TensorType(ElementType.Undefined, null), false);
        var reader = new WireReader(bytes);
        while (reader.Next())
        {
            if (reader.Field == 1)
                name = reader.Text();
            else if (reader.Field == 2)
                (type, isTensor) = Type(reader.Message(), count);
        }

        return new GraphValue(name, type, isTensor);
    }

    private static (TensorType Type, bool IsTensor) Type(ReadOnlyMemory<byte> bytes, Action<int> count)
    {
        var reader = new WireReader(bytes);
        while (reader.Next())
        {
            if (reader.Field == 1)
                return (Tensor(reader.Message(), count), true);
        }

        return (new TensorType(ElementType.Undefined, null), false);
    }

    private static TensorType Tensor(ReadOnlyMemory<byte> bytes, Action<int> count)
    {
        var element = 0ul;
        List<Dimension>? dims = null;
        var reader = new WireReader(bytes);
        while (reader.Next())
        {
            if (reader.Field == 1)
                element = reader.Number;
            else if (reader.Field == 2)
                dims = Shape(reader.Message(), count);
        }

        return new TensorType(
            element > (ulong)ElementType.Int2 ? ElementType.Undefined : (ElementType)element, dims);
    }

    private static List<Dimension> Shape(ReadOnlyMemory<byte> bytes, Action<int> count)
    {
        var dims = new List<Dimension>();
        var reader = new WireReader(bytes);
        while (reader.Next())
        {
            if (reader.Field != 1)
                continue;
            count(1);
            dims.Add(Dim(reader.Message()));
            if (dims.Count > RankMax)
                throw new ModelException($"a shape has more than {RankMax} dimensions");
        }

        return dims;
    }

    private static Dimension Dim(ReadOnlyMemory<byte> bytes)
    {
        var dim = Dimension.Unknown;
        var reader = new WireReader(bytes);
        while (reader.Next())
        {
            // Some exporters write −1 for a free dimension.
            if (reader.Field == 1)
                dim = (long)reader.Number < 0 ? Dimension.Unknown : (long)reader.Number;
            else if (reader.Field == 2)
                dim = new Dimension(-1, reader.Text());
        }

        return dim;
    }
}
