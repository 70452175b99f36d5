namespace MQTTnet.Server.Persistence;

/// <summary>
/// Group commit: what is added while one transaction is being written is the next one, with one fsync for all of it.
/// </summary>
internal sealed class StoreWriter
{
    /// <summary>Who adds messages waits above this, so that a slow disk holds publishers and not memory.</summary>
    private const long WaitingBytesMax = 32 * 1024 * 1024;

    /// <summary>About the most that one transaction adds to the journal, but for one message that is larger.</summary>
    private const long TransactionBytesMax = 4 * 1024 * 1024;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly StoreFile _file;
    private readonly Action<string, Exception?> _report;
    private readonly Thread _thread;
    private List<StoreOp> _next = [];
    private List<StoreOp> _spare = [];
    private TaskCompletionSource _attempt = NewAttempt();
    private long _waitingBytes;
    private bool _isStopping;
    private bool _isStopped;
    private bool _isFailing;

    public StoreWriter(StoreFile file, Action<string, Exception?> report)
    {
        (_file, _report) = (file, report);
        _thread = new Thread(Run) { IsBackground = true, Name = "MQTT session file" };
        _thread.Start();
    }

    public void Add(StoreOp op)
    {
        lock (_gate)
        {
            if (!_isStopped)
            {
                op.Attempt = _attempt.Task;
                _next.Add(op);
                _waitingBytes += op.Bytes;
                _wake.Set();
                return;
            }
        }
        op.OnRefused();
    }

    /// <summary>Ends when there is room for more messages.</summary>
    public async ValueTask RoomAsync()
    {
        while (Interlocked.Read(ref _waitingBytes) > WaitingBytesMax)
        {
            Task attempt;
            lock (_gate)
                attempt = _attempt.Task;
            await attempt.ConfigureAwait(false);
        }
    }

    /// <summary>Writes what is left, and closes the file.</summary>
    public void Stop()
    {
        lock (_gate)
            _isStopping = true;
        _wake.Set();
        _thread.Join();
        _file.Dispose();
        _wake.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            _wake.WaitOne(_isFailing ? RetryDelay : Timeout.InfiniteTimeSpan);
            List<StoreOp> ops;
            TaskCompletionSource attempt;
            bool isLast;
            lock (_gate)
            {
                (ops, _next, attempt, _attempt) = (_next, _spare, _attempt, NewAttempt());
                isLast = _isStopped = _isStopping;
            }
            var left = Write(ops);
            long done = 0;
            foreach (var op in ops)
                done += op.Bytes;
            lock (_gate)
            {
                // What could not be written but has to be goes before everything that came meanwhile.
                foreach (var op in left)
                {
                    op.Attempt = _attempt.Task;
                    done -= op.Bytes;
                }
                _next.InsertRange(0, left);
                _waitingBytes -= done;
            }
            ops.Clear();
            _spare = ops;
            attempt.SetResult();
            if (isLast)
                return;
        }
    }

    /// <returns>What has to be tried again.</returns>
    private List<StoreOp> Write(List<StoreOp> ops)
    {
        var left = new List<StoreOp>();
        for (var (from, to) = (0, 0); from < ops.Count; from = to)
        {
            for (long bytes = 0; to < ops.Count && (to == from || bytes < TransactionBytesMax); to++)
                bytes += ops[to].Bytes;
            left.AddRange(Write(ops[from..to], isBlocked: left.Count > 0));
        }
        return left;
    }

    /// <param name="isBlocked">Something before these is not written, and nothing may overtake it.</param>
    private List<StoreOp> Write(List<StoreOp> ops, bool isBlocked)
    {
        Exception? why = null;
        var hasRoom = !isBlocked && (_file.HasReserve || _file.TryReserve());
        if (hasRoom && TryCommit(ops, out why))
        {
            Committed(ops);
            // A journal that cannot be moved would grow until the disk is full: no more messages until it can.
            if (!_file.IsJournalLong || _file.TryCheckpoint())
                Report(isFailing: false, null);
            else
                GiveRoom();
            return [];
        }
        Report(isFailing: true, why);
        // What makes room comes first: acknowledged messages leave before new ones are taken.
        var due = ops.FindAll(op => !op.MayBeRefused);
        var isDone = !isBlocked && TryCheckpoint() && (due.Count == 0 || TryCommit(due, out _));
        if (isDone)
            Committed(due);
        foreach (var op in ops)
        {
            if (op.MayBeRefused)
                op.OnRefused();
        }
        return isDone ? [] : due;
    }

    private bool TryCheckpoint() => _file.TryCheckpoint() || GiveRoom();

    private bool GiveRoom()
    {
        _file.ReleaseReserve();
        return _file.TryCheckpoint();
    }

    private void Report(bool isFailing, Exception? why)
    {
        if (isFailing == _isFailing)
            return;
        _isFailing = isFailing;
        _report(
            isFailing
                ? "The session file cannot be written: messages for kept sessions are refused until it can."
                : "The session file can be written again.",
            why);
    }

    private void Committed(List<StoreOp> ops)
    {
        foreach (var op in ops)
        {
            try
            {
                op.OnCommitted();
            }
            catch (Exception exception)
            {
                _report("What follows from a written change failed.", exception);
            }
        }
    }

    private bool TryCommit(List<StoreOp> ops, out Exception? why)
    {
        try
        {
            _file["BEGIN IMMEDIATE"].Run();
            foreach (var op in ops)
                op.Write(_file);
            _file["COMMIT"].Run();
            why = null;
            return true;
        }
        catch (Exception exception)
        {
            _file.RollBack();
            why = exception;
            return false;
        }
    }

    private static TaskCompletionSource NewAttempt() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
