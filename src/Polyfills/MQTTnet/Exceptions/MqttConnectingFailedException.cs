using MQTTnet.Exceptions;

namespace MQTTnet.Adapter;

/// <summary>The socket was there, but the MQTT handshake broke before its CONNACK.</summary>
public sealed class MqttConnectingFailedException : MqttCommunicationException
{
    public MqttConnectingFailedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
