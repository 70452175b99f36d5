using Microsoft.Extensions.Logging;

namespace LeptonEdge.Storage.Outboxes;

internal static partial class OutboxLog
{
    [LoggerMessage(
        Level = LogLevel.Error, Message = "The outbox {Path} cannot be used ({Reason}); it was kept as {KeptAs} "
        + "and a new outbox with epoch {Epoch} was begun. Batches that the hub had not yet received are in the kept "
        + "file.")]
    public static partial void SetAside(ILogger logger, string path, string reason, string keptAs, string epoch);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The outbox is full ({BytesMax} bytes): shed {Batches} batches "
        + "with {Records} records; a gap record says so to the hub.")]
    public static partial void Shed(ILogger logger, long bytesMax, long batches, long records);

    [LoggerMessage(
        Level = LogLevel.Error, Message = "The hub has a receipt through {Through} of epoch {Epoch}, but this "
        + "outbox ends at {Last}: the disk lost what it had reported as written, or the file is an old copy. "
        + "Move the outbox away so that a new epoch begins.")]
    public static partial void ReceiptAhead(ILogger logger, ulong through, string epoch, ulong last);
}
