using Microsoft.Extensions.Logging;

namespace LeptonEdge.Storage.Outboxes;

internal static partial class OutboxLog
{
    [LoggerMessage(
        Level = LogLevel.Error, Message = "The outbox {Path} is damaged ({Reason}); it was kept as {KeptAs}. {Batches} "
        + "batches were taken over into a new file with epoch {Epoch}; a gap record names to the hub what could not be "
        + "read.")]
    public static partial void SetAside(
        ILogger logger, string path, string reason, string keptAs, long batches, string epoch);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The outbox is full ({BytesMax} bytes): shed {Batches} batches "
        + "with {Records} records; a gap record says so to the hub.")]
    public static partial void Shed(ILogger logger, long bytesMax, long batches, long records);

    [LoggerMessage(Level = LogLevel.Error, Message = "Batch {Sequence} is not sent: {Reason}. A gap record says so to "
        + "the hub.")]
    public static partial void PutAside(ILogger logger, ulong sequence, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The hub has the batches through {Through} only, and had "
        + "receipted through {Receipted}: its store is an older one. Sending again from there; "
        + "a gap record names the rest.")]
    public static partial void Rewound(ILogger logger, ulong through, ulong receipted);

    [LoggerMessage(Level = LogLevel.Error, Message = "The outbox left epoch {Before} and goes on as {Epoch}: {Reason}")]
    public static partial void Forked(ILogger logger, string before, string epoch, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The outbox {Path} was brought from layout {Before} to "
        + "{Now}.")]
    public static partial void Migrated(ILogger logger, string path, long before, long now);

    [LoggerMessage(
        Level = LogLevel.Error, Message = "The hub's receipt through {Through} of epoch {Epoch} does not fit what this "
        + "outbox holds up to {Last}: it is an old copy of one that went further, or the disk lost what it had "
        + "reported as written.")]
    public static partial void ReceiptForked(ILogger logger, ulong through, string epoch, ulong last);
}
