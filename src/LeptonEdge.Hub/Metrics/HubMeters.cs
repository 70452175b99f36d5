using System.Collections.Concurrent;

namespace LeptonEdge.Hub.Metrics;

/// <summary>What the hub counts. Any thread; counting takes no lock.</summary>
public sealed class HubMeters
{
    private long _batches;
    private long _records;
    private long _alarms;
    private long _moves;
    private readonly ConcurrentDictionary<(string Model, string Outcome), Counter> _inferences = [];
    private readonly ConcurrentDictionary<string, SecondsHistogram> _inferenceSeconds = [];

    public long Batches => Interlocked.Read(ref _batches);

    public long Records => Interlocked.Read(ref _records);

    public long Alarms => Interlocked.Read(ref _alarms);

    public long Moves => Interlocked.Read(ref _moves);

    internal IEnumerable<KeyValuePair<(string Model, string Outcome), Counter>> Inferences => _inferences;

    internal IEnumerable<KeyValuePair<string, SecondsHistogram>> InferenceSeconds => _inferenceSeconds;

    public void CountBatch(int records, int alarms)
    {
        Interlocked.Increment(ref _batches);
        Interlocked.Add(ref _records, records);
        Interlocked.Add(ref _alarms, alarms);
    }

    public void CountMoves(int moves) => Interlocked.Add(ref _moves, moves);

    /// <param name="model">A model that is loaded: names from outside would let a stranger grow this table.</param>
    /// <param name="outcome">A status code's name.</param>
    public void CountInference(string model, string outcome, TimeSpan elapsed)
    {
        _inferences.GetOrAdd((model, outcome), static _ => new Counter()).Increment();
        _inferenceSeconds.GetOrAdd(model, static _ => new SecondsHistogram()).Record(elapsed.TotalSeconds);
    }

    internal sealed class Counter
    {
        private long _value;

        public long Value => Interlocked.Read(ref _value);

        public void Increment() => Interlocked.Increment(ref _value);
    }
}

/// <summary>Counts durations below fixed bounds, as Prometheus wants them.</summary>
internal sealed class SecondsHistogram
{
    public static readonly double[] Bounds =
        [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

    private readonly long[] _counts = new long[Bounds.Length + 1];
    private long _sumMicros;

    public double SumSeconds => Interlocked.Read(ref _sumMicros) / 1e6;

    public void Record(double seconds)
    {
        var slot = 0;
        while (slot < Bounds.Length && seconds > Bounds[slot])
            slot++;
        Interlocked.Increment(ref _counts[slot]);
        Interlocked.Add(ref _sumMicros, (long)(seconds * 1e6));
    }

    public long CountIn(int slot) => Interlocked.Read(ref _counts[slot]);
}
