using LeptonEdge.Storage.Hubs;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Sync.Hubs;

internal static partial class IngestLog
{
    [LoggerMessage(1, LogLevel.Warning, "A message of {Device} was dropped: {Reason}")]
    public static partial void Dropped(ILogger logger, DeviceKey device, string reason);

    [LoggerMessage(2, LogLevel.Warning, "Batch {Sequence} of {Device} cannot be read and is asked for again: {Reason}")]
    public static partial void Unreadable(ILogger logger, DeviceKey device, ulong sequence, string reason);

    [LoggerMessage(3, LogLevel.Error, "Batch {Sequence} of {Device} is in quarantine: {Reason}")]
    public static partial void Quarantined(ILogger logger, DeviceKey device, ulong sequence, string reason);

    [LoggerMessage(
        4, LogLevel.Error, "The store took nothing; devices keep their batches and wait {Seconds} s")]
    public static partial void StoreFailed(ILogger logger, Exception fault, double seconds);

    [LoggerMessage(7, LogLevel.Information, "The store works again")]
    public static partial void StoreWorks(ILogger logger);

    [LoggerMessage(5, LogLevel.Warning, "The store refused {Count} batches at once; each is tried by itself")]
    public static partial void GroupRefused(ILogger logger, Exception fault, int count);

    [LoggerMessage(
        6, LogLevel.Error, "{Device} sends batch {Sequence} from an older copy of its outbox; it begins a new epoch")]
    public static partial void Forked(ILogger logger, DeviceKey device, ulong sequence);
}
