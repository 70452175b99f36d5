using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;

namespace LeptonEdge.Storage.Outboxes;

/// <summary>Appends that wait for the disk. It holds no more than there are threads in Append.</summary>
internal sealed class AppendQueue
{
    private readonly Lock _gate = new();
    private readonly Queue<AppendRequest> _waiting = new();

    public int Count
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    public AppendRequest Add(ReadOnlySpan<PendingBatch> batches)
    {
        var request = AppendRequest.OfThread(batches);
        lock (_gate)
            _waiting.Enqueue(request);
        return request;
    }

    public bool TryTake([NotNullWhen(true)] out AppendRequest? request)
    {
        lock (_gate)
            return _waiting.TryDequeue(out request);
    }

    public void TakeAll(List<AppendRequest> into)
    {
        while (TryTake(out var request))
            into.Add(request);
    }
}

/// <summary>The batches of one caller and what became of them. Changed under the outbox's lock alone.</summary>
internal sealed class AppendRequest
{
    [ThreadStatic]
    private static AppendRequest? _ofThread;

    private PendingBatch[] _batches = [];
    private int _count;
    private AppendedBatches _names;
    private Exception? _fault;

    public bool Done { get; private set; }

    /// <summary>A thread has one append at a time, so one object serves all of them.</summary>
    public static AppendRequest OfThread(ReadOnlySpan<PendingBatch> batches)
    {
        var request = _ofThread ??= new AppendRequest();
        if (request._batches.Length < batches.Length)
            request._batches = new PendingBatch[batches.Length];
        batches.CopyTo(request._batches);
        (request._count, request._fault, request.Done) = (batches.Length, null, false);
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
        _fault ??= fault is IOException ? new OutboxException(fault.Message, fault) : fault;
        Array.Clear(_batches);
        Done = true;
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
