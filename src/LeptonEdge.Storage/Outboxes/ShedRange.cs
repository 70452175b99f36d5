using System.Buffers.Binary;
using LeptonEdge.Core.Records;

namespace LeptonEdge.Storage.Outboxes;

/// <summary>What was shed from one unbroken range of sequences, by class: the clear twin of a sealed gap batch, kept
/// because the device cannot read what it sealed.</summary>
internal sealed class ShedRange
{
    public const int Bytes = Classes * ClassBytes;
    private const int Classes = (int)RecordClass.Bulk + 1;
    private const int ClassBytes = 24;
    private readonly ulong[] _first = new ulong[Classes];
    private readonly ulong[] _last = new ulong[Classes];
    private readonly long[] _records = new long[Classes];

    public void Add(RecordClass recordClass, ulong first, ulong last, long records)
    {
        var i = (int)recordClass;
        _first[i] = _last[i] == 0 ? first : Math.Min(_first[i], first);
        _last[i] = Math.Max(_last[i], last);
        _records[i] += records;
    }

    public void Add(ReadOnlySpan<byte> other)
    {
        for (var i = 0; i < Classes && other.Length >= (i + 1) * ClassBytes; i++)
        {
            var part = other[(i * ClassBytes)..];
            var last = BinaryPrimitives.ReadUInt64LittleEndian(part[8..]);
            if (last > 0)
                Add((RecordClass)i, BinaryPrimitives.ReadUInt64LittleEndian(part), last,
                    BinaryPrimitives.ReadInt64LittleEndian(part[16..]));
        }
    }

    /// <summary>Adds only the counts of another range, whose sequences mean nothing here.</summary>
    public void AddRecords(ReadOnlySpan<byte> other)
    {
        for (var i = 0; i < Classes && other.Length >= (i + 1) * ClassBytes; i++)
        {
            var records = BinaryPrimitives.ReadInt64LittleEndian(other[((i * ClassBytes) + 16)..]);
            if (records > 0)
                Add((RecordClass)i, 1, 1, records);
        }
    }

    public bool IsEmpty => _last.AsSpan().IndexOfAnyExcept(0ul) < 0;

    public void Write(Span<byte> target)
    {
        for (var i = 0; i < Classes; i++)
        {
            var part = target[(i * ClassBytes)..];
            BinaryPrimitives.WriteUInt64LittleEndian(part, _first[i]);
            BinaryPrimitives.WriteUInt64LittleEndian(part[8..], _last[i]);
            BinaryPrimitives.WriteInt64LittleEndian(part[16..], _records[i]);
        }
    }

    public RecordBatch ToBatch(long timeMicros, string reason)
    {
        var batch = new RecordBatch(RecordClass.Event);
        for (var i = 0; i < Classes; i++)
        {
            if (_last[i] > 0)
                batch.Gaps.Add(new Gap((RecordClass)i, _first[i], _last[i], _records[i], timeMicros, reason));
        }

        return batch;
    }
}
