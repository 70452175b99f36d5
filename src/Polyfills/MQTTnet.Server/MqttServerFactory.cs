using MQTTnet.Diagnostics.Logger;
using MQTTnet.Server.Internal;

namespace MQTTnet.Server;

/// <summary>Makes servers and the builders of what they take.</summary>
public sealed class MqttServerFactory
{
    public MqttServerFactory()
        : this(MqttNetNullLogger.Instance)
    {
    }

    public MqttServerFactory(IMqttNetLogger logger) =>
        DefaultLogger = logger ?? throw new ArgumentNullException(nameof(logger));

    public IMqttNetLogger DefaultLogger { get; }

#pragma warning disable CA1822 // The published package has these on the instance.
    public MqttApplicationMessageBuilder CreateApplicationMessageBuilder() => new();

    /// <summary>A server that listens on the endpoints which the options enable.</summary>
    public MqttServer CreateMqttServer(MqttServerOptions options) => CreateMqttServer(options, DefaultLogger);

    public MqttServer CreateMqttServer(MqttServerOptions options, IMqttNetLogger logger) =>
        CreateMqttServer(options, [new TcpListeners(logger)], logger);

    public MqttServer CreateMqttServer(
        MqttServerOptions options, IEnumerable<IMqttServerAdapter> serverAdapters, IMqttNetLogger logger) =>
        new(options, serverAdapters, logger);

    public MqttServer CreateMqttServer(MqttServerOptions options, IEnumerable<IMqttServerAdapter> serverAdapters) =>
        new(options, serverAdapters, DefaultLogger);

    public MqttServerOptionsBuilder CreateServerOptionsBuilder() => new();
#pragma warning restore CA1822
}
