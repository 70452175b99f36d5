namespace LeptonEdge.Hub.Jobs;

/// <summary>Tells whoever waits that some job was added, has gone on or has ended.</summary>
public sealed class JobNews
{
    private volatile TaskCompletionSource _next = New();

    /// <summary>Ends at the next news. Taken before a job is read, so that nothing in between is missed.</summary>
    public Task Next => _next.Task;

    public void Tell() => Interlocked.Exchange(ref _next, New()).TrySetResult();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
