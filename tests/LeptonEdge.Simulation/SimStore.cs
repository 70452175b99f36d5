using LeptonEdge.Protocol.Delivery;

namespace LeptonEdge.Simulation;

/// <summary>A batch, or what should have been one, on its way into the hub's store.</summary>
internal readonly record struct SimArrival(int Device, DeliveryTag Tag, byte[] Sealed, string? Unreadable);

internal readonly record struct SimStoredBatch(
    int Device, ulong Epoch, ulong First, ulong Sequence, ulong Content, bool Gap, bool Quarantined);

/// <summary>The hub's store on a disk that keeps what was committed, may be full, and may take the hub down in the middle
/// of a transaction.</summary>
internal sealed class SimStore(SimWorld world, PlantedBugs bugs)
{
    private List<SimStoredBatch> _batches = [];
    private Dictionary<(int Device, ulong Epoch), (ulong Through, ulong Mark)> _cursors = [];
    private (List<SimStoredBatch>, Dictionary<(int, ulong), (ulong, ulong)>)? _backup;

    public IReadOnlyList<SimStoredBatch> Batches => _batches;

    public bool Full { get; set; }

    /// <summary>The hub dies after so many more steps of a transaction; negative: it does not.</summary>
    public int CrashIn { get; set; } = -1;

    public (ulong Through, ulong Mark) Cursor(int device, ulong epoch) => _cursors.GetValueOrDefault((device, epoch));

    /// <summary>One transaction: all of it is kept, or nothing.</summary>
    /// <exception cref="IOException">The disk is full; nothing is kept.</exception>
    /// <exception cref="SimCrashException">The hub died; all is kept, or nothing.</exception>
    public StoredThrough[] Ingest(IReadOnlyList<SimArrival> group)
    {
        Step("begin");
        if (Full)
            throw new IOException("the hub's disk is full");
        var batches = new List<SimStoredBatch>();
        var cursors = new Dictionary<(int, ulong), (ulong Through, ulong Mark)>();
        var outcomes = new StoredThrough[group.Count];
        for (var i = 0; i < outcomes.Length; i++)
            outcomes[i] = Take(group[i], batches, cursors);
        Step("before commit");
        _batches.AddRange(batches);
        if (bugs.HasFlag(PlantedBugs.CursorApart))
            Step("between batch and cursor");
        foreach (var (key, cursor) in cursors)
            _cursors[key] = cursor;
        Step("after commit");
        return outcomes;
    }

    public void BackUp() => _backup = ([.. _batches], new(_cursors));

    /// <summary>Puts the backup in the store's place.</summary>
    public bool Restore()
    {
        if (_backup is not { } backup)
            return false;
        (_batches, _cursors) = ([.. backup.Item1], new(backup.Item2));
        return true;
    }

    private StoredThrough Take(
        in SimArrival arrival, List<SimStoredBatch> batches, Dictionary<(int, ulong), (ulong Through, ulong Mark)> cursors)
    {
        var tag = arrival.Tag;
        var key = (arrival.Device, tag.Epoch);
        var cursor = cursors.TryGetValue(key, out var moved) ? moved : _cursors.GetValueOrDefault(key);
        switch (CursorRule.Judge(
            cursor.Through, cursor.Mark, tag.FirstSequence, tag.Sequence, tag.PreviousMark))
        {
            case CursorVerdict.Duplicate:
                return new StoredThrough(cursor.Through, cursor.Mark, Ahead: false, null);
            case CursorVerdict.Ahead:
                return new StoredThrough(cursor.Through, cursor.Mark, Ahead: true, null);
            case CursorVerdict.Forked:
                return new StoredThrough(cursor.Through, cursor.Mark, Ahead: false, null, Forked: true);
        }

        SimBatch.TryOpen(arrival.Sealed, out var batch);
        // As the real store: a gap has no mark to compare.
        var mark = batch.Gap ? 0 : tag.Mark;
        cursors[key] = (tag.Sequence, mark);
        var first = Math.Max(tag.FirstSequence, cursor.Through + 1);
        batches.Add(new SimStoredBatch(
            arrival.Device, tag.Epoch, first, tag.Sequence, batch.Content, batch.Gap, arrival.Unreadable is not null));
        return new StoredThrough(tag.Sequence, mark, Ahead: false, arrival.Unreadable);
    }

    private void Step(string where)
    {
        if (CrashIn < 0 || CrashIn-- > 0)
            return;
        if (world.Tracing)
            world.Trace("hub", $"dies in its store: {where}");
        throw new SimCrashException(where);
    }
}
