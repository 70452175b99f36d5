using Grpc.Core;
using LeptonEdge.Inference.Tensors;

namespace LeptonEdge.Serving.Scheduling;

/// <summary>Lets a bounded number of runs take place, and a bounded number of requests wait; refuses at once what would
/// come too late, and runs what waits for the same model as one.</summary>
/// <remarks>No request is made to wait for company. A lone one runs at once, on its own thread. Once requests overlap,
/// a run takes its turn behind the work that the thread pool already has, which is the reading of other requests: what
/// is there by then runs together, and the more there is to do, the larger the runs and the less each costs.</remarks>
public sealed class InferenceScheduler(ServingOptions options, TimeProvider clock)
{
    private static readonly TimeSpan LongWait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ShortestRetry = TimeSpan.FromMilliseconds(1);

    // A thread pool with more to do than this is not waited for: whoever comes next runs what waits.
    private static readonly TimeSpan TurnMax = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan GatherMax = TimeSpan.FromMilliseconds(0.5);

    private readonly Lock _gate = new();
    private readonly CallQueue _queue = new();
    private int _running;
    private double _runningSeconds;

    // Workers that have been asked for and have not begun, and since when.
    private int _called;
    private long _calledAt;
    private bool _overlaps;

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
    internal ValueTask<Tensor[]> RunAsync(PendingCall call, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        switch (Enter(call))
        {
            case Turn.Own:
                // Nobody waits and a worker is free: this thread is as good as any.
                ExecuteAlone(call);
                return call.Answer;
            case Turn.Others:
                Work(isCallers: true);
                break;
        }

        if (cancellation.CanBeCanceled)
        {
            call.LeaveWith(cancellation.UnsafeRegister(
                static (state, token) =>
                {
                    var (scheduler, left) = ((InferenceScheduler, PendingCall))state!;
                    scheduler.Leave(left, token);
                },
                (this, call)));
        }

        return call.Answer;
    }

    private Turn Enter(PendingCall call)
    {
        PendingCall? displaced = null;
        ServingException full;
        Turn turn;
        lock (_gate)
        {
            if (options.Workers == 0)
                throw Full(LongWait);
            if (call.DeadlineAt != long.MaxValue && WaitOf(call) is var wait && IsLate(call, wait))
                throw new ServingException(
                    StatusCode.ResourceExhausted, Describe("the deadline cannot be met", wait), AtLeast(wait));
            if (_running < options.Workers && _queue.Count == 0 && !MayOverlap(call))
            {
                _running++;
                _runningSeconds += call.Cost;
                return Turn.Own;
            }

            if (_queue.Count < options.QueueMax)
            {
                _queue.Add(call);
                return CallWorker();
            }

            // Whoever fills the queue makes room for who does not.
            full = Full(WaitOf(call));
            displaced = _queue.GreedierThan(call.Caller, call.Priority) ?? throw full;
            _queue.Remove(displaced);
            _queue.Add(call);
            turn = CallWorker();
        }

        displaced.Fail(full);
        displaced.TellLater();
        return turn;
    }

    private bool MayOverlap(PendingCall call) => options.BatchMax > 1 && (_overlaps || call.HasCompany);

    /// <summary>Sees to it that what waits is run, now that there is something. Under the lock.</summary>
    private Turn CallWorker()
    {
        if (_called > 0 && clock.GetElapsedTime(_calledAt) > TurnMax)
        {
            // The one that was called finds that another has taken its place.
            _called--;
            return Turn.Others;
        }

        if (_running < options.Workers)
        {
            _running++;
            Call();
        }

        return Turn.Waits;
    }

    // Behind what the pool has to do already: that is where the next requests come from.
    private void Call()
    {
        if (_called++ == 0)
            _calledAt = clock.GetTimestamp();
        ThreadPool.UnsafeQueueUserWorkItem(static scheduler => scheduler.Begin(), this, preferLocal: false);
    }

    private void Begin()
    {
        lock (_gate)
        {
            if (_called == 0)
                return;
            if (!MayGather())
                _called--;
            else
            {
                ThreadPool.UnsafeQueueUserWorkItem(
                    static scheduler => scheduler.Begin(), this, preferLocal: false);
                return;
            }
        }

        Work(isCallers: false);
    }

    /// <summary>While the pool has other work, nothing is lost by doing that first, and a larger run is gained. Under
    /// the lock.</summary>
    private bool MayGather() => _queue.Count < options.BatchMax && options.BatchMax > 1
        && ThreadPool.PendingWorkItemCount > 0 && clock.GetElapsedTime(_calledAt) < GatherMax;

    /// <summary>Runs what waits for one model; what is left gets another turn. Its place is counted in
    /// <see cref="_running"/>.</summary>
    /// <param name="isCallers">The thread belongs to a request, which is not to wait for what others do with their
    /// answers.</param>
    private void Work(bool isCallers)
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
                    _overlaps = false;
                    return;
                }

                _overlaps = batch.Count > 1;
                seconds = batch[0].Cost;
                _runningSeconds += seconds;
            }

            Execute(batch);
            // Another turn is for company; a server that runs each request alone goes on at once.
            var isOver = Finish(seconds, goesOn: options.BatchMax == 1);
            if (isOver && !isCallers)
            {
                AnswerRound.Tell(batch);
                return;
            }

            foreach (var call in batch)
                call.TellLater();
            if (isOver)
                return;
        }
    }

    /// <returns>False: the caller is to run what waits.</returns>
    private bool Finish(double seconds, bool goesOn)
    {
        lock (_gate)
        {
            _runningSeconds -= seconds;
            if (_queue.Count == 0)
                _running--;
            else if (goesOn)
                return false;
            else
                Call();
            return true;
        }
    }

    private void ExecuteAlone(PendingCall call)
    {
        call.StartedAt = clock.GetTimestamp();
        BatchRun.ExecuteOne(call, clock);
        call.Tell();
        // The caller of the run that has ended is not to wait for those of others.
        Finish(call.Cost, goesOn: false);
    }

    private void Execute(List<PendingCall> batch)
    {
        var now = clock.GetTimestamp();
        var late = 0;
        foreach (var call in batch)
        {
            call.StartedAt = now;
            if (call.DeadlineAt > now)
                continue;
            call.Fail(Passed());
            late++;
        }

        if (late == 0)
            BatchRun.Execute(batch, clock);
        else if (late < batch.Count)
            BatchRun.Execute(batch.FindAll(call => call.DeadlineAt > now), clock);
    }

    private void Leave(PendingCall call, CancellationToken cancellation)
    {
        // A run under way is not stopped: others may be in it.
        bool waited;
        lock (_gate)
            waited = _queue.Remove(call);
        if (!waited)
            return;
        call.Fail(new OperationCanceledException(cancellation));
        call.TellLater();
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
        var left = clock.GetElapsedTime(clock.GetTimestamp(), call.DeadlineAt);
        return left <= TimeSpan.Zero ? throw Passed() : wait + TimeSpan.FromSeconds(call.Cost) > left;
    }

    private enum Turn
    {
        /// <summary>It waits its turn.</summary>
        Waits,

        /// <summary>Its caller's thread runs it.</summary>
        Own,

        /// <summary>It waits, and its caller's thread runs what waits.</summary>
        Others,
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
