using System.Collections;
using System.Collections.Concurrent;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Exceptions;
using MQTTnet.Internal;
using MQTTnet.Packets;
using MQTTnet.Server.Internal;
using MQTTnet.Server.Persistence;

namespace MQTTnet.Server;

/// <summary>An MQTT server (5, 3.1.1 and 3.1 side by side) in this process.</summary>
public class MqttServer : IDisposable
{
    private readonly IMqttServerAdapter[] _adapters;
    private readonly ServerEvents _events = new();
    private readonly MqttServerOptions _options;
    private readonly Broker _broker;
    private readonly ConnectionDoor _door;
    private CancellationTokenSource? _running;
    private Task _sweeping = Task.CompletedTask;

    public MqttServer(MqttServerOptions options, IEnumerable<IMqttServerAdapter> adapters, IMqttNetLogger logger)
        : this(options, adapters, logger, TimeProvider.System)
    {
    }

    internal MqttServer(
        MqttServerOptions options, IEnumerable<IMqttServerAdapter> adapters, IMqttNetLogger logger, TimeProvider clock)
    {
        _options = options ?? throw new ArgumentNullException(nameof(options));
        ArgumentNullException.ThrowIfNull(adapters);
        _adapters = [.. adapters];
        _broker = new Broker(options, _events, logger, clock);
        _door = new ConnectionDoor(_broker);
    }

    public event Func<ApplicationMessageEnqueuedEventArgs, Task> ApplicationMessageEnqueuedOrDroppedAsync
    {
        add => _events.EnqueuedOrDropped.Add(value);
        remove => _events.EnqueuedOrDropped.Remove(value);
    }

    public event Func<ApplicationMessageNotConsumedEventArgs, Task> ApplicationMessageNotConsumedAsync
    {
        add => _events.NotConsumed.Add(value);
        remove => _events.NotConsumed.Remove(value);
    }

    public event Func<ClientConnectedEventArgs, Task> ClientConnectedAsync
    {
        add => _events.Connected.Add(value);
        remove => _events.Connected.Remove(value);
    }

    public event Func<ClientDisconnectedEventArgs, Task> ClientDisconnectedAsync
    {
        add => _events.Disconnected.Add(value);
        remove => _events.Disconnected.Remove(value);
    }

    public event Func<ClientSubscribedTopicEventArgs, Task> ClientSubscribedTopicAsync
    {
        add => _events.Subscribed.Add(value);
        remove => _events.Subscribed.Remove(value);
    }

    public event Func<ClientUnsubscribedTopicEventArgs, Task> ClientUnsubscribedTopicAsync
    {
        add => _events.Unsubscribed.Add(value);
        remove => _events.Unsubscribed.Remove(value);
    }

    /// <summary>
    /// Decides over each message. If a handler throws, the message goes nowhere and its connection is closed.
    /// </summary>
    public event Func<InterceptingPublishEventArgs, Task> InterceptingPublishAsync
    {
        add => _events.Publishing.Add(value);
        remove => _events.Publishing.Remove(value);
    }

    public event Func<InterceptingSubscriptionEventArgs, Task> InterceptingSubscriptionAsync
    {
        add => _events.Subscribing.Add(value);
        remove => _events.Subscribing.Remove(value);
    }

    public event Func<LoadingRetainedMessagesEventArgs, Task> LoadingRetainedMessageAsync
    {
        add => _events.LoadingRetained.Add(value);
        remove => _events.LoadingRetained.Remove(value);
    }

    public event Func<QueueMessageOverwrittenEventArgs, Task> QueuedApplicationMessageOverwrittenAsync
    {
        add => _events.Overwritten.Add(value);
        remove => _events.Overwritten.Remove(value);
    }

    public event Func<RetainedMessageChangedEventArgs, Task> RetainedMessageChangedAsync
    {
        add => _events.RetainedChanged.Add(value);
        remove => _events.RetainedChanged.Remove(value);
    }

    public event Func<EventArgs, Task> RetainedMessagesClearedAsync
    {
        add => _events.RetainedCleared.Add(value);
        remove => _events.RetainedCleared.Remove(value);
    }

    public event Func<SessionDeletedEventArgs, Task> SessionDeletedAsync
    {
        add => _events.SessionDeleted.Add(value);
        remove => _events.SessionDeleted.Remove(value);
    }

    public event Func<EventArgs, Task> StartedAsync
    {
        add => _events.Started.Add(value);
        remove => _events.Started.Remove(value);
    }

