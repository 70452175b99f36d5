using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Agent.Tracing;
using LeptonEdge.Core.Metrics;
using LeptonEdge.Core.Plans;
using LeptonEdge.Inference.Bundles;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Agent.Offload;

/// <summary>Sends each window where its workload wants it, and has the device answer itself while there is still time
/// whenever the hub does not. The hub is asked only when its answer can be expected to be of use.</summary>
public sealed class InferenceRouter(
    InferenceLane lane, TimeProvider clock, ILogger<InferenceRouter> logger) : IDisposable
{
    // Of an exponential service time, which is more spread out than an inference's: ln 100.
    private const double ServiceP99OfMean = 4.6;

    // The last free slots of a workload are for windows that the device answers itself: a hub that keeps many windows
    // waiting must not cost later ones their verdict.
    private const int SlotsKept = 4;

    private const double CalmShare = 0.5;

    private static readonly TimeSpan SoundingPatience = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();

    /// <summary>What the device does about a window while the hub is asked.</summary>
    private enum DeviceShare
    {
        None,
        InQueue,
        InReserve,
    }

    /// <summary>The lane has time for a window that it need not look at.</summary>
    internal bool IsLaneCalm => lane.Meter.Utilisation < CalmShare;

    /// <summary>Takes one window over, on the sensor's thread. The local way allocates nothing.</summary>
    public void Send(WorkloadRunner workload, WindowSlot slot)
    {
        var sent = slot.Route switch
        {
            { Mode: OffloadMode.Hub, Question: { } question } => TryOffer(workload, slot, question),
            { Mode: OffloadMode.Quickest, Question: { } question } => TryRace(workload, slot, question),
            _ => false,
        };
        if (sent || lane.TryEnqueue(slot))
            return;
        slot.Release();
        workload.ShedWindow();
    }

    /// <summary>Asks the hub about a window that the small model is unsure of, on the lane's thread; the small model's
    /// finding is held in reserve.</summary>
    /// <returns>False when the hub is not worth asking: the finding stands.</returns>
    internal bool TryEscalate(WorkloadRunner workload, WindowSlot slot, HubQuestion question, in Finding finding)
    {
        var due = workload.Configuration.Deadline - PublishingTime(workload);
        if (!IsWorthAsking(workload, slot, question, due))
            return false;
        slot.Hold(finding);
        if (!TryReserve(slot, due))
        {
            slot.Drop();
            return false;
        }

        question.Tally.Escalated();
        workload.AnsweredInReserve(slot);
        // The lane's thread is for models: what a call costs is another's.
        _ = Task.Run(() => AskAsync(workload, slot, question, DeviceShare.InReserve));
        return true;
    }

    /// <summary>Runs the first layers and asks the hub for the rest, on the lane's thread; the device's own model is the
    /// reserve.</summary>
    /// <returns>False when the hub is not worth asking.</returns>
    internal bool TrySplit(WorkloadRunner workload, WindowSlot slot, HubQuestion question)
    {
        var due = ReserveTime(workload);
        if (question.First is not { } first || !IsWorthAsking(workload, slot, question, due))
            return false;
        first.Run(slot.HubFeatures, slot.Crossing);
        if (!TryReserve(slot, due))
            return false;
        _ = Task.Run(() => AskAsync(workload, slot, question, DeviceShare.InReserve));
        return true;
    }

    /// <summary>Gives up calls that are still under way.</summary>
    public void Dispose() => _stopping.Cancel();

    /// <summary>The hub answers, the device is the reserve.</summary>
    private bool TryOffer(WorkloadRunner workload, WindowSlot slot, HubQuestion question)
    {
        var due = ReserveTime(workload);
        // The reserve comes first: whatever the call does, the lane will answer in time.
        if (!IsWorthAsking(workload, slot, question, due) || !TryReserve(slot, due))
            return false;
        _ = AskAsync(workload, slot, question, DeviceShare.InReserve);
        return true;
    }

    /// <summary>Both are asked, the window keeps its turn in the lane's queue: the hub can only make the answer
    /// quicker.</summary>
    private bool TryRace(WorkloadRunner workload, WindowSlot slot, HubQuestion question)
    {
        if (!MayAsk(workload, slot.Route))
            return false;
        var own = lane.Backlog + TimeSpan.FromSeconds(lane.Meter.MeanServiceSeconds);
        if (!AskRule.IsSooner(question.Pace, own))
        {
            Sound(question, slot);
            return false;
        }

        slot.HoldForCall();
        // Where even the queue is full, the hub is the window's only hope.
        var share = lane.TryEnqueue(slot) ? DeviceShare.InQueue : DeviceShare.None;
        if (share == DeviceShare.None)
            slot.Release();
        _ = AskAsync(workload, slot, question, share);
        return true;
    }

    private bool IsWorthAsking(WorkloadRunner workload, WindowSlot slot, HubQuestion question, TimeSpan due)
    {
        if (!MayAsk(workload, slot.Route))
            return false;
        if (AskRule.IsInTime(question.Pace, RttOf(slot.Route), due - clock.GetElapsedTime(slot.CompletedAt)))
            return true;
        Sound(question, slot);
        return false;
    }

    // A hub that is known to be away is not waited for: its placement stays, the windows do not.
    private static bool MayAsk(WorkloadRunner workload, WorkloadRoute route) =>
        route.Via is { IsReachable: true } && workload.FreeSlots >= SlotsKept;

    private static TimeSpan RttOf(WorkloadRoute route) => TimeSpan.FromSeconds(route.Via?.RttSeconds ?? 0);

    private bool TryReserve(WindowSlot slot, TimeSpan due)
    {
        slot.HoldForFallback();
        if (lane.TryReserve(slot, slot.CompletedAt + (long)(due.TotalSeconds * clock.TimestampFrequency)))
            return true;
        slot.ReleaseFallback();
        return false;
    }

    private async Task AskAsync(WorkloadRunner workload, WindowSlot slot, HubQuestion question, DeviceShare share)
    {
        try
        {
            var left = workload.Configuration.Deadline - clock.GetElapsedTime(slot.CompletedAt);
            var window = new HubWindow(slot.HubFeatures, slot.Crossing);
            using var asking = WindowTraces.Ask(slot.Trace, question, slot.Route.AskedPlace);
            var result = await AskTimedAsync(slot.Route, window, left, mayRepeat: true).ConfigureAwait(false);
            asking?.SetTag("lepton.outcome", result.GetType().Name).Stop();
            if (result is not OffloadResult.Answered reply)
                workload.Refused(result);
            else if (!slot.TryClaim())
                question.Tally.RepliedLate();
            else
                Answered(workload, slot, question, reply);
            if (slot.Held is { } held && slot.TryClaim())
                workload.Answered(slot, held, Place.Local);
        }
        catch (Exception fault)
        {
            // Nobody awaits this task: what nothing above foresaw must not pass in silence.
            InferenceRouterLog.OfferFailed(logger, fault, workload.Id.Value);
        }
        finally
        {
            // Answered or not, the lane need not wait any longer: it sees for itself whether the window is still open.
            if (share == DeviceShare.InReserve)
                lane.Hasten(slot);
            else if (share == DeviceShare.None && slot.TryClaim())
                workload.ShedWindow();
            slot.Release();
        }
    }

    private static void Answered(
        WorkloadRunner workload, WindowSlot slot, HubQuestion question, OffloadResult.Answered reply)
    {
        if (question.First is not null)
            question.Tally.SplitAnswered();
        workload.Answered(slot, reply.Finding, slot.Route.AskedPlace);
    }

    /// <summary>A call whose answer nobody waits for, now and then: so a hub that was too slow is found when it is quick
    /// again.</summary>
    private void Sound(HubQuestion question, WindowSlot slot)
    {
        if (!question.Pace.TrySound())
            return;
        question.Tally.Sounded();
        var route = slot.Route;
        // Copies: the slot goes its way. What crosses may be an older window's; the time it takes is the same.
        var window = new HubWindow(slot.HubFeatures.ToArray(), slot.Crossing.ToArray());
        _ = Task.Run(async () =>
        {
            try
            {
                await AskTimedAsync(route, window, SoundingPatience, mayRepeat: false).ConfigureAwait(false);
            }
            catch (Exception fault)
            {
                InferenceRouterLog.OfferFailed(logger, fault, question.Workload.Value);
            }
        });
    }

    private async Task<OffloadResult> AskTimedAsync(
        WorkloadRoute route, HubWindow window, TimeSpan patience, bool mayRepeat)
    {
        var start = clock.GetTimestamp();
        var result = await route.Via!.AskAsync(route.Question!, window, patience, _stopping.Token, mayRepeat)
            .ConfigureAwait(false);
        route.Question!.Note(result, clock.GetElapsedTime(start));
        return result;
    }

    /// <summary>How long after the window was complete the device starts to answer itself.</summary>
    /// <remarks>The deadline less the wait that the lane would cause now, but a quarter of the deadline stays for what
    /// no model of the lane knows, and even an overloaded lane leaves the hub a quarter: asking it for nothing helps
    /// nobody. The lane as it is now, not the latencies of the last half minute: those may speak of a load that is
    /// over.</remarks>
    private TimeSpan ReserveTime(WorkloadRunner workload)
    {
        var deadline = workload.Configuration.Deadline.TotalSeconds;
        var service = lane.Meter.MeanServiceSeconds;
        var local = ServiceP99OfMean * service + QueueModel.WaitP99Seconds(service, lane.Meter.Utilisation);
        return TimeSpan.FromSeconds(Math.Clamp(deadline - local, deadline / 4, deadline * 3 / 4));
    }

    /// <summary>What the lane needs to come to a finding that is held already: the piece of work that it is at.</summary>
    private TimeSpan PublishingTime(WorkloadRunner workload)
    {
        var deadline = workload.Configuration.Deadline;
        var piece = TimeSpan.FromSeconds(ServiceP99OfMean * lane.Meter.MeanServiceSeconds) + (deadline / 8);
        return piece < deadline / 2 ? piece : deadline / 2;
    }
}

internal static partial class InferenceRouterLog
{
    [LoggerMessage(1, LogLevel.Error, "Workload {Workload}: asking the hub about a window failed")]
    public static partial void OfferFailed(ILogger logger, Exception fault, string workload);
}
