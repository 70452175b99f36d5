namespace LeptonEdge.Inference.Graphs;

/// <summary>Reads a constant tensor: its shape, and where its elements lie.</summary>
internal static class TensorReader
{
    // ONNX Runtime itself goes no further than eight in its kernels.
    private const int RankMax = 64;

    public static GraphTensor Read(ReadOnlyMemory<byte> bytes, Action<int> count)
    {
        count(1);
        var (name, type, external) = ("", 0ul, false);
        var dims = new List<long>();
        var entries = new Dictionary<string, string>();
        var elements = default(Elements);
        var reader = new WireReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    Dims(ref reader, dims, count);
                    break;
                case 2:
                    type = reader.Number;
                    break;
                case 8:
                    name = reader.Text();
                    break;
                case 13:
                    external = true;
                    Entry(reader.Message(), entries);
                    break;
                case 14:
                    external |= reader.Number == 1;
                    break;
                default:
                    elements.Take(ref reader);
                    break;
            }
        }

        var element = type > (ulong)ElementType.Int2 ? ElementType.Undefined : (ElementType)type;
        return new GraphTensor(name, element, dims)
        {
            Raw = elements.Raw,
            Packed = elements.Packed,
            Stored = elements.Count(element),
            External = external
                ? new ExternalData(
                    entries.GetValueOrDefault("location", ""), entries.GetValueOrDefault("offset", "0"),
                    entries.GetValueOrDefault("length"))
                : null,
        };
    }

    private static void Dims(ref WireReader reader, List<long> dims, Action<int> count)
    {
        var before = dims.Count;
        if (reader.Wire == WireReader.Varint)
        {
            dims.Add((long)reader.Number);
        }
        else
        {
            var packed = reader.Message().Span;
            for (var at = 0; at < packed.Length && dims.Count <= RankMax;)
                dims.Add((long)WireReader.ReadVarint(packed, ref at));
        }

        count(dims.Count - before);
        if (dims.Count > RankMax)
            throw new ModelException($"a tensor has more than {RankMax} dimensions");
    }

    private static void Entry(ReadOnlyMemory<byte> bytes, Dictionary<string, string> entries)
    {
        var (key, value) = ("", "");
        var reader = new WireReader(bytes);
        while (reader.Next())
        {
            if (reader.Field == 1)
                key = reader.Text();
            else if (reader.Field == 2)
                value = reader.Text();
        }

        if (entries.Count < 16)
            entries[key] = value;
    }

    /// <summary>The forms in which a tensor may hold its elements.</summary>
    private struct Elements
    {
        private long _single;
        private long _texts;
        private ReadOnlyMemory<byte> _floats;
        private ReadOnlyMemory<byte> _doubles;
        private bool _isRaw;

        public ReadOnlyMemory<byte> Raw { readonly get; private set; }

        public ReadOnlyMemory<byte> Packed { readonly get; private set; }

        public void Take(ref WireReader reader)
        {
            switch (reader.Field)
            {
                case 9:
                    Raw = reader.Message();
                    _isRaw = true;
                    break;
                case 6:
                    _texts++;
                    break;
                case 4 or 5 or 7 or 10 or 11 when reader.Wire != WireReader.Bytes:
                    // One element a field, which no exporter writes: counted, not kept.
                    _single++;
                    break;
                case 4:
                    _floats = reader.Message();
                    break;
                case 10:
                    _doubles = reader.Message();
                    break;
                case 5 or 7 or 11:
                    Packed = reader.Message();
                    break;
            }
        }

        public long Count(ElementType element)
        {
            if (_isRaw)
                return element.Bits() == 0 ? 0 : Raw.Length * 8L / element.Bits();
            if (_floats.Length > 0)
                Raw = _floats;
            else if (_doubles.Length > 0)
                Raw = _doubles;
            if (Raw.Length > 0)
                return element.Bits() == 0 ? 0 : Raw.Length * 8L / element.Bits();
            var packed = 0L;
            foreach (var part in Packed.Span)
                packed += part < 0x80 ? 1 : 0;
            return packed * ElementsPerInteger(element) + _single + _texts;
        }

        // Types below a byte come several to an integer.
        private static int ElementsPerInteger(ElementType element) =>
            element.Bits() is 2 or 4 ? 8 / element.Bits() : 1;
    }
}
