using System.Buffers.Binary;
using System.Diagnostics;
using LeptonEdge.Core.Tracing;
using LeptonEdge.Storage.Outboxes;

namespace LeptonEdge.Sync.Tracing;

/// <summary>Which trace a batch belongs to while it waits in the outbox: kept beside the batches, for a device may be
/// offline, and start anew, before one is sent. Any thread.</summary>
/// <remarks>Not within the sealed bytes: their layout is the same with and without it, so that a hub of any version
/// opens them, and so that the outbox' own layout stays as it is. A power cut may cost the newest.</remarks>
public sealed class BatchTraces(Outbox outbox)
{
    /// <summary>Sampled batches that are remembered; of more, the oldest are forgotten.</summary>
    public const int BatchesMax = 128;

    private const string Key = "traces";
    private const int HeadBytes = 1 + sizeof(ulong);
    private const int EntryBytes = sizeof(ulong) + 16 + 8;
    private const byte Version = 1;

    private readonly Lock _gate = new();
    private readonly SortedList<ulong, ActivityContext> _batches = [];
    private ulong _epoch;
    private bool _restored;

    /// <summary>Remembers the trace of a batch until the hub's receipt.</summary>
    public void Add(ulong epoch, ulong sequence, ActivityContext context)
    {
        lock (_gate)
        {
            Restore();
            if (epoch != _epoch)
                _batches.Clear();
            _epoch = epoch;
            var receipted = outbox.ReceiptedThrough;
            while (_batches.Count > 0 && (_batches.Keys[0] <= receipted || _batches.Count >= BatchesMax))
                _batches.RemoveAt(0);
            _batches[sequence] = context;
            Save();
        }
    }

    /// <returns>Default when the batch belongs to no sampled trace.</returns>
    public ActivityContext Find(ulong epoch, ulong sequence)
    {
        if (!Traces.On)
            return default;
        lock (_gate)
        {
            Restore();
            return epoch == _epoch ? _batches.GetValueOrDefault(sequence) : default;
        }
    }

    private void Save()
    {
        Span<byte> bytes = stackalloc byte[HeadBytes + (BatchesMax * EntryBytes)];
        bytes[0] = Version;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[1..], _epoch);
        var at = HeadBytes;
        foreach (var (sequence, context) in _batches)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes[at..], sequence);
            context.TraceId.CopyTo(bytes.Slice(at + 8, 16));
            context.SpanId.CopyTo(bytes.Slice(at + 24, 8));
            at += EntryBytes;
        }

        try
        {
            outbox.State.Keep(Key, bytes[..at]);
        }
        catch (IOException)
        {
            // A disk that takes no more says so where it matters; here a trace would end at the device.
        }
    }

    private void Restore()
    {
        if (_restored)
            return;
        _restored = true;
        try
        {
            Restore(outbox.State.Get(Key));
        }
        catch (IOException)
        {
            // As for what is kept: the batches matter, their traces do not.
        }
    }

    private void Restore(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeadBytes || bytes[0] != Version)
            return;
        _epoch = BinaryPrimitives.ReadUInt64LittleEndian(bytes[1..]);
        for (var rest = bytes[HeadBytes..]; rest.Length >= EntryBytes; rest = rest[EntryBytes..])
        {
            _batches[BinaryPrimitives.ReadUInt64LittleEndian(rest)] = new ActivityContext(
                ActivityTraceId.CreateFromBytes(rest.Slice(8, 16)), ActivitySpanId.CreateFromBytes(rest.Slice(24, 8)),
                ActivityTraceFlags.Recorded, isRemote: true);
        }
    }
}
