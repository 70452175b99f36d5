using System.Buffers.Binary;

namespace LeptonEdge.Storage.Outboxes;

/// <summary>The rows on one leaf page of a table, found without the tree above it.</summary>
/// <remarks>Layout: sqlite.org/fileformat2.html#b_tree_pages. Whatever a damaged page says is checked before it is
/// followed.</remarks>
internal static class LeafCells
{
    private const int PageBytes = OutboxFile.PageBytes;
    private const byte TableLeaf = 0x0D;
    private const int HeaderBytes = 8;
    private const int LocalMax = PageBytes - 35;
    private const int LocalMin = ((PageBytes - 12) * 32 / 255) - 23;

    /// <summary>How many rows the page claims; 0 when it is no leaf of a table.</summary>
    public static int Count(ReadOnlySpan<byte> page)
    {
        if (page[0] != TableLeaf)
            return 0;
        var count = BinaryPrimitives.ReadUInt16BigEndian(page[3..]);
        return HeaderBytes + (2 * count) <= PageBytes ? count : 0;
    }

    /// <summary>Reads one row: its key and its whole payload, overflow pages included.</summary>
    /// <param name="payload">Replaced when it is too short.</param>
    /// <returns>The length of the payload; -1 when the row cannot be read.</returns>
    public static int Read(
        ReadOnlySpan<byte> page, int index, PageSource source, PageView view, int bytesMax, ref byte[] payload,
        out long key)
    {
        key = 0;
        var at = (int)BinaryPrimitives.ReadUInt16BigEndian(page[(HeaderBytes + (2 * index))..]);
        if (at < HeaderBytes || !TryVarint(page, ref at, out var length) || !TryVarint(page, ref at, out key)
            || length <= 0 || length > bytesMax)
            return -1;
        var total = (int)length;
        var local = total <= LocalMax ? total : Local(total);
        if (at + local + (local < total ? 4 : 0) > PageBytes)
            return -1;
        if (payload.Length < total)
            payload = new byte[Math.Max(total, 2 * payload.Length)];
        page.Slice(at, local).CopyTo(payload);
        return local == total
            || Follow(BinaryPrimitives.ReadUInt32BigEndian(page[(at + local)..]), source, view,
                payload.AsSpan(local, total - local))
            ? total : -1;
    }

    /// <summary>SQLite's variable-length integer, at most 9 bytes.</summary>
    public static bool TryVarint(ReadOnlySpan<byte> bytes, ref int at, out long value)
    {
        value = 0;
        for (var i = 0; i < 9; i++)
        {
            if (at >= bytes.Length)
                return false;
            var b = bytes[at++];
            if (i == 8)
            {
                value = (value << 8) | b;
                return true;
            }

            value = (value << 7) | (long)(b & 0x7F);
            if (b < 0x80)
                return true;
        }

        return false;
    }

    private static int Local(int total)
    {
        var local = LocalMin + ((total - LocalMin) % (PageBytes - 4));
        return local <= LocalMax ? local : LocalMin;
    }

    private static bool Follow(uint page, PageSource source, PageView view, Span<byte> rest)
    {
        Span<byte> overflow = stackalloc byte[PageBytes];
        while (rest.Length > 0)
        {
            if (!source.TryRead(page, view, overflow))
                return false;
            page = BinaryPrimitives.ReadUInt32BigEndian(overflow);
            var part = Math.Min(rest.Length, PageBytes - 4);
            overflow.Slice(4, part).CopyTo(rest);
            rest = rest[part..];
        }

        return true;
    }
}

/// <summary>The columns of one row's payload.</summary>
internal ref struct RowFields(ReadOnlySpan<byte> payload)
{
    private const int FieldsMax = 16;
    private readonly ReadOnlySpan<byte> _payload = payload;
    private Ends _ends;
    private Ends _types;

    /// <summary>How many columns; 0 when the payload is no row.</summary>
    public int Count { get; private set; }

    public bool TryRead()
    {
        var at = 0;
        if (!LeafCells.TryVarint(_payload, ref at, out var header) || header < 1 || header > _payload.Length)
            return false;
        var end = (int)header;
        while (at < header)
        {
            if (Count == FieldsMax || !LeafCells.TryVarint(_payload[..(int)header], ref at, out var type) || type < 0)
                return false;
            var length = Length(type);
            if (length > _payload.Length - end)
                return false;
            end += (int)length;
            (_types[Count], _ends[Count]) = (type, end);
            Count++;
        }

        return end == _payload.Length;
    }

    public readonly bool IsNull(int field) => _types[field] == 0;

    public readonly ReadOnlySpan<byte> Bytes(int field) =>
        _payload[(int)(_ends[field] - Length(_types[field]))..(int)_ends[field]];

    public readonly long Int64(int field)
    {
        if (_types[field] is 8 or 9)
            return _types[field] - 8;
        var bytes = _types[field] is > 0 and < 7 ? Bytes(field) : default;
        var value = bytes.Length > 0 ? (long)(sbyte)bytes[0] : 0;
        for (var i = 1; i < bytes.Length; i++)
            value = (value << 8) | bytes[i];
        return value;
    }

    private static long Length(long type) => type switch
    {
        <= 4 => type,
        5 => 6,
        6 or 7 => 8,
        < 12 => 0,
        _ => (type - 12) / 2,
    };

    [System.Runtime.CompilerServices.InlineArray(FieldsMax)]
    private struct Ends
    {
        private long _first;
    }
}