    public event Func<EventArgs, Task> StoppedAsync
    {
        add => _events.Stopped.Add(value);
        remove => _events.Stopped.Remove(value);
    }

    /// <summary>
    /// Decides over each connection. If a handler throws, the connection is closed without an answer.
    /// </summary>
    public event Func<ValidatingConnectionEventArgs, Task> ValidatingConnectionAsync
    {
        add => _events.Validating.Add(value);
        remove => _events.Validating.Remove(value);
    }

    public bool AcceptNewConnections { get; set; } = true;

    public bool IsStarted => _running is not null;

    public IDictionary ServerSessionItems { get; } = new ConcurrentDictionary<object, object>();

    public async Task StartAsync()
    {
        if (_running is not null)
            throw new InvalidOperationException("The MQTT server is already started.");
        _broker.Settings = ServerSettings.Read(ServerSessionItems);
        if (_broker.Settings.SessionFile is { } path)
            _broker.Store = SessionStore.Open(_broker, path, _broker.Settings.SessionFileBytesMax);
        _running = new CancellationTokenSource();
        var stopping = _running.Token;
        var loading = new LoadingRetainedMessagesEventArgs();
        await _events.LoadingRetained.InvokeAsync(loading).ConfigureAwait(false);
        foreach (var message in loading.LoadedRetainedMessages)
            _broker.Retained.TrySet(RetainedMessages.Freeze(message, copyPayload: true));
        foreach (var adapter in _adapters)
        {
            adapter.ClientHandler = channel => ServeAsync(channel, stopping);
            await adapter.StartAsync(_options).ConfigureAwait(false);
        }
        _sweeping = Task.Run(() => SweepAsync(stopping), CancellationToken.None);
        await _events.Started.InvokeAsync(EventArgs.Empty).ConfigureAwait(false);
    }

