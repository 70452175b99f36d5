using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Core.Metrics;
using LeptonEdge.Core.Plans;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Agent.Offload;

/// <summary>Sends each window where its workload is placed, and has the device answer itself while there is still time
/// whenever the hub does not.</summary>
/// <param name="hub">Null for a device that has none.</param>
public sealed class InferenceRouter(
    InferenceLane lane, TimeProvider clock, ILogger<InferenceRouter> logger, HubInference? hub = null) : IDisposable
{
    // Of an exponential service time, which is more spread out than an inference's: ln 100.
    private const double ServiceP99OfMean = 4.6;

    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Takes one window over, on the sensor's thread. The local way allocates nothing.</summary>
    public void Send(WorkloadRunner workload, WindowSlot slot, WorkloadRoute route)
    {
        // A hub that is known to be away is not waited for: its placement stays, the windows do not.
        if (route.Place == Place.Local || route.Question is not { } question || hub is not { IsReachable: true })
        {
            SendToLane(workload, slot);
            return;
        }

        _ = OfferAsync(workload, slot, question, hub);
    }

    /// <summary>Gives up calls that are still under way.</summary>
    public void Dispose() => _stopping.Cancel();

    private async Task OfferAsync(WorkloadRunner workload, WindowSlot slot, HubQuestion question, HubInference chosen)
    {
        var reserved = false;
        try
        {
            // The reserve comes first: whatever the call below does, the lane will answer in time.
            slot.HoldForFallback();
            reserved = lane.TryReserve(slot, slot.CompletedAt + Reserve(workload));
            if (!reserved)
                slot.Release();
            var remaining = workload.Configuration.Deadline - clock.GetElapsedTime(slot.CompletedAt);
            var result = await chosen
                .AskAsync(question, slot.HubFeatures, remaining, _stopping.Token).ConfigureAwait(false);
            if (result is not OffloadResult.Answered reply)
                workload.Refused(result);
            else if (slot.TryClaim())
                workload.Answered(slot, reply.Finding, Place.Hub);
            else
                workload.ReplyWasLate();
        }
        catch (Exception fault)
        {
            // Nobody awaits this task: what nothing above foresaw must not pass in silence.
            InferenceRouterLog.OfferFailed(logger, fault, workload.Id.Value);
        }
        finally
        {
            // Answered or not, the lane need not wait any longer: it sees for itself whether the window is still open.
            if (reserved)
                lane.Hasten(slot);
            else if (slot.IsOpen)
                workload.ShedWindow();
            slot.Release();
        }
    }

    /// <summary>How long after the window was complete the device starts to answer itself, in ticks of the
    /// clock.</summary>
    /// <remarks>The deadline less the wait that the lane would cause now, but a quarter of the deadline stays for what
    /// no model of the lane knows, and even an overloaded lane leaves the hub a quarter: asking it for nothing helps
    /// nobody. The lane as it is now, not the latencies of the last half minute: those may speak of a load that is
    /// over.</remarks>
    private long Reserve(WorkloadRunner workload)
    {
        var deadline = workload.Configuration.Deadline.TotalSeconds;
        var service = lane.Meter.MeanServiceSeconds;
        var local = ServiceP99OfMean * service + QueueModel.WaitP99Seconds(service, lane.Meter.Utilisation);
        return (long)(Math.Clamp(deadline - local, deadline / 4, deadline * 3 / 4) * clock.TimestampFrequency);
    }

    private void SendToLane(WorkloadRunner workload, WindowSlot slot)
    {
        if (lane.TryEnqueue(slot))
            return;
        slot.Release();
        workload.ShedWindow();
    }
}

internal static partial class InferenceRouterLog
{
    [LoggerMessage(1, LogLevel.Error, "Workload {Workload}: offering a window to the hub failed")]
    public static partial void OfferFailed(ILogger logger, Exception fault, string workload);
}
