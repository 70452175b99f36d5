namespace LeptonEdge.Sync;

/// <summary>Wakes one loop. Signals that come while one is pending are one. Any thread may signal, also after the loop
/// has ended.</summary>
internal sealed class WakeSignal : IDisposable
{
    private readonly SemaphoreSlim _pending = new(0, 1);

    public void Set()
    {
        try
        {
            _pending.Release();
        }
        catch (SemaphoreFullException)
        {
            // A wake-up is pending already; one is enough.
        }
        catch (ObjectDisposedException)
        {
            // The loop has ended; whatever it should have seen is for the next start.
        }
    }

    public Task WaitAsync(CancellationToken cancellation) => _pending.WaitAsync(cancellation);

    /// <returns>False when the time ran out first.</returns>
    public Task<bool> WaitAsync(TimeSpan patience, CancellationToken cancellation) =>
        _pending.WaitAsync(patience, cancellation);

    public void Dispose() => _pending.Dispose();
}
