namespace LeptonEdge.Agent.Status;

/// <summary>Bytes a second that the way to the hub carries, from what the uplink sends anyway: only while it has more to
/// send than it can does its pace say something of the link.</summary>
public sealed class LinkGauge(TimeProvider clock)
{
    // Fewer may be a moment's gathering; so many wait for the link.
    private const long BatchesWaiting = 8;
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(5);

    private long _at = clock.GetTimestamp();
    private long _sent;
    private bool _waited;

    /// <summary>The best of the last minutes; 0 while unknown.</summary>
    public double BytesPerSecond { get; private set; }

    /// <param name="sentBytes">Since the start.</param>
    /// <param name="batchesWaiting">Not yet receipted.</param>
    public void Observe(long sentBytes, long batchesWaiting)
    {
        var now = clock.GetTimestamp();
        var passed = clock.GetElapsedTime(_at, now);
        var waits = batchesWaiting >= BatchesWaiting;
        if (passed <= TimeSpan.Zero)
            return;
        BytesPerSecond *= Math.Exp(-passed / Memory);
        if (waits && _waited && sentBytes > _sent)
            BytesPerSecond = Math.Max(BytesPerSecond, (sentBytes - _sent) / passed.TotalSeconds);
        (_at, _sent, _waited) = (now, sentBytes, waits);
    }
}
