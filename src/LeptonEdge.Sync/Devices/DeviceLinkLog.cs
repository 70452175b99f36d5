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

    [LoggerMessage(4, LogLevel.Information, "Sending again from {Receipted}; {Sent} had been sent without a receipt")]
    public static partial void Resending(ILogger logger, ulong receipted, ulong sent);

    [LoggerMessage(5, LogLevel.Warning, "Publishing to {Topic} failed: {Reason}")]
    public static partial void PublishFailed(ILogger logger, string topic, string reason);

    [LoggerMessage(6, LogLevel.Warning, "A message on {Topic} does not parse and was dropped: {Reason}")]
    public static partial void Malformed(ILogger logger, string topic, string reason);

    [LoggerMessage(7, LogLevel.Error, "A receipt speaks of {Through}, but only {Last} was ever appended; ignored")]
    public static partial void ReceiptAhead(ILogger logger, ulong through, ulong last);
}
