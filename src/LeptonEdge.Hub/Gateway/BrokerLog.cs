using MQTTnet.Diagnostics.Logger;

namespace LeptonEdge.Hub.Gateway;

/// <summary>The embedded broker's warnings and errors in the hub's log.</summary>
internal sealed partial class BrokerLog(ILogger<BrokerLog> logger) : IMqttNetLogger
{
    public bool IsEnabled => logger.IsEnabled(LogLevel.Warning);

    public void Publish(
        MqttNetLogLevel logLevel, string source, string message, object[]? parameters, Exception? exception)
    {
        var text = parameters is { Length: > 0 } ? string.Join(" ", [message, .. parameters]) : message;
        if (logLevel == MqttNetLogLevel.Error)
            Failed(logger, exception, source, text);
        else if (logLevel == MqttNetLogLevel.Warning)
            Warned(logger, exception, source, text);
    }

    [LoggerMessage(1, LogLevel.Error, "{Source}: {Text}")]
    private static partial void Failed(ILogger logger, Exception? exception, string source, string text);

    [LoggerMessage(2, LogLevel.Warning, "{Source}: {Text}")]
    private static partial void Warned(ILogger logger, Exception? exception, string source, string text);
}
