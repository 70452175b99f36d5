using LeptonEdge.Core.Records;

namespace LeptonEdge.Core.Metrics;

/// <summary>Counts work until someone takes the count away. Any thread; no lock and no allocation.</summary>
public sealed class WorkCounter
{
    private long _inferences;
    private long _coreTicks;
    private long _acceleratorTicks;
    private long _bytes;

    /// <summary>Counts a run of a model.</summary>
    /// <param name="inferences">Its rows.</param>
    /// <param name="busy">How long it kept all its threads.</param>
    /// <param name="threads">Cores that it kept; 0 for an accelerator.</param>
    public void Ran(int inferences, TimeSpan busy, int threads)
    {
        Interlocked.Add(ref _inferences, inferences);
        if (threads > 0)
            Interlocked.Add(ref _coreTicks, busy.Ticks * threads);
        else
            Interlocked.Add(ref _acceleratorTicks, busy.Ticks);
    }

    public void Sent(long bytes) => Interlocked.Add(ref _bytes, bytes);

    /// <summary>Takes what was counted; what is less than a microsecond stays for the next time. One thread at a
    /// time.</summary>
    public UsageAmounts Take() => new(
        Interlocked.Exchange(ref _inferences, 0), TakeMicros(ref _coreTicks), TakeMicros(ref _acceleratorTicks),
        Interlocked.Exchange(ref _bytes, 0));

    private static long TakeMicros(ref long ticks)
    {
        var micros = Interlocked.Read(ref ticks) / TimeSpan.TicksPerMicrosecond;
        Interlocked.Add(ref ticks, -micros * TimeSpan.TicksPerMicrosecond);
        return micros;
    }
}
