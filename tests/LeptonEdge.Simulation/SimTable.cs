using System.Runtime.InteropServices;
using LeptonEdge.Core.Records;
using LeptonEdge.Storage.Outboxes;

namespace LeptonEdge.Simulation;

/// <summary>A device's disk: rows and state in transactions. It may be full, may take the device down at any step, loses
/// at a power cut what was not synced, and may be copied and put back.</summary>
internal sealed class SimTable(SimWorld world, string owner) : IOutboxTable
{
    private const int RowOverhead = 64;

    // All versions since the last one that is synced; a power cut leaves any of them, for the log is written in order.
    private readonly List<Version> _unsynced = [];
    private Version _committed = new([], null, 0);
    private List<Entry>? _rows;
    private byte[]? _state;
    private long _bytes;
    private bool _durable;

    public bool Full { get; set; }

    /// <summary>Bytes that the outbox may take up.</summary>
    public long Limit { get; init; }

    /// <summary>The device dies after so many more steps; negative: it does not.</summary>
    public int CrashIn { get; set; } = -1;

    /// <summary>Files put aside, by name.</summary>
    public List<string> Aside { get; } = [];

    public int Rows => _committed.Rows.Count;

    public IEnumerable<byte[]> AllSealed => _committed.Rows.Select(entry => entry.Sealed);

    public object Image => _committed;

    /// <summary>An image taken before takes the disk's place.</summary>
    public void PutImage(object image)
    {
        _committed = (Version)image;
        _unsynced.Clear();
    }

    /// <summary>The process is gone; what it had committed is there.</summary>
    public void Kill() => (_rows, CrashIn) = (null, -1);

    /// <summary>The power is gone, and with it the newest transactions that were not synced.</summary>
    public void CutPower()
    {
        Kill();
        var at = world.Random.Below(_unsynced.Count + 1);
        if (at < _unsynced.Count)
            _committed = _unsynced[at];
        _unsynced.Clear();
    }

    /// <summary>A bit of a row flips.</summary>
    public bool Rot()
    {
        if (_committed.Rows.Count == 0)
            return false;
        var rows = new List<Entry>(_committed.Rows);
        var at = world.Random.Below(rows.Count);
        var rotten = rows[at].Sealed.ToArray();
        rotten[world.Random.Below(rotten.Length)] ^= (byte)(1 << world.Random.Below(8));
        rows[at] = new Entry(rows[at].Row, rotten);
        _committed = _committed with { Rows = rows };
        return true;
    }

    public OutboxState? ReadState() => _committed.State is { } state ? OutboxState.Read(state) : null;

    public void Begin(bool durable)
    {
        Step("begin");
        // A list of references: copying it is what makes a transaction one step.
        (_rows, _state, _bytes, _durable) = ([.. _committed.Rows], _committed.State, _committed.Bytes, durable);
    }

    public void Commit()
    {
        Step("before commit");
        if (Full)
            throw new OutboxException("the disk is full");
        if (_durable)
            _unsynced.Clear();
        else
            _unsynced.Add(_committed);
        _committed = new Version(_rows!, _state, _bytes);
        _rows = null;
        Step("after commit");
    }

    public void RollBack() => _rows = null;

    public void WriteState(OutboxState state)
    {
        var bytes = new byte[OutboxState.Bytes];
        state.Write(bytes);
        _state = bytes;
    }

    public void Insert(in OutboxRow row, ReadOnlySpan<byte> sealedBytes)
    {
        Step("insert");
        _rows!.Insert(Find(_rows, row.Sequence), new Entry(row, sealedBytes.ToArray()));
        _bytes += row.Bytes + RowOverhead;
    }

    public void Delete(ulong first, ulong last)
    {
        Step("delete");
        var from = Find(_rows!, first);
        var to = last == ulong.MaxValue ? _rows!.Count : Find(_rows!, last + 1);
        for (var i = from; i < to; i++)
            _bytes -= _rows![i].Row.Bytes + RowOverhead;
        _rows!.RemoveRange(from, to - from);
    }

    public bool TryNext(ulong from, out OutboxRow row)
    {
        var rows = Visible;
        var at = Find(rows, from);
        row = at < rows.Count ? rows[at].Row : default;
        return at < rows.Count;
    }

    public bool TryOldest(RecordClass recordClass, ulong from, out OutboxRow row)
    {
        var rows = Visible;
        for (var at = Find(rows, from); at < rows.Count; at++)
        {
            row = rows[at].Row;
            if (row.Class == recordClass && !row.IsGap)
                return true;
        }

        row = default;
        return false;
    }

    public byte[] ReadSealed(ulong sequence) => Visible[Find(Visible, sequence)].Sealed;

    public bool HasRoom(int rows, long sealedBytes) =>
        (_rows is null ? _committed.Bytes : _bytes) + sealedBytes + ((long)rows * RowOverhead) <= Limit;

    public void MakeLogRoom(long sealedBytes)
    {
        // There is no log here.
    }

    public string? KeepAside(ulong epoch, ulong sequence, ReadOnlySpan<byte> sealedBytes)
    {
        Aside.Add($"{epoch:x16}-{sequence}.sealed");
        return Aside[^1];
    }

    public string KeepCopy()
    {
        Aside.Add($"copy-{Aside.Count}");
        return Aside[^1];
    }

    private List<Entry> Visible => _rows ?? _committed.Rows;

    private static int Find(List<Entry> rows, ulong sequence)
    {
        var (low, high) = (0, rows.Count);
        var span = CollectionsMarshal.AsSpan(rows);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (span[middle].Row.Sequence < sequence)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private void Step(string where)
    {
        if (CrashIn < 0 || CrashIn-- > 0)
            return;
        world.Trace(owner, $"dies at its disk: {where}");
        throw new SimCrashException(where);
    }

    private sealed record Entry(OutboxRow Row, byte[] Sealed);

    private sealed record Version(List<Entry> Rows, byte[]? State, long Bytes);
}
