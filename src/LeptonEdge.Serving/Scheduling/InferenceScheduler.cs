using Grpc.Core;
using LeptonEdge.Inference.Tensors;

namespace LeptonEdge.Serving.Scheduling;

/// <summary>Lets a bounded number of runs take place, and a bounded number of requests wait; refuses at once what would
/// come too late, and runs what waits for the same model as one.</summary>
public sealed class InferenceScheduler(ServingOptions options, TimeProvider clock)
{
    private static readonly TimeSpan LongWait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ShortestRetry = TimeSpan.FromMilliseconds(1);

    private readonly Lock _gate = new();
    private readonly CallQueue _queue = new();
    private int _running;
    private double _runningSeconds;

    /// <summary>Runs under way and requests that wait.</summary>
    public int Inside
    {
        get
        {
            lock (_gate)
                return _running + _queue.Count;
        }
    }

    /// <summary>Answers a request in its turn.</summary>
    /// <exception cref="ServingException">Its deadline cannot be met, or too many wait.</exception>
    /// <exception cref="TensorRunException">The model failed on it.</exception>
    /// <exception cref="OperationCanceledException">Its caller left while it waited.</exception>
    internal async Task<Tensor[]> RunAsync(PendingCall call, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (TryStart(call))
        {
            // Nobody waits and a worker is free: this thread is as good as any.
            Execute([call]);
            Finish(call.Cost);
            return await call.Answer.ConfigureAwait(false);
        }

        using var gone = cancellation.UnsafeRegister(
            static (state, token) =>
            {
                var (scheduler, left) = ((InferenceScheduler, PendingCall))state!;
                scheduler.Leave(left, token);
            },
            (this, call));
        return await call.Answer.ConfigureAwait(false);
    }

    /// <returns>True: the caller runs it itself. False: it waits its turn.</returns>
    private bool TryStart(PendingCall call)
    {
        PendingCall? displaced = null;
        TimeSpan wait;
        lock (_gate)
        {
            wait = WaitOf(call);
            if (options.Workers == 0)
                throw Full(LongWait);
            if (IsLate(call, wait))
                throw new ServingException(
                    StatusCode.ResourceExhausted, Describe("the deadline cannot be met", wait), AtLeast(wait));
            if (_running < options.Workers && _queue.Count == 0)
            {
                _running++;
                _runningSeconds += call.Cost;
                return true;
            }

            if (_queue.Count >= options.QueueMax)
            {
                // Whoever fills the queue makes room for who does not.
                displaced = _queue.GreedierThan(call.Caller, call.Priority) ?? throw Full(wait);
                _queue.Remove(displaced);
            }

            _queue.Add(call);
        }

        displaced?.Fail(Full(wait));
        return false;
    }

    private void Work()
    {
        while (true)
        {
            List<PendingCall> batch;
            double seconds;
            lock (_gate)
            {
                batch = _queue.Take(options.BatchMax);
                if (batch.Count == 0)
                {
                    _running--;
                    return;
                }

                seconds = batch[0].Cost;
                _runningSeconds += seconds;
            }

            Execute(batch);
            lock (_gate)
                _runningSeconds -= seconds;
        }
    }

    private void Finish(double seconds)
    {
        lock (_gate)
        {
            _runningSeconds -= seconds;
            if (_queue.Count == 0)
            {
                _running--;
                return;
            }
        }

        // The caller of the run that has ended is not to wait for those of others.
        ThreadPool.UnsafeQueueUserWorkItem(static scheduler => scheduler.Work(), this, preferLocal: false);
    }

    private void Execute(List<PendingCall> batch)
    {
        var now = clock.GetTimestamp();
        foreach (var late in batch.FindAll(call => call.DeadlineAt <= now))
            late.Fail(Passed());
        batch.RemoveAll(call => call.DeadlineAt <= now);
        foreach (var call in batch)
            call.StartedAt = now;
        if (batch.Count > 0)
            BatchRun.Execute(batch, clock);
    }

    private void Leave(PendingCall call, CancellationToken cancellation)
    {
        // A run under way is not stopped: others may be in it.
        bool waited;
        lock (_gate)
            waited = _queue.Remove(call);
        if (waited)
            call.Cancel(cancellation);
    }

    private TimeSpan WaitOf(PendingCall call)
    {
        if (_running < options.Workers && _queue.Count == 0)
            return TimeSpan.Zero;
        var before = _queue.SecondsBefore(call.Caller, call.Priority, call.Cost) + _runningSeconds;
        return TimeSpan.FromSeconds(before / Math.Max(options.Workers, 1));
    }

    private bool IsLate(PendingCall call, TimeSpan wait)
    {
        if (call.DeadlineAt == long.MaxValue)
            return false;
        var left = clock.GetElapsedTime(clock.GetTimestamp(), call.DeadlineAt);
        return left <= TimeSpan.Zero ? throw Passed() : wait + TimeSpan.FromSeconds(call.Cost) > left;
    }

    private ServingException Full(TimeSpan wait) =>
        new(StatusCode.ResourceExhausted, Describe("no more may wait", wait), AtLeast(wait));

    private string Describe(string reason, TimeSpan wait) => FormattableString.Invariant(
        $"{_queue.Count + _running} requests are ahead: {reason}; try again in {AtLeast(wait).TotalMilliseconds:0} ms");

    private static TimeSpan AtLeast(TimeSpan wait) => wait > ShortestRetry
        ? TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds))
        : ShortestRetry;

    private static ServingException Passed() =>
        new(StatusCode.DeadlineExceeded, "the deadline passed while the request waited");
}
