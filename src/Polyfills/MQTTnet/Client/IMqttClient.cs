namespace MQTTnet;

/// <summary>One client of an MQTT server; it connects, loses and connects again as often as it is told to.</summary>
public interface IMqttClient : IDisposable
{
    event Func<MqttApplicationMessageReceivedEventArgs, Task> ApplicationMessageReceivedAsync;

    event Func<MqttClientConnectedEventArgs, Task> ConnectedAsync;

    event Func<MqttClientConnectingEventArgs, Task> ConnectingAsync;

    /// <summary>Raised once per connection that ended and per connect that failed; it may connect again.</summary>
    event Func<MqttClientDisconnectedEventArgs, Task> DisconnectedAsync;

    bool IsConnected { get; }

    MqttClientOptions? Options { get; }

    /// <returns>The server's answer; look at its ResultCode, for a refusal is an answer and no exception.</returns>
    Task<MqttClientConnectResult> ConnectAsync(
        MqttClientOptions options, CancellationToken cancellationToken = default);

    Task DisconnectAsync(MqttClientDisconnectOptions options, CancellationToken cancellationToken = default);

    Task PingAsync(CancellationToken cancellationToken = default);

    /// <summary>Ends when the server has taken the message as its quality of service promises.</summary>
    Task<MqttClientPublishResult> PublishAsync(
        MqttApplicationMessage applicationMessage, CancellationToken cancellationToken = default);

    Task<MqttClientSubscribeResult> SubscribeAsync(
        MqttClientSubscribeOptions options, CancellationToken cancellationToken = default);

    Task<MqttClientUnsubscribeResult> UnsubscribeAsync(
        MqttClientUnsubscribeOptions options, CancellationToken cancellationToken = default);
}

/// <summary>The server accepted the connection.</summary>
public sealed class MqttClientConnectedEventArgs : EventArgs
{
    public MqttClientConnectedEventArgs(MqttClientConnectResult connectResult) => ConnectResult = connectResult;

    public MqttClientConnectResult ConnectResult { get; }
}

/// <summary>A connect begins.</summary>
public sealed class MqttClientConnectingEventArgs : EventArgs
{
    public MqttClientConnectingEventArgs(MqttClientOptions clientOptions) => ClientOptions = clientOptions;

    public MqttClientOptions ClientOptions { get; }
}

/// <summary>A connection ended, or a connect failed.</summary>
public sealed class MqttClientDisconnectedEventArgs : EventArgs
{
    public MqttClientDisconnectedEventArgs(
        bool clientWasConnected,
        MqttClientConnectResult? connectResult,
        MqttClientDisconnectReason reason,
        string? reasonString,
        List<Packets.MqttUserProperty>? userProperties,
        Exception? exception)
    {
        ClientWasConnected = clientWasConnected;
        ConnectResult = connectResult;
        Reason = reason;
        ReasonString = reasonString;
        UserProperties = userProperties;
        Exception = exception;
    }

    public bool ClientWasConnected { get; }

    public MqttClientConnectResult? ConnectResult { get; }

    /// <summary>Null when either side ended the connection with a DISCONNECT.</summary>
    public Exception? Exception { get; }

    public MqttClientDisconnectReason Reason { get; }

    public string? ReasonString { get; }

    public List<Packets.MqttUserProperty>? UserProperties { get; }
}
