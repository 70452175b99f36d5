using System.ComponentModel.DataAnnotations;

namespace LeptonEdge.Placement;

/// <summary>When a workload moves, and what moving costs: the distance between leaving and returning is the price of a
/// move, so that noise on the load does not send work back and forth.</summary>
public sealed record PlannerLimits
{
    /// <summary>Projected p99 above this share of the deadline threatens it.</summary>
    [Range(0.1, 1.0)]
    public double LeaveShare { get; init; } = 0.7;

    /// <summary>Projected p99 below this share of the deadline is comfortable; below <see
    /// cref="LeaveShare"/>.</summary>
    [Range(0.05, 0.95)]
    public double ReturnShare { get; init; } = 0.4;

    /// <summary>A lane at least this busy threatens every deadline on it, whatever the formula says.</summary>
    [Range(0.1, 0.99)]
    public double LaneBusy { get; init; } = 0.85;

    /// <summary>A lane at most this busy, with the returning workload on it, is comfortable.</summary>
    [Range(0.05, 0.95)]
    public double LaneCalm { get; init; } = 0.65;

    /// <summary>The hub's workers are filled up to this share, no further.</summary>
    [Range(0.1, 0.99)]
    public double HubBusy { get; init; } = 0.8;

    /// <summary>The threat must last this long before a workload leaves, unless the deadline itself would be
    /// missed.</summary>
    public TimeSpan LeaveHold { get; init; } = TimeSpan.FromSeconds(0.2);

    /// <summary>A rising load is judged by where it will be after this time: a device measures over two seconds,
    /// reports every second, and needs a moment to follow.</summary>
    public TimeSpan LookAhead { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The comfort must last this long before a workload returns.</summary>
    public TimeSpan ReturnHold { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>A workload that leaves again soon after it returned waits twice as long each time, up to
    /// this.</summary>
    public TimeSpan ReturnHoldMax { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>"Soon after" in <see cref="ReturnHoldMax"/>.</summary>
    public TimeSpan RelapseWithin { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>A report older than this decides nothing.</summary>
    public TimeSpan StaleAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A device silent for longer than this is marked in the plan.</summary>
    public TimeSpan SilentAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Every fault, as sentences that name the field; empty when the limits are sound.</summary>
    public IEnumerable<string> Faults()
    {
        if (LeaveShare is not (>= 0.1 and <= 1))
            yield return $"leave_share: {LeaveShare} is not within 0.1 to 1";
        if (!(ReturnShare >= 0.05 && ReturnShare < LeaveShare))
            yield return $"return_share: {ReturnShare} must be at least 0.05 and below leave_share ({LeaveShare})";
        if (LaneBusy is not (>= 0.1 and <= 0.99))
            yield return $"lane_busy: {LaneBusy} is not within 0.1 to 0.99";
        if (!(LaneCalm >= 0.05 && LaneCalm < LaneBusy))
            yield return $"lane_calm: {LaneCalm} must be at least 0.05 and below lane_busy ({LaneBusy})";
        if (HubBusy is not (>= 0.1 and <= 0.99))
            yield return $"hub_busy: {HubBusy} is not within 0.1 to 0.99";
        foreach (var fault in HoldFaults())
            yield return fault;
    }

    private IEnumerable<string> HoldFaults()
    {
        (string Key, TimeSpan Value)[] holds =
        [
            ("leave_hold_seconds", LeaveHold), ("look_ahead_seconds", LookAhead),
            ("return_hold_seconds", ReturnHold),
            ("return_hold_max_seconds", ReturnHoldMax), ("relapse_within_seconds", RelapseWithin),
            ("stale_after_seconds", StaleAfter), ("silent_after_seconds", SilentAfter),
        ];
        foreach (var (key, value) in holds)
        {
            if (value < TimeSpan.Zero || value > TimeSpan.FromHours(1))
                yield return FormattableString.Invariant($"{key}: {value.TotalSeconds} is not within 0 to 3600");
        }

        if (ReturnHoldMax < ReturnHold)
            yield return "return_hold_max_seconds: must not be below return_hold_seconds";
        if (SilentAfter < StaleAfter)
            yield return "silent_after_seconds: must not be below stale_after_seconds";
    }
}
