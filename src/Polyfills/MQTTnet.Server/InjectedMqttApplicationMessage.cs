using System.Collections;

namespace MQTTnet.Server;

/// <summary>A message that the server itself publishes.</summary>
public sealed class InjectedMqttApplicationMessage
{
    public InjectedMqttApplicationMessage(MqttApplicationMessage applicationMessage) =>
        ApplicationMessage = applicationMessage ?? throw new ArgumentNullException(nameof(applicationMessage));

    public MqttApplicationMessage ApplicationMessage { get; }

    /// <summary>Session items that the interceptors see; null shows them the server's own.</summary>
    public IDictionary? CustomSessionItems { get; set; }

    public string SenderClientId { get; set; } = string.Empty;
}
