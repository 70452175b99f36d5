using Microsoft.AspNetCore.Connections;

namespace MQTTnet.AspNetCore;

/// <summary>Gives a Kestrel endpoint to MQTT.</summary>
public static class ConnectionBuilderExtensions
{
    /// <summary>Every connection of this endpoint is MQTT's; after UseHttps, which then does the TLS.</summary>
    public static IConnectionBuilder UseMqtt(this IConnectionBuilder builder) =>
        builder.UseConnectionHandler<MqttConnectionHandler>();
}
