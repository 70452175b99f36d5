using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Exceptions;

/// <summary>The network failed, or ended before the exchange was complete.</summary>
public class MqttCommunicationException : Exception
{
    public MqttCommunicationException(Exception innerException)
        : base(innerException.Message, innerException)
    {
    }

    public MqttCommunicationException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

/// <summary>The other side did not answer within the timeout.</summary>
public class MqttCommunicationTimedOutException : MqttCommunicationException
{
    public MqttCommunicationTimedOutException()
        : base("The operation has timed out.")
    {
    }

    public MqttCommunicationTimedOutException(Exception innerException)
        : base("The operation has timed out.", innerException)
    {
    }
}

/// <summary>An option that this client cannot honour.</summary>
public class MqttConfigurationException : Exception
{
    public MqttConfigurationException(string message)
        : base(message)
    {
    }
}

/// <summary>Bytes or an order of packets that the protocol forbids.</summary>
public class MqttProtocolViolationException : Exception
{
    public MqttProtocolViolationException(string message)
        : base(message)
    {
    }

    internal MqttProtocolViolationException(MqttDisconnectReasonCode reasonCode, string message)
        : base(message) => ReasonCode = reasonCode;

    /// <summary>What the DISCONNECT says that answers it.</summary>
    internal MqttDisconnectReasonCode ReasonCode { get; } = MqttDisconnectReasonCode.ProtocolError;
}

/// <summary>The call needs a connection, and there is none.</summary>
public sealed class MqttClientNotConnectedException : MqttCommunicationException
{
    public MqttClientNotConnectedException()
        : base("The MQTT client is not connected.")
    {
    }
}

/// <summary>The connection ended before the server's answer arrived.</summary>
public sealed class MqttClientDisconnectedException : MqttCommunicationException
{
    public MqttClientDisconnectedException(Exception? innerException)
        : base("The MQTT client is disconnected.", innerException)
    {
    }
}

/// <summary>The server ended the connection with a DISCONNECT before it answered.</summary>
public sealed class MqttClientUnexpectedDisconnectReceivedException : MqttCommunicationException
{
    internal MqttClientUnexpectedDisconnectReceivedException(MqttDisconnectPacket packet)
        : base($"Unexpected DISCONNECT (Reason code={packet.ReasonCode}) received.")
    {
        ReasonCode = packet.ReasonCode;
        ReasonString = packet.ReasonString;
        ServerReference = packet.ServerReference;
        UserProperties = packet.UserProperties;
    }

    public MqttDisconnectReasonCode? ReasonCode { get; }

    public string? ReasonString { get; }

    public string? ServerReference { get; }

    public List<MqttUserProperty>? UserProperties { get; }
}
