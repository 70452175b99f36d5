using System.Runtime.InteropServices;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Buffers;

namespace LeptonEdge.Storage.Outboxes;

/// <summary>A batch that is sealed under its name and not yet committed.</summary>
/// <param name="Start">Of its bytes among those of all.</param>
/// <param name="Shed">There is no room for it: a gap is committed in its place.</param>
internal readonly record struct StagedBatch(
    ulong Sequence, RecordClass Class, int Records, int Start, int Bytes, bool Shed);

/// <summary>The batches that share the next transaction. One thread at a time.</summary>
internal sealed class StagedBatches(OutboxOptions options) : IDisposable
{
    private readonly PooledBufferWriter _sealed = new();
    private readonly List<StagedBatch> _batches = [];
    private readonly long[] _bytesOfClass = new long[OutboxState.Classes];

    public ReadOnlySpan<StagedBatch> All => CollectionsMarshal.AsSpan(_batches);

    /// <summary>Those that shall be inserted as they are.</summary>
    public int Count { get; private set; }

    /// <summary>Their sealed bytes by class, shape (4,).</summary>
    public ReadOnlySpan<long> BytesOfClass => _bytesOfClass;

    public long Bytes => _bytesOfClass.Sum();

    /// <summary>The buffer that they are sealed into.</summary>
    public int BufferedBytes => _sealed.WrittenCount;

    public ReadOnlySpan<byte> Sealed(in StagedBatch batch) => _sealed.WrittenSpan.Slice(batch.Start, batch.Bytes);

    /// <summary>Seals batches under the sequences that follow <paramref name="last"/> and those staged already; all of
    /// them or, when one fails, none.</summary>
    /// <returns>The sequences that were given.</returns>
    public (ulong First, ulong Last) Add(ReadOnlySpan<PendingBatch> batches, ulong last)
    {
        var before = _batches.Count;
        var first = (before > 0 ? _batches[^1].Sequence : last) + 1;
        var next = first;
        try
        {
            foreach (var batch in batches)
                Add(batch, next++);
        }
        catch
        {
            while (_batches.Count > before)
                RemoveLast();
            throw;
        }

        return (first, next - 1);
    }

    /// <summary>Gives up the oldest of a class and returns how many records it holds.</summary>
    public int Shed(RecordClass recordClass)
    {
        var index = _batches.FindIndex(batch => batch.Class == recordClass && !batch.Shed);
        var batch = _batches[index];
        _batches[index] = batch with { Shed = true };
        _bytesOfClass[(int)recordClass] -= batch.Bytes;
        Count--;
        return batch.Records;
    }

    public void Clear()
    {
        _batches.Clear();
        Array.Clear(_bytesOfClass);
        _sealed.Clear();
        Count = 0;
    }

    public void Dispose() => _sealed.Dispose();

    private void Add(PendingBatch batch, ulong sequence)
    {
        var start = _sealed.WrittenCount;
        batch.Seal(sequence, sequence, _sealed);
        var bytes = _sealed.WrittenCount - start;
        if (bytes > options.BatchBytesMaxNow)
            throw new OutboxException(
                $"outbox {options.Path}: a batch of {bytes} sealed bytes is over the "
                + $"limit of {options.BatchBytesMaxNow}; append fewer records at once");
        _batches.Add(new StagedBatch(sequence, batch.Class, batch.Records, start, bytes, Shed: false));
        _bytesOfClass[(int)batch.Class] += bytes;
        Count++;
    }

    private void RemoveLast()
    {
        var batch = _batches[^1];
        _batches.RemoveAt(_batches.Count - 1);
        _bytesOfClass[(int)batch.Class] -= batch.Bytes;
        Count--;
    }
}
