using LeptonEdge.Core.Records;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Sync.Uplink;

internal static partial class RecordWriterLog
{
    [LoggerMessage(
        1, LogLevel.Error, "The outbox refused a batch of {Records} {Class} records; it is kept and tried again")]
    public static partial void AppendFailed(ILogger logger, Exception fault, int records, RecordClass @class);

    [LoggerMessage(
        2, LogLevel.Error, "The outbox still refuses, and {Records} newer records were given up since this was last said: "
        + "{Reason}")]
    public static partial void Shed(ILogger logger, long records, string reason);
}
