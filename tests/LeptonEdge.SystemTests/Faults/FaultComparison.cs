using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Storage.Hubs;

namespace LeptonEdge.SystemTests.Faults;

/// <summary>What an agent noted down as appended, beside what the hub's store holds: every record exactly once and the
/// same to the bit, or named by a gap.</summary>
/// <remarks>One device. A kill between a durable append and the ledger's entry leaves a stored batch that no ledger
/// lists: it counts as appended, and must be stored once like any other.</remarks>
internal sealed class FaultComparison
{
    private const int FindingsMax = 20;

    // A hole that is larger than this is wrong enough.
    private const ulong HoleMax = 10_000;
    private readonly Dictionary<(ulong Epoch, ulong Sequence), List<ulong>> _appended = [];
    private readonly HashSet<(ulong Epoch, ulong Sequence)> _stored = [];
    private readonly HashSet<(ulong Epoch, ulong Sequence)> _gapNames = [];
    private readonly List<(ulong Epoch, ulong First, ulong Last)> _covered = [];
    private readonly List<(ulong Epoch, Gap Gap)> _gaps = [];
    private readonly HashSet<(ChannelName Channel, long TimeMicros)> _readings = [];

    public long Appended { get; private set; }

    public long Stored { get; private set; }

    /// <summary>Records that were appended, and are neither stored as they were nor named by a gap.</summary>
    public long Lost { get; private set; }

    /// <summary>Records that are stored more often than they were appended, under one name or two, or that nobody
    /// appended.</summary>
    public long Duplicated { get; private set; }

    /// <summary>Records that are not stored, and a gap says so.</summary>
    public long Named { get; private set; }

    /// <summary>Batches that are not stored, named or not.</summary>
    public int MissingBatches { get; private set; }

    public int Gaps => _gaps.Count;

    /// <summary>Stored batches that no ledger lists.</summary>
    public long UnlistedBatches { get; private set; }

    /// <summary>The first few things that are wrong, as sentences.</summary>
    public List<string> Findings { get; } = [];

    /// <summary>From the earliest reading to the latest, by the device's clock.</summary>
    public double SpanYears => _readings.Count == 0
        ? 0 : (_readings.Max(r => r.TimeMicros) - _readings.Min(r => r.TimeMicros)) / 1e6 / 86_400 / 365;

    public IEnumerable<Gap> AllGaps => _gaps.Select(gap => gap.Gap);

    /// <summary>Adds a ledger; all ledgers come before the first stored batch.</summary>
    public void AddLedger(string file)
    {
        foreach (var entry in AppendLedger.Read(file))
        {
            Appended += entry.Digests.Count;
            var key = (entry.Epoch, entry.Sequence);
            // A name given to two batches would keep the second one out of the store: both are expected there.
            if (_appended.TryGetValue(key, out var first))
                first.AddRange(entry.Digests);
            else
                _appended.Add(key, [.. entry.Digests]);
        }
    }

    public void AddStored(StoredBatch batch)
    {
        var key = (batch.Name.Epoch, batch.Name.Sequence);
        var isGap = batch.Records.Gaps.Count > 0;
        _gaps.AddRange(batch.Records.Gaps.Select(gap => (batch.Name.Epoch, gap)));
        var records = batch.Records.Count - batch.Records.Gaps.Count;
        Stored += records;
        if (!_stored.Add(key))
        {
            Duplicate(records, $"batch {batch.Name} is stored twice");
            return;
        }

        _covered.Add((batch.Name.Epoch, batch.Header.FirstSequence, batch.Name.Sequence));
        if (isGap)
        {
            // It bears the name of the last batch that it stands for.
            _gapNames.Add(key);
        }
        else if (_appended.TryGetValue(key, out var appended))
        {
            CompareRecords(batch, appended);
        }
        else
        {
            Appended += records;
            UnlistedBatches++;
        }

        LookForTwins(batch);
    }

    /// <summary>Call once, after the last stored batch: finds what is missing.</summary>
    /// <param name="namesRest">Whether a gap names, without their numbers, all batches that are missing: such as one
    /// that says where the file that held them is kept.</param>
    public FaultComparison Judge(Func<Gap, bool>? namesRest = null)
    {
        var allNamed = namesRest is not null && _gaps.Any(g => namesRest(g.Gap));
        foreach (var (name, digests) in _appended)
        {
            if (_stored.Contains(name) && !_gapNames.Contains(name))
                continue;
            MissingBatches++;
            if (allNamed || _gaps.Any(g => g.Epoch == name.Epoch
                && g.Gap.FirstSequence <= name.Sequence && name.Sequence <= g.Gap.LastSequence))
                Named += digests.Count;
            else
                Lose(digests.Count, $"batch {name.Epoch:x16}/{name.Sequence} is not stored and no gap names it");
        }

        foreach (var epoch in _covered.GroupBy(range => range.Epoch))
            LookForHoles(epoch.Key, epoch.Select(range => (range.First, range.Last)));
        return this;
    }

    /// <summary>The line that a fault test prints.</summary>
    public string Line(int kills) =>
        $"kills={kills} appended={Appended} stored={Stored} lost={Lost} duplicated={Duplicated} gaps={Gaps}";

    private void CompareRecords(StoredBatch batch, List<ulong> appended)
    {
        var missing = Count(appended);
        var extra = 0;
        foreach (var digest in RecordDigest.Compute(batch.Name, batch.Records))
        {
            if (missing.GetValueOrDefault(digest) > 0)
                missing[digest]--;
            else
                extra++;
        }

        var lost = missing.Values.Sum();
        if (lost > 0)
            Lose(lost, $"batch {batch.Name} lacks {lost} records as they were appended");
        if (extra > 0)
            Duplicate(extra, $"batch {batch.Name} holds {extra} records that were not appended, or not so often");
    }

    // The same reading under two names would pass every comparison by name. A channel has one reading at a time.
    private void LookForTwins(StoredBatch batch)
    {
        foreach (var series in batch.Records.Series)
        {
            var twins = series.TimesMicros.Count(time => !_readings.Add((series.Channel, time)));
            if (twins > 0)
                Duplicate(twins, $"batch {batch.Name} repeats {twins} readings of {series.Channel}");
        }
    }

    // A sequence that neither a batch nor a gap covers was appended as surely as the one after it.
    private void LookForHoles(ulong epoch, IEnumerable<(ulong First, ulong Last)> ranges)
    {
        ulong next = 1;
        foreach (var (first, last) in ranges.OrderBy(range => range.Last))
        {
            for (var missing = next; missing < first && missing < next + HoleMax; missing++)
            {
                if (!_appended.ContainsKey((epoch, missing)))
                    Lose(1, $"batch {epoch:x16}/{missing} left no trace");
            }

            next = Math.Max(next, last + 1);
        }
    }

    private static Dictionary<ulong, int> Count(List<ulong> digests)
    {
        var counts = new Dictionary<ulong, int>(digests.Count);
        foreach (var digest in digests)
            counts[digest] = counts.GetValueOrDefault(digest) + 1;
        return counts;
    }

    private void Lose(long records, string what)
    {
        Lost += records;
        Find(what);
    }

    private void Duplicate(long records, string what)
    {
        Duplicated += records;
        Find(what);
    }

    private void Find(string what)
    {
        if (Findings.Count < FindingsMax)
            Findings.Add(what);
    }
}
