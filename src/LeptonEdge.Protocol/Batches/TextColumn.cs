namespace LeptonEdge.Protocol.Batches;

/// <summary>A column of texts that mostly repeat: each text once, then a column of indexes.</summary>
internal static class TextColumn
{
    public static void Encode<T>(ColumnWriter writer, List<T> items, Func<T, string> text)
    {
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        var indexes = new long[items.Count];
        for (var i = 0; i < indexes.Length; i++)
        {
            var value = text(items[i]);
            if (!known.TryGetValue(value, out var index))
                known.Add(value, index = known.Count);
            indexes[i] = index;
        }

        writer.WriteCount(known.Count);
        foreach (var value in known.Keys)
            writer.WriteText(value);
        IntegerColumn.Encode(writer, indexes);
    }

    public static string[] Decode(ref WireReader reader, int count, string what)
    {
        var texts = new string[reader.ReadCount(count, what)];
        for (var i = 0; i < texts.Length; i++)
            texts[i] = reader.ReadText(what);
        var indexes = new long[count];
        IntegerColumn.Decode(ref reader, indexes, what);
        var column = new string[count];
        for (var i = 0; i < count; i++)
        {
            if ((ulong)indexes[i] >= (ulong)texts.Length)
                throw reader.Fault($"{what} refers to text {indexes[i]} of {texts.Length}");
            column[i] = texts[indexes[i]];
        }

        return column;
    }
}
