using System.Collections.Concurrent;
using LeptonEdge.Core.Metrics;
using LeptonEdge.Core.Records;

namespace LeptonEdge.Hub.Metrics;

/// <summary>What the hub counts. Any thread; counting takes no lock.</summary>
public sealed class HubMeters
{
    private long _batches;
    private long _records;
    private long _alarms;
    private long _moves;
    private readonly ConcurrentDictionary<(string Model, string Outcome), Counter> _inferences = [];
    private readonly ConcurrentDictionary<string, LatencyHistogram> _inferenceSeconds = [];
    private long _gaps;
    private long _missing;
    private volatile int _homeless;
    private volatile int _planFaults;

    public long Batches => Interlocked.Read(ref _batches);

    public long Records => Interlocked.Read(ref _records);

    public long Alarms => Interlocked.Read(ref _alarms);

    public long Moves => Interlocked.Read(ref _moves);

    /// <summary>Gaps that devices left in the place of what they gave up, and the records these name.</summary>
    public long Gaps => Interlocked.Read(ref _gaps);

    public long MissingRecords => Interlocked.Read(ref _missing);

    /// <summary>Workloads that the last plan found no place for.</summary>
    public int Homeless => _homeless;

    /// <summary>Why the last state of the fleet could not be planned with: how many reasons.</summary>
    public int PlanFaults => _planFaults;

    /// <summary>What a round of planning took.</summary>
    internal LatencyHistogram PlanRounds { get; } = new();

    internal VerdictMeters Verdicts { get; } = new();

    internal IEnumerable<KeyValuePair<(string Model, string Outcome), Counter>> Inferences => _inferences;

    internal IEnumerable<KeyValuePair<string, LatencyHistogram>> InferenceSeconds => _inferenceSeconds;

    /// <summary>Counts a batch that is in the store.</summary>
    public void CountBatch(RecordBatch batch)
    {
        Interlocked.Increment(ref _batches);
        Interlocked.Add(ref _records, batch.Count);
        Interlocked.Add(ref _alarms, batch.Alarms.Count);
        Verdicts.Add(batch.Verdicts);
        foreach (var gap in batch.Gaps)
        {
            Interlocked.Increment(ref _gaps);
            Interlocked.Add(ref _missing, gap.Records);
        }
    }

    /// <param name="homeless">Null when the round decided nothing.</param>
    public void CountRound(TimeSpan elapsed, int? homeless, int faults)
    {
        PlanRounds.Record(elapsed);
        (_homeless, _planFaults) = (homeless ?? _homeless, faults);
    }

    public void CountMoves(int moves) => Interlocked.Add(ref _moves, moves);

    /// <param name="model">A model that is loaded: names from outside would let a stranger grow this table.</param>
    /// <param name="outcome">A status code's name.</param>
    public void CountInference(string model, string outcome, TimeSpan elapsed)
    {
        _inferences.GetOrAdd((model, outcome), static _ => new Counter()).Increment();
        _inferenceSeconds.GetOrAdd(model, static _ => new LatencyHistogram()).Record(elapsed);
    }

    internal sealed class Counter
    {
        private long _value;

        public long Value => Interlocked.Read(ref _value);

        public void Increment() => Interlocked.Increment(ref _value);
    }
}
