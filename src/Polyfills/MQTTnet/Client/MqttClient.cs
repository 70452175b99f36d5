using MQTTnet.Diagnostics.Logger;
using MQTTnet.Exceptions;
using MQTTnet.Internal;
using MQTTnet.Protocol;

namespace MQTTnet;

/// <summary>The client: its events, its state, and the connection of the moment.</summary>
internal sealed class MqttClient(IMqttNetLogger logger, TimeProvider clock) : IMqttClient
{
    private const int Idle = 0, Connecting = 1, Connected = 2;

    private readonly AsyncEvent<MqttApplicationMessageReceivedEventArgs> _received = new();
    private readonly AsyncEvent<MqttClientConnectedEventArgs> _connected = new();
    private readonly AsyncEvent<MqttClientConnectingEventArgs> _connecting = new();
    private readonly AsyncEvent<MqttClientDisconnectedEventArgs> _disconnected = new();
    private readonly ClientSession _session = new();
    private volatile ClientConnection? _connection;
    private int _state;
    private volatile bool _isDisposed;

    public event Func<MqttApplicationMessageReceivedEventArgs, Task> ApplicationMessageReceivedAsync
    {
        add => _received.Add(value);
        remove => _received.Remove(value);
    }

    public event Func<MqttClientConnectedEventArgs, Task> ConnectedAsync
    {
        add => _connected.Add(value);
        remove => _connected.Remove(value);
    }

    public event Func<MqttClientConnectingEventArgs, Task> ConnectingAsync
    {
        add => _connecting.Add(value);
        remove => _connecting.Remove(value);
    }

    public event Func<MqttClientDisconnectedEventArgs, Task> DisconnectedAsync
    {
        add => _disconnected.Add(value);
        remove => _disconnected.Remove(value);
    }

    public bool IsConnected => Volatile.Read(ref _state) == Connected;

    public MqttClientOptions? Options { get; private set; }

    public async Task<MqttClientConnectResult> ConnectAsync(
        MqttClientOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.ChannelOptions is not MqttClientTcpOptions)
            throw new ArgumentException("The options name no server.", nameof(options));
        OptionChecks.ThrowIfNotSupported(options);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (Interlocked.CompareExchange(ref _state, Connecting, Idle) != Idle)
            throw new InvalidOperationException("The client is connected, or a connect or disconnect is under way.");
        MqttClientConnectResult result;
        try
        {
            Options = options;
            await _connecting.InvokeAsync(new MqttClientConnectingEventArgs(options)).ConfigureAwait(false);
            result = await OpenAsync(options, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Volatile.Write(ref _state, Idle);
            Raise(new MqttClientDisconnectedEventArgs(
                false, null, MqttClientDisconnectReason.UnspecifiedError, null, null, exception));
            throw;
        }
        if (result.ResultCode != MqttClientConnectResultCode.Success)
        {
            Volatile.Write(ref _state, Idle);
            Raise(new MqttClientDisconnectedEventArgs(
                false, result, (MqttClientDisconnectReason)result.ResultCode, result.ReasonString, null, null));
            return result;
        }
        await _connected.InvokeAsync(new MqttClientConnectedEventArgs(result)).ConfigureAwait(false);
        return result;
    }

    public async Task DisconnectAsync(
        MqttClientDisconnectOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_connection is not { } connection)
            return;
        await connection.DisconnectAsync(options, cancellationToken).ConfigureAwait(false);
    }

    public Task PingAsync(CancellationToken cancellationToken = default) =>
        Current().Requests.PingAsync(cancellationToken);

    public Task<MqttClientPublishResult> PublishAsync(
        MqttApplicationMessage applicationMessage, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(applicationMessage);
        cancellationToken.ThrowIfCancellationRequested();
        var topic = applicationMessage.Topic;
        if (string.IsNullOrEmpty(topic) ? applicationMessage.TopicAlias == 0 : !TopicNames.IsValidName(topic))
            throw new MqttProtocolViolationException(
                MqttDisconnectReasonCode.TopicNameInvalid, "The topic is empty, too deep or holds a wildcard.");
        return Current().Requests.PublishAsync(applicationMessage, cancellationToken);
    }

    public Task<MqttClientSubscribeResult> SubscribeAsync(
        MqttClientSubscribeOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        CheckFilters(options.TopicFilters.Select(f => f.Topic));
        return Current().Requests.SubscribeAsync(options, cancellationToken);
    }

    public Task<MqttClientUnsubscribeResult> UnsubscribeAsync(
        MqttClientUnsubscribeOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        CheckFilters(options.TopicFilters);
        return Current().Requests.UnsubscribeAsync(options, cancellationToken);
    }

    public void Dispose()
    {
        _isDisposed = true;
        _connection?.Abort();
    }

    private static void CheckFilters(IEnumerable<string> filters)
    {
        var count = 0;
        foreach (var filter in filters)
        {
            if (!TopicNames.IsValidFilter(filter))
                throw new MqttProtocolViolationException(
                    MqttDisconnectReasonCode.TopicFilterInvalid, $"The topic filter '{filter}' is not valid.");
            count++;
        }
        if (count == 0)
            throw new MqttProtocolViolationException("At least one topic filter is needed.");
    }

    private ClientConnection Current()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return _connection ?? throw new MqttClientNotConnectedException();
    }

    private async Task<MqttClientConnectResult> OpenAsync(MqttClientOptions options, CancellationToken cancellation)
    {
        using var limit = cancellation.CanBeCanceled ? null : new CancellationTokenSource(options.Timeout, clock);
        var token = limit?.Token ?? cancellation;
        ClientConnection connection;
        MqttClientConnectResult result;
        try
        {
            (connection, result) = await ClientConnection
                .OpenAsync(options, _session, logger, clock, token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (limit is not null)
        {
            throw new MqttCommunicationTimedOutException(exception);
        }
        if (result.ResultCode != MqttClientConnectResultCode.Success)
        {
            connection.Abort();
            return result;
        }
        _connection = connection;
        Volatile.Write(ref _state, Connected);
        connection.Start(_received, OnEnded);
        // A dispose that came while we connected did not see this connection.
        if (_isDisposed)
            connection.Abort();
        return result;
    }

    private void OnEnded(ClientConnection connection, MqttClientDisconnectedEventArgs why)
    {
        _connection = null;
        _session.FailAll(why.Exception as MqttClientUnexpectedDisconnectReceivedException as Exception
            ?? new MqttClientDisconnectedException(why.Exception));
        Volatile.Write(ref _state, Idle);
        if (!_isDisposed)
            Raise(connection.WithoutServersGoodbye(why));
    }

    private void Raise(MqttClientDisconnectedEventArgs why)
    {
        // On a thread of its own, so that the handler may connect again.
        _ = Task.Run(async () =>
        {
            try
            {
                await _disconnected.InvokeAsync(why).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                logger.Publish(
                    MqttNetLogLevel.Error, nameof(MqttClient), "A DisconnectedAsync handler failed.", null, exception);
            }
        });
    }
}
