namespace MQTTnet.Diagnostics.Logger;

/// <summary>How grave a log line is.</summary>
public enum MqttNetLogLevel
{
    Verbose,
    Info,
    Warning,
    Error,
}

/// <summary>Where client and server report what they drop or cannot answer for.</summary>
public interface IMqttNetLogger
{
    bool IsEnabled { get; }

    void Publish(MqttNetLogLevel logLevel, string source, string message, object[]? parameters, Exception? exception);
}

/// <summary>Says nothing.</summary>
public sealed class MqttNetNullLogger : IMqttNetLogger
{
    public static MqttNetNullLogger Instance { get; } = new();

    public bool IsEnabled => false;

    public void Publish(
        MqttNetLogLevel logLevel, string source, string message, object[]? parameters, Exception? exception)
    {
    }
}
