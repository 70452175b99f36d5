using MQTTnet.Exceptions;

namespace MQTTnet.Internal;

/// <summary>The server's receive maximum, handed out in the order in which messages were published: none leaves before
/// one that was there first (MQTT 5, 4.6).</summary>
/// <remarks>A message is begun, which draws its identifier and puts it into the pipe's order, under the lock that gave it
/// its turn.</remarks>
internal sealed class PublishTurns(int free, CancellationToken alive)
{
    private readonly Lock _gate = new();
    private readonly Queue<Turn> _waiting = [];
    private int _free = free;

    /// <summary>Begins at once when there is room and nobody waits.</summary>
    /// <returns>Null when the caller has to wait for <see cref="WaitAsync"/>.</returns>
    public Task<MqttClientPublishResult>? TryBegin(
        MqttApplicationMessage message, CancellationToken cancellation,
        Func<MqttApplicationMessage, CancellationToken, Task<MqttClientPublishResult>> begin)
    {
        lock (_gate)
            return _free > 0 && _waiting.Count == 0 ? Begin(message, cancellation, begin) : null;
    }

    /// <exception cref="OperationCanceledException">Cancelled before the message left; its turn goes to the next.</exception>
    public async Task<MqttClientPublishResult> WaitAsync(
        MqttApplicationMessage message, CancellationToken cancellation,
        Func<MqttApplicationMessage, CancellationToken, Task<MqttClientPublishResult>> begin)
    {
        var turn = new Turn(message, cancellation, begin);
        lock (_gate)
        {
            _waiting.Enqueue(turn);
            BeginWaiting();
        }

        await using var cancelled = cancellation.UnsafeRegister(
            static (state, token) => ((Turn)state!).Cancel(new OperationCanceledException(token)), turn);
        await using var ended = alive.UnsafeRegister(
            static state => ((Turn)state!).Cancel(new MqttClientDisconnectedException(null)), turn);
        var published = await turn.Begun.ConfigureAwait(false);
        return await published.ConfigureAwait(false);
    }

    /// <summary>An acknowledgement has made room.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _free++;
            BeginWaiting();
        }
    }

    private void BeginWaiting()
    {
        while (_free > 0 && _waiting.TryDequeue(out var turn))
        {
            if (turn.TryTake())
                turn.Begin(Begin(turn.Message, turn.Cancellation, turn.How));
        }
    }

    private Task<MqttClientPublishResult> Begin(
        MqttApplicationMessage message, CancellationToken cancellation,
        Func<MqttApplicationMessage, CancellationToken, Task<MqttClientPublishResult>> begin)
    {
        _free--;
        try
        {
            return begin(message, cancellation);
        }
        catch (Exception fault)
        {
            // Nothing left, so no acknowledgement will make room.
            _free++;
            return Task.FromException<MqttClientPublishResult>(fault);
        }
    }

    private sealed class Turn(
        MqttApplicationMessage message, CancellationToken cancellation,
        Func<MqttApplicationMessage, CancellationToken, Task<MqttClientPublishResult>> how)
    {
        private readonly TaskCompletionSource<Task<MqttClientPublishResult>> _begun =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        private int _taken;

        public MqttApplicationMessage Message => message;

        public CancellationToken Cancellation => cancellation;

        public Func<MqttApplicationMessage, CancellationToken, Task<MqttClientPublishResult>> How => how;

        public Task<Task<MqttClientPublishResult>> Begun => _begun.Task;

        /// <summary>Once only: to begin, or to leave.</summary>
        public bool TryTake() => Interlocked.Exchange(ref _taken, 1) == 0;

        public void Begin(Task<MqttClientPublishResult> published) => _begun.TrySetResult(published);

        public void Cancel(Exception why)
        {
            if (!TryTake())
                return;
            if (why is OperationCanceledException cancelled)
                _begun.TrySetCanceled(cancelled.CancellationToken);
            else
                _begun.TrySetException(why);
        }
    }
}
