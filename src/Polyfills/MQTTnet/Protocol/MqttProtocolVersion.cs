namespace MQTTnet.Formatter;

/// <summary>The protocol's versions, by the level byte that CONNECT carries.</summary>
public enum MqttProtocolVersion
{
    Unknown = 0,
    V310 = 3,
    V311 = 4,
    V500 = 5,
}
