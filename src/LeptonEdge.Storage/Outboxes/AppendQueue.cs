using System.Runtime.ExceptionServices;

namespace LeptonEdge.Storage.Outboxes;

/// <summary>Appends that wait for the disk: one of them leads and commits what has gathered, the others wait for
/// that. It holds no more than there are threads in Append.</summary>
internal sealed class AppendQueue
{
    private readonly Lock _gate = new();
    private readonly Queue<AppendRequest> _waiting = new();
    private bool _led;

    public int Count
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    /// <summary>Returns when another has done the work, or when the caller has to lead.</summary>
    /// <returns>True to lead; <see cref="Resign"/> then.</returns>
    public bool AddAndWait(AppendRequest request)
    {
        lock (_gate)
        {
            _waiting.Enqueue(request);
            if (!_led)
                return _led = true;
        }

        return !request.WaitUntilDone();
    }

    public bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out AppendRequest? request)
    {
        lock (_gate)
            return _waiting.TryDequeue(out request);
    }

    /// <summary>The oldest of those that came meanwhile leads next.</summary>
    public void Resign()
    {
        lock (_gate)
        {
            _led = _waiting.TryPeek(out var next);
            next?.Lead();
        }
    }
}

/// <summary>The batches of one caller and what became of them.</summary>
internal sealed class AppendRequest
{
    [ThreadStatic]
    private static AppendRequest? _ofThread;

    private readonly ManualResetEventSlim _woken = new();
    private PendingBatch[] _batches = [];
    private int _count;
    private AppendedBatches _names;
    private Exception? _fault;
    private bool _done;

    /// <summary>A thread has one append at a time, so one object serves all of them.</summary>
    public static AppendRequest OfThread(ReadOnlySpan<PendingBatch> batches)
    {
        var request = _ofThread ??= new AppendRequest();
        if (request._batches.Length < batches.Length)
            request._batches = new PendingBatch[batches.Length];
        batches.CopyTo(request._batches);
        (request._count, request._fault, request._done) = (batches.Length, null, false);
        request._woken.Reset();
        return request;
    }

    /// <summary>A caller whose own sealing fails does not spoil the append of the others.</summary>
    public void Stage(OutboxLine line)
    {
        _fault = null;
        try
        {
            _names = line.Stage(_batches.AsSpan(0, _count));
        }
        catch (Exception e)
        {
            _fault = e;
        }
    }

    public void End(Exception? fault)
    {
        // Each caller throws an exception of its own: one object thrown by several threads would mix their traces.
        _fault ??= fault is IOException ? new OutboxException(fault.Message, fault) : fault;
        Array.Clear(_batches);
        _done = true;
        _woken.Set();
    }

    public void Lead() => _woken.Set();

    /// <returns>False when the caller has to lead.</returns>
    public bool WaitUntilDone()
    {
        // Blocks its thread on purpose: Append returns when the batch is durable, and a producer that outran the disk
        // would fill memory instead. The leader, or its fault, wakes everyone; it never waits for those behind it.
        _woken.Wait();
        return _done;
    }

    /// <summary>The names that were given; throws what went wrong.</summary>
    public AppendedBatches Take()
    {
        var fault = _fault;
        _fault = null;
        if (fault is not null)
            ExceptionDispatchInfo.Throw(fault);
        return _names;
    }
}
