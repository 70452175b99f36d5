using Microsoft.Extensions.Logging;

namespace LeptonEdge.Sync.Devices;

internal static partial class DeviceLinkLog
{
    [LoggerMessage(1, LogLevel.Information, "Connected to {Host}:{Port}; receipted through {Receipted} of {Last}")]
    public static partial void Connected(ILogger logger, string host, int port, ulong receipted, ulong last);

    [LoggerMessage(2, LogLevel.Warning, "Connection to {Host}:{Port} closed")]
    public static partial void Closed(ILogger logger, string host, int port);

    [LoggerMessage(3, LogLevel.Warning, "No connection to {Host}:{Port}: {Reason}")]
    public static partial void Failed(ILogger logger, string host, int port, string reason);

    [LoggerMessage(4, LogLevel.Information, "Sending again from {Receipted} of {Last}: there was no receipt")]
    public static partial void Resending(ILogger logger, ulong receipted, ulong last);

    [LoggerMessage(5, LogLevel.Warning, "Publishing to {Topic} failed: {Reason}")]
    public static partial void PublishFailed(ILogger logger, string topic, string reason);

    [LoggerMessage(6, LogLevel.Warning, "A message on {Topic} does not parse and was dropped: {Reason}")]
    public static partial void Malformed(ILogger logger, string topic, string reason);

    [LoggerMessage(
        7, LogLevel.Warning, "The hub could not read batch {Sequence} and keeps it in quarantine: {Reason}")]
    public static partial void Quarantined(ILogger logger, ulong sequence, string reason);

    [LoggerMessage(8, LogLevel.Information, "The hub's store takes nothing now; sending again in {Millis} ms")]
    public static partial void Held(ILogger logger, uint millis);

    [LoggerMessage(9, LogLevel.Error, "The outbox cannot be read now: {Reason}")]
    public static partial void Unreadable(ILogger logger, string reason);
}
