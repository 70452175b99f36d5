namespace MQTTnet.Server.Persistence;

internal enum StoreOpState
{
    Waiting,
    Committed,
    Refused,
}

/// <summary>One change of the file; changes are written in their order, many in one transaction.</summary>
/// <param name="mayBeRefused">
/// True: the change is dropped when it cannot be written, and its cause is told so. False: it is tried until it is
/// written, for what it says has happened (an acknowledgement came, a session ended).
/// </param>
internal abstract class StoreOp(bool mayBeRefused)
{
    private volatile StoreOpState _state;
    private volatile Task _attempt = Task.CompletedTask;

    public bool MayBeRefused => mayBeRefused;

    /// <summary>About what the change keeps in memory until it is written.</summary>
    public virtual long Bytes => 64;

    public StoreOpState State
    {
        get => _state;
        protected set => _state = value;
    }

    /// <summary>Ends with the transaction that the change is in, committed or not.</summary>
    public Task Attempt
    {
        get => _attempt;
        set => _attempt = value;
    }

    public abstract void Write(StoreFile file);

    /// <summary>The change is on the disk. On the writer's thread, in the order of the changes.</summary>
    public virtual void OnCommitted() => _state = StoreOpState.Committed;

    /// <summary>The change was dropped. On the writer's thread.</summary>
    public virtual void OnRefused() => _state = StoreOpState.Refused;

    /// <returns>True when the change is on the disk, false when it was refused.</returns>
    public async ValueTask<bool> DoneAsync()
    {
        while (true)
        {
            if (_state != StoreOpState.Waiting)
                return _state == StoreOpState.Committed;
            await _attempt.ConfigureAwait(false);
        }
    }
}

/// <summary>A change that is one statement.</summary>
internal sealed class SimpleOp(Action<StoreFile> write, bool mayBeRefused = false) : StoreOp(mayBeRefused)
{
    public override void Write(StoreFile file) => write(file);
}
