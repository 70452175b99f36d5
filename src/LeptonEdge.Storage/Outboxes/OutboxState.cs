using System.Buffers.Binary;
using System.Security.Cryptography;
using LeptonEdge.Core.Records;

namespace LeptonEdge.Storage.Outboxes;

/// <summary>What the outbox knows of itself besides its rows: written with every change of them, so that opening
/// reads no row. The rows stand for every sequence from <see cref="Receipted"/> + 1 to <see cref="Last"/>.</summary>
internal sealed class OutboxState
{
    public const int Classes = (int)RecordClass.Bulk + 1;
    public const int Bytes = (9 + (3 * Classes)) * sizeof(ulong) + sizeof(uint);

    public ulong Epoch { get; set; }

    public ulong Last { get; set; }

    public ulong Receipted { get; set; }

    /// <summary>Seal mark of the batch that the hub has at <see cref="Receipted"/>; 0 unknown.</summary>
    public ulong ReceiptedMark { get; set; }

    /// <summary>Transactions so far; goes on across epochs.</summary>
    public ulong Change { get; set; }

    public long ShedRecords { get; set; }

    public long Gaps { get; private set; }

    public long GapBytes { get; private set; }

    /// <summary>Batches of each class, gaps apart.</summary>
    public long[] BatchesOfClass { get; private init; } = new long[Classes];

    public long[] RecordsOfClass { get; private init; } = new long[Classes];

    public long[] BytesOfClass { get; private init; } = new long[Classes];

    public OutboxBacklog Backlog => new(
        Gaps + BatchesOfClass.Sum(), Gaps + RecordsOfClass.Sum(), GapBytes + BytesOfClass.Sum(), ShedRecords);

    /// <summary>A name for a new line of batches, drawn at random so that none is ever given twice.</summary>
    public static ulong DrawEpoch()
    {
        Span<byte> random = stackalloc byte[sizeof(ulong)];
        ulong epoch;
        do
        {
            RandomNumberGenerator.Fill(random);
            epoch = BitConverter.ToUInt64(random);
        }
        while (epoch == 0);
        return epoch;
    }

    public void Add(in OutboxRow row) => Count(row, 1);

    public void Remove(in OutboxRow row) => Count(row, -1);

    /// <summary>Nothing is held.</summary>
    public void Clear()
    {
        (Gaps, GapBytes) = (0, 0);
        Array.Clear(BatchesOfClass);
        Array.Clear(RecordsOfClass);
        Array.Clear(BytesOfClass);
    }

    /// <summary>A copy to change within the next transaction.</summary>
    public OutboxState Next() => new()
    {
        Epoch = Epoch,
        Last = Last,
        Receipted = Receipted,
        ReceiptedMark = ReceiptedMark,
        Change = Change + 1,
        ShedRecords = ShedRecords,
        Gaps = Gaps,
        GapBytes = GapBytes,
        BatchesOfClass = [.. BatchesOfClass],
        RecordsOfClass = [.. RecordsOfClass],
        BytesOfClass = [.. BytesOfClass],
    };

    /// <param name="target">Shape (<see cref="Bytes"/>,).</param>
    public void Write(Span<byte> target)
    {
        var at = 0;
        foreach (var value in (ReadOnlySpan<ulong>)[(ulong)OutboxFile.Layout, Epoch, Last, Receipted, ReceiptedMark,
            Change, (ulong)ShedRecords, (ulong)Gaps, (ulong)GapBytes])
            Put(target, ref at, value);
        for (var i = 0; i < Classes; i++)
        {
            Put(target, ref at, (ulong)BatchesOfClass[i]);
            Put(target, ref at, (ulong)RecordsOfClass[i]);
            Put(target, ref at, (ulong)BytesOfClass[i]);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(target[at..], Crc32C.Of(target[..at]));
    }

    /// <summary>Null when the bytes are not what <see cref="Write"/> wrote.</summary>
    public static OutboxState? Read(ReadOnlySpan<byte> bytes)
    {
        const int Content = Bytes - sizeof(uint);
        if (bytes.Length != Bytes
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[Content..]) != Crc32C.Of(bytes[..Content]))
            return null;
        var at = 0;
        if (Take(bytes, ref at) != OutboxFile.Layout)
            return null;
        var state = new OutboxState
        {
            Epoch = Take(bytes, ref at),
            Last = Take(bytes, ref at),
            Receipted = Take(bytes, ref at),
            ReceiptedMark = Take(bytes, ref at),
            Change = Take(bytes, ref at),
            ShedRecords = (long)Take(bytes, ref at),
            Gaps = (long)Take(bytes, ref at),
            GapBytes = (long)Take(bytes, ref at),
        };
        for (var i = 0; i < Classes; i++)
        {
            state.BatchesOfClass[i] = (long)Take(bytes, ref at);
            state.RecordsOfClass[i] = (long)Take(bytes, ref at);
            state.BytesOfClass[i] = (long)Take(bytes, ref at);
        }

        return state;
    }

    private void Count(in OutboxRow row, int sign)
    {
        if (row.IsGap)
        {
            Gaps += sign;
            GapBytes += sign * row.Bytes;
            return;
        }

        BatchesOfClass[(int)row.Class] += sign;
        RecordsOfClass[(int)row.Class] += sign * row.Records;
        BytesOfClass[(int)row.Class] += sign * row.Bytes;
    }

    private static void Put(Span<byte> target, ref int at, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(target[at..], value);
        at += sizeof(ulong);
    }

    private static ulong Take(ReadOnlySpan<byte> bytes, ref int at)
    {
        at += sizeof(ulong);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes[(at - sizeof(ulong))..]);
    }
}
