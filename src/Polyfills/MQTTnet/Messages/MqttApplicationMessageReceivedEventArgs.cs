using MQTTnet.Packets;

namespace MQTTnet;

/// <summary>A message that arrived, and the handler's say in how it is acknowledged.</summary>
public sealed class MqttApplicationMessageReceivedEventArgs : EventArgs
{
    private readonly Func<MqttApplicationMessageReceivedEventArgs, CancellationToken, Task> _acknowledge;
    private int _isAcknowledged;
    private List<MqttUserProperty>? _responseUserProperties;

    internal MqttApplicationMessageReceivedEventArgs(
        string clientId,
        MqttPublishPacket publishPacket,
        Func<MqttApplicationMessageReceivedEventArgs, CancellationToken, Task> acknowledge)
    {
        ClientId = clientId;
        ApplicationMessage = publishPacket.Message;
        PublishPacket = publishPacket;
        _acknowledge = acknowledge;
    }

    public MqttApplicationMessage ApplicationMessage { get; }

    /// <summary>
    /// True (the default): acknowledged when the handler returns; false: the handler calls AcknowledgeAsync.
    /// </summary>
    public bool AutoAcknowledge { get; set; } = true;

    public string ClientId { get; }

    public bool IsHandled { get; set; }

    public ushort PacketIdentifier => PublishPacket.PacketIdentifier;

    /// <summary>
    /// True: no acknowledgement is sent, so the server sends the message again in the next connection.
    /// </summary>
    public bool ProcessingFailed { get; set; }

    public MqttApplicationMessageReceivedReasonCode ReasonCode { get; set; }

    public string? ResponseReasonString { get; set; }

    public List<MqttUserProperty> ResponseUserProperties => _responseUserProperties ??= [];

    public object? Tag { get; set; }

    internal MqttPublishPacket PublishPacket { get; }

    /// <exception cref="InvalidOperationException">The message was acknowledged before.</exception>
    public Task AcknowledgeAsync(CancellationToken cancellationToken)
    {
        TakeAcknowledgement();
        return _acknowledge(this, cancellationToken);
    }

    internal bool HasResponseUserProperties => _responseUserProperties is { Count: > 0 };

    internal void TakeAcknowledgement()
    {
        if (Interlocked.CompareExchange(ref _isAcknowledged, 1, 0) != 0)
            throw new InvalidOperationException("The application message is already acknowledged.");
    }
}
