using System.ComponentModel.DataAnnotations;
using LeptonEdge.Core.Pricing;

namespace LeptonEdge.Placement.Planning;

/// <summary>When work moves, how often, and what is done when a move was a mistake.</summary>
public sealed record PlannerRules
{
    /// <summary>A projected 99th percentile above this share of the deadline threatens it.</summary>
    [Range(0.1, 1.0)]
    public double LeaveShare { get; init; } = 0.7;

    /// <summary>Where a workload moves by choice, its answers take at most this share of the deadline, or no longer
    /// than where it is.</summary>
    [Range(0.05, 0.95)]
    public double ReturnShare { get; init; } = 0.6;

    /// <summary>A device at least this busy threatens every deadline on it, whatever the formula says.</summary>
    [Range(0.1, 0.99)]
    public double LaneBusy { get; init; } = 0.85;

    /// <summary>Work moves to a device by choice only while that leaves it at most this busy.</summary>
    [Range(0.05, 0.95)]
    public double LaneCalm { get; init; } = 0.65;

    /// <summary>Workers of the hub are filled up to this share, no further.</summary>
    [Range(0.1, 0.99)]
    public double HubBusy { get; init; } = 0.8;

    /// <summary>Links are filled up to this share, no further.</summary>
    [Range(0.1, 1.0)]
    public double LinkBusy { get; init; } = 0.7;

    /// <summary>A rising load is judged by where it will be after this time.</summary>
    public TimeSpan LookAhead { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>A move by choice must be worth its price for so long.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The same for a workload that had to leave: the cause must be gone for so long.</summary>
    public TimeSpan ReturnHold { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>A workload that must leave again soon after it returned waits twice as long each time, up to
    /// this.</summary>
    public TimeSpan ReturnHoldMax { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>"Soon after" in <see cref="ReturnHoldMax"/>.</summary>
    public TimeSpan RelapseWithin { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Between two moves of one workload, unless a failure forces the second.</summary>
    public TimeSpan SettleTime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Moves by choice in any minute.</summary>
    [Range(1, 100_000)]
    public int MovesPerMinute { get; init; } = 60;

    /// <summary>Moves that failures force, in any minute.</summary>
    [Range(1, 1_000_000)]
    public int ForcedMovesPerMinute { get; init; } = 6_000;

    /// <summary>A device that was not heard for longer than this is down.</summary>
    public TimeSpan SilentAfter { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>After the planner's start nobody is down for so long: devices need time to find the hub.</summary>
    public TimeSpan StartGrace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A workload that is not where it shall be after this time stays where it is.</summary>
    public TimeSpan PrepareWithin { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A place that misses the deadline of more than this share of windows is left.</summary>
    [Range(0.001, 1.0)]
    public double MissShare { get; init; } = 0.05;

    /// <summary>Over how many reports misses are counted.</summary>
    [Range(1, 60)]
    public int MissReports { get; init; } = 5;

    /// <summary>Fewer windows than this prove nothing.</summary>
    [Range(1, 10_000)]
    public int MissWindowsMin { get; init; } = 20;

    /// <summary>A place that missed a workload's deadline is avoided for it, twice as long each time.</summary>
    public TimeSpan AvoidFor { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Longest time of <see cref="AvoidFor"/>.</summary>
    public TimeSpan AvoidForMax { get; init; } = TimeSpan.FromHours(1);

    /// <summary>So many sane reports one after the other restore trust.</summary>
    [Range(1, 1000)]
    public int SaneReports { get; init; } = 10;

    /// <summary>Between two plans that nothing forces.</summary>
    public TimeSpan ConsiderEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a battery must last: what it holds, over this time, is the device's power budget.</summary>
    public TimeSpan BatteryLasts { get; init; } = TimeSpan.FromHours(12);

    /// <summary>Between a device and the hub where nothing was measured.</summary>
    [Range(1e3, 1e12)]
    public double LinkBytesPerSecond { get; init; } = 1_250_000;

    /// <summary>Bytes a second over a device's own link, where nothing tells it from the way to the hub.</summary>
    [Range(1e3, 1e12)]
    public double SiteBytesPerSecond { get; init; } = 12_500_000;

    /// <summary>Round trip between a device and the network of its site, where nothing tells it from the way to the
    /// hub.</summary>
    public TimeSpan SiteRtt { get; init; } = TimeSpan.FromMilliseconds(0.5);

    [Range(1, 100_000)]
    public int DevicesMax { get; init; } = 20_000;

    /// <summary>What is dear beside the nodes.</summary>
    public Solving.Prices Objective { get; init; } = new();

    /// <summary>Prices of nodes and links.</summary>
    public PriceBook Book { get; init; } = Nominal;

    /// <summary>Where nothing has a price, the device's own time is the cheapest and the network is not free.</summary>
    public static PriceBook Nominal { get; } = new(
        "EUR", new Prices(2e-6, 2e-5, 0.05, 0.3),
        [new PriceOverride(NodeKind.Hub, null, 2e-5, 2e-4), new PriceOverride(NodeKind.Pool, null, 4e-5, 4e-4)]);

    /// <summary>Every fault, as sentences that name the field; empty when the rules are sound.</summary>
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
        if (LinkBusy is not (>= 0.1 and <= 1))
            yield return $"link_busy: {LinkBusy} is not within 0.1 to 1";
        if (MissShare is not (>= 0.001 and <= 1))
            yield return $"miss_share: {MissShare} is not within 0.001 to 1";
        if (MovesPerMinute is not (>= 1 and <= 100_000))
            yield return $"moves_per_minute: {MovesPerMinute} is not within 1 to 100000";
        foreach (var fault in TimeFaults())
            yield return fault;
    }

    private IEnumerable<string> TimeFaults()
    {
        (string Key, TimeSpan Value)[] times =
        [
            ("look_ahead_seconds", LookAhead), ("hold_seconds", Hold), ("return_hold_seconds", ReturnHold),
            ("return_hold_max_seconds", ReturnHoldMax), ("relapse_within_seconds", RelapseWithin),
            ("settle_seconds", SettleTime), ("silent_after_seconds", SilentAfter), ("start_grace_seconds", StartGrace),
            ("prepare_within_seconds", PrepareWithin), ("avoid_seconds", AvoidFor),
            ("avoid_max_seconds", AvoidForMax), ("consider_every_seconds", ConsiderEvery),
        ];
        foreach (var (key, value) in times)
        {
            if (value < TimeSpan.Zero || value > TimeSpan.FromHours(24))
                yield return FormattableString.Invariant($"{key}: {value.TotalSeconds} is not within 0 to 86400");
        }

        if (ReturnHoldMax < ReturnHold)
            yield return "return_hold_max_seconds: must not be below return_hold_seconds";
        if (AvoidForMax < AvoidFor)
            yield return "avoid_max_seconds: must not be below avoid_seconds";
        if (SilentAfter <= TimeSpan.Zero)
            yield return "silent_after_seconds: must be above 0";
    }
}
