using MQTTnet.Diagnostics.Logger;

namespace MQTTnet;

/// <summary>Makes clients and the builders of what they take.</summary>
public sealed class MqttClientFactory
{
    public MqttClientFactory()
        : this(MqttNetNullLogger.Instance)
    {
    }

    public MqttClientFactory(IMqttNetLogger logger) =>
        DefaultLogger = logger ?? throw new ArgumentNullException(nameof(logger));

    public IMqttNetLogger DefaultLogger { get; }

#pragma warning disable CA1822 // The published package has these on the instance.
    public MqttApplicationMessageBuilder CreateApplicationMessageBuilder() => new();

    public MqttClientDisconnectOptionsBuilder CreateClientDisconnectOptionsBuilder() => new();

    public MqttClientOptionsBuilder CreateClientOptionsBuilder() => new();

    public IMqttClient CreateMqttClient() => CreateMqttClient(DefaultLogger);

    public IMqttClient CreateMqttClient(IMqttNetLogger logger)
    {
        ArgumentNullException.ThrowIfNull(logger);
        return new MqttClient(logger, TimeProvider.System);
    }

    public MqttClientSubscribeOptionsBuilder CreateSubscribeOptionsBuilder() => new();

    public MqttTopicFilterBuilder CreateTopicFilterBuilder() => new();

    public MqttClientUnsubscribeOptionsBuilder CreateUnsubscribeOptionsBuilder() => new();
#pragma warning restore CA1822
}
