using LeptonEdge.Core.Identity;
using LeptonEdge.Placement.Planning;

namespace LeptonEdge.Hub.Planning;

internal static partial class PlanningLog
{
    [LoggerMessage(1, LogLevel.Information, "{Device}/{Workload} ({Cause}): {Reason}")]
    public static partial void Moved(
        ILogger logger, string device, string workload, MoveCause cause, string reason);

    [LoggerMessage(2, LogLevel.Information, "{Device} shall run desired state {Version} (plan {Plan})")]
    public static partial void Desired(ILogger logger, DeviceId device, ulong version, ulong plan);

    [LoggerMessage(3, LogLevel.Error, "The plan could not be kept, so it is not published: {Reason}")]
    public static partial void StoreFailed(ILogger logger, string reason);

    [LoggerMessage(4, LogLevel.Warning, "Desired states were not all published: {Reason}")]
    public static partial void PublishFailed(ILogger logger, string reason);

    [LoggerMessage(5, LogLevel.Warning, "{Device} is not believed: {Reason}. It moves nobody's work until it makes sense")]
    public static partial void Doubted(ILogger logger, string device, string reason);

    [LoggerMessage(6, LogLevel.Warning, "Controls of an earlier run are unreadable and ignored: {Reason}")]
    public static partial void ControlsUnreadable(ILogger logger, string reason);

    [LoggerMessage(7, LogLevel.Error, "The fleet's state cannot be planned with, the plan in force stays: {Faults}")]
    public static partial void Refused(ILogger logger, string faults);
}
