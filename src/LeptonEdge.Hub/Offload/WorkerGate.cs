namespace LeptonEdge.Hub.Offload;

/// <summary>Lets a bounded number of inferences run, and a bounded number wait; refuses at once what would come too
/// late.</summary>
public sealed class WorkerGate(int workers, int queueMax) : IDisposable
{
    private readonly SemaphoreSlim _free = new(workers);
    private int _inside;

    /// <summary>Running and waiting.</summary>
    public int Inside => Volatile.Read(ref _inside);

    /// <param name="service">Mean time of one inference.</param>
    /// <param name="remaining">What is left of the deadline; null when there is none.</param>
    /// <param name="retryAfter">When refused: the time in which the present queue is done.</param>
    public bool TryJoin(TimeSpan service, TimeSpan? remaining, out TimeSpan retryAfter)
    {
        retryAfter = TimeSpan.Zero;
        var ahead = Interlocked.Increment(ref _inside) - 1;
        var wait = workers == 0 ? TimeSpan.MaxValue : service * (Math.Max(0, ahead - workers + 1) / (double)workers);
        if (workers > 0 && ahead < workers + queueMax && (remaining is not { } left || wait + service <= left))
            return true;
        Interlocked.Decrement(ref _inside);
        retryAfter = workers == 0 ? TimeSpan.FromMinutes(1) : wait;
        return false;
    }

    public Task WaitAsync(CancellationToken cancellation) => _free.WaitAsync(cancellation);

    public void Release() => _free.Release();

    public void Leave() => Interlocked.Decrement(ref _inside);

    public void Dispose() => _free.Dispose();
}
