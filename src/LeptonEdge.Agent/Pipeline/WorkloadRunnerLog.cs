using LeptonEdge.Core.Identity;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Agent.Pipeline;

internal static partial class WorkloadRunnerLog
{
    [LoggerMessage(1, LogLevel.Error, "Workload {Workload}: an inference failed ({Failed} so far)")]
    public static partial void Failed(ILogger logger, Exception fault, WorkloadId workload, long failed);

    [LoggerMessage(2, LogLevel.Warning,
        "Workload {Workload}: the inference lane is overloaded, {Shed} windows were shed without a verdict so far")]
    public static partial void Shed(ILogger logger, WorkloadId workload, long shed);

    [LoggerMessage(3, LogLevel.Warning, "Workload {Workload}: a window is refused elsewhere: {Reason}")]
    public static partial void Refused(ILogger logger, WorkloadId workload, string reason);
}