    /// <summary>
    /// Ends every connection and stops listening; sessions and retained messages stay for the next start.
    /// </summary>
    public async Task StopAsync(MqttServerStopOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (Interlocked.Exchange(ref _running, null) is not { } running)
            return;
        foreach (var adapter in _adapters)
        {
            adapter.ClientHandler = null;
            await adapter.StopAsync().ConfigureAwait(false);
        }
        await running.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_broker.Sessions().Select(s => s.Owner).OfType<ServerConnection>().Select(async c =>
        {
            await c.StopAsync(options.DefaultClientDisconnectOptions).ConfigureAwait(false);
            await c.Gone.ConfigureAwait(false);
        })).ConfigureAwait(false);
        await _sweeping.ConfigureAwait(false);
        if (_broker.Store is { } store)
        {
            // What is in the file is read from it at the next start.
            _broker.Store = null;
            await Task.Run(store.Close).ConfigureAwait(false);
            _broker.Clear();
        }
        running.Dispose();
        await _events.Stopped.InvokeAsync(EventArgs.Empty).ConfigureAwait(false);
    }

    /// <exception cref="InvalidOperationException">No such client is connected.</exception>
    public Task DisconnectClientAsync(string id, MqttServerClientDisconnectOptions options)
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(options);
        ThrowIfNotStarted();
        var connection = _broker.Find(id)?.Connection
            ?? throw new InvalidOperationException($"Client with ID '{id}' not found.");
        return connection.StopAsync(options);
    }

    public Task<IList<MqttClientStatus>> GetClientsAsync()
    {
        ThrowIfNotStarted();
        return Task.FromResult<IList<MqttClientStatus>>([.. _broker.Sessions()
            .Select(s => s.Connection).OfType<ServerConnection>().Select(c => new MqttClientStatus(_broker, c))]);
    }

    public Task<IList<MqttSessionStatus>> GetSessionsAsync()
    {
        ThrowIfNotStarted();
        return Task.FromResult<IList<MqttSessionStatus>>(
            [.. _broker.Sessions().Select(s => new MqttSessionStatus(_broker, s))]);
    }

    public Task<MqttApplicationMessage?> GetRetainedMessageAsync(string topic)
    {
        ArgumentNullException.ThrowIfNull(topic);
        ThrowIfNotStarted();
        return Task.FromResult(_broker.Retained.Get(topic));
    }

    public Task<IList<MqttApplicationMessage>> GetRetainedMessagesAsync()
    {
        ThrowIfNotStarted();
        return Task.FromResult<IList<MqttApplicationMessage>>(_broker.Retained.All());
    }

    public async Task DeleteRetainedMessagesAsync()
    {
        ThrowIfNotStarted();
        _broker.Retained.Clear();
        if (_broker.Store is { } store)
            await store.ClearRetained().DoneAsync().ConfigureAwait(false);
        await _events.RetainedCleared.InvokeAsync(EventArgs.Empty).ConfigureAwait(false);
    }

    public async Task UpdateRetainedMessageAsync(MqttApplicationMessage retainedMessage)
    {
        ArgumentNullException.ThrowIfNull(retainedMessage);
        ThrowIfNotStarted();
        var message = RetainedMessages.Freeze(retainedMessage, copyPayload: true);
        var op = _broker.NewOp(string.Empty, message, null);
        if (await _broker.RetainAsync(string.Empty, message, op).ConfigureAwait(false) && op is not null)
            await _broker.Store!.Add(op).DoneAsync().ConfigureAwait(false);
    }

    /// <summary>Publishes from the server itself; it passes InterceptingPublishAsync like any other message.</summary>
    /// <exception cref="IOException">The session file has no room for it; only with a session file.</exception>
    public async Task InjectApplicationMessage(
        InjectedMqttApplicationMessage injectedApplicationMessage, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(injectedApplicationMessage);
        var message = injectedApplicationMessage.ApplicationMessage;
        if (string.IsNullOrEmpty(message.Topic))
            throw new NotSupportedException("Injected application messages must contain a topic.");
        if (!TopicNames.IsValidName(message.Topic))
            throw new MqttProtocolViolationException($"The topic '{message.Topic}' is too deep or holds a wildcard.");
        ThrowIfNotStarted();
        var (response, _) = await _broker.PublishAsync(
            injectedApplicationMessage.SenderClientId,
            injectedApplicationMessage.CustomSessionItems ?? ServerSessionItems,
            message,
            isOurs: false,
            cancellationToken).ConfigureAwait(false);
        if (response.Kept is { } kept && message.QualityOfServiceLevel > 0
            && !await kept.DoneAsync().ConfigureAwait(false))
            throw new IOException("The message could not be kept for the sessions that are not connected.");
    }

    /// <summary>Subscribes a client without its asking; no interceptor is asked either.</summary>
    public async Task SubscribeAsync(string clientId, ICollection<MqttTopicFilter> topicFilters)
    {
        ArgumentNullException.ThrowIfNull(clientId);
        ArgumentNullException.ThrowIfNull(topicFilters);
        var session = SessionOf(clientId);
        foreach (var filter in topicFilters)
        {
            if (!TopicNames.IsValidFilter(filter.Topic))
                throw new MqttProtocolViolationException($"The topic filter '{filter.Topic}' is not valid.");
            var isNew = _broker.Subscribe(session, filter, 0);
            if (session.Kept is { IsStored: true } kept)
                await kept.Store.Subscribe(kept, filter, 0).DoneAsync().ConfigureAwait(false);
            _broker.SendRetained(session, filter, 0, isNew);
        }
    }

    public async Task UnsubscribeAsync(string clientId, ICollection<string> topicFilters)
    {
        ArgumentNullException.ThrowIfNull(clientId);
        ArgumentNullException.ThrowIfNull(topicFilters);
        var session = SessionOf(clientId);
        foreach (var filter in topicFilters)
        {
            if (_broker.Unsubscribe(session, filter) && session.Kept is { IsStored: true } kept)
                await kept.Store.Unsubscribe(kept, filter).Attempt.ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        _ = StopAsync(new MqttServerStopOptions());
        foreach (var adapter in _adapters)
            adapter.Dispose();
    }

    private Task ServeAsync(ServerChannel channel, CancellationToken stopping) =>
        AcceptNewConnections ? _door.ServeAsync(channel, stopping) : Task.CompletedTask;

    private async Task SweepAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), _broker.Clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping).ConfigureAwait(false))
                await SweepOnceAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    private async Task SweepOnceAsync()
    {
        try
        {
            await _door.SweepAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _broker.Log(MqttNetLogLevel.Error, "Tidying up sessions failed; it is tried again.", exception);
        }
    }

    private Session SessionOf(string clientId)
    {
        ThrowIfNotStarted();
        return _broker.Find(clientId)
            ?? throw new InvalidOperationException($"Client session '{clientId}' is unknown.");
    }

    private void ThrowIfNotStarted()
    {
        if (_running is null)
            throw new InvalidOperationException("The MQTT server is not started.");
    }
}
