using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Placement.Planning;

/// <summary>Why a workload moves.</summary>
public enum MoveCause
{
    /// <summary>It costs less there.</summary>
    Gain,

    /// <summary>It had to leave, and what made it leave is over.</summary>
    Recovery,

    /// <summary>Its deadline is in danger where it is.</summary>
    Threatened,

    /// <summary>Where it was missed its deadline.</summary>
    Missed,

    /// <summary>It has moved just now, but where it is its deadline cannot be met.</summary>
    Late,

    /// <summary>The link that it needs is gone.</summary>
    LinkLost,

    /// <summary>A node that it needs is down.</summary>
    NodeDown,

    /// <summary>An operator pinned it.</summary>
    Pinned,

    /// <summary>An operator drains the node.</summary>
    Drained,

    /// <summary>It makes room for one that must move.</summary>
    Yields,

    /// <summary>It did not get to where it should, or may not run where it was.</summary>
    Refused,
}

public static class MoveCauses
{
    /// <summary>Nothing forced the move: hold times, blackouts and rates apply.</summary>
    public static bool IsChoice(this MoveCause cause) => cause is MoveCause.Gain or MoveCause.Recovery;

    /// <summary>A node or a link is gone, or a place does not meet the deadline: only this moves a workload again
    /// before its last move has settled, and an operator's word.</summary>
    public static bool IsFailure(this MoveCause cause) =>
        cause is MoveCause.NodeDown or MoveCause.LinkLost or MoveCause.Missed or MoveCause.Late or MoveCause.Refused;
}

/// <summary>What the planner remembers of one workload that a decision depends on.</summary>
/// <param name="LastChoiceMicros">Its last move by choice; 0 never.</param>
/// <param name="Candidate">Where it would have gone at the last decision; null nowhere.</param>
/// <param name="CandidateSinceMicros">Since when that was worth it.</param>
/// <param name="ReturnHoldMicros">How long the way home must be worth it, for one that had to leave.</param>
/// <param name="HadToLeave">It is away from its device because it had to leave.</param>
/// <param name="Missing">Its place misses its deadline.</param>
/// <param name="Held">Its pin is the planner's own, because another place failed it.</param>
public readonly record struct Standing(
    long LastChoiceMicros, RunsAt? Candidate, long CandidateSinceMicros, long ReturnHoldMicros, bool HadToLeave,
    bool Missing, bool Held)
{
    /// <summary>Its last move, forced or not; 0 never.</summary>
    public long MovedMicros { get; init; }
}

/// <summary>A device with a load of its own.</summary>
/// <param name="Cores">Up to how many of its cores work may move there by choice.</param>
/// <param name="Busy">Share of it that was busy when it last reported.</param>
/// <param name="Ahead">Share that its own load takes where its rise leads.</param>
public readonly record struct NodeCalm(string Node, double Cores, double Busy, double Ahead)
{
    /// <summary>All that it could do, in cores; 0 while unknown.</summary>
    public double Speed { get; init; }
}

/// <summary>All that a decision depends on. Equal inputs give equal decisions.</summary>
/// <param name="NowMicros">Microseconds since 1970-01-01 UTC.</param>
/// <param name="Fleet">Places in force are in it.</param>
/// <param name="Standings">One for each workload, in the order of the sites.</param>
/// <param name="Calm">Devices that have a load of their own.</param>
/// <param name="Blackout">Nothing moves by choice now.</param>
/// <param name="ChoicesLeft">Moves by choice that this minute still allows.</param>
/// <param name="ForcedLeft">Forced moves that this minute still allows.</param>
public sealed record DecisionInputs(
    long NowMicros, FleetState Fleet, IReadOnlyList<Standing> Standings, IReadOnlyList<NodeCalm> Calm, bool Blackout,
    int ChoicesLeft, int ForcedLeft, DecisionRules Rules);

/// <summary>The rules that a decision depends on.</summary>
public sealed record DecisionRules(double ReturnShare, double CalmShare, long SettleMicros, long HoldMicros)
{
    /// <summary>Up to these shares nodes are filled by plan.</summary>
    public double LaneBusy { get; init; } = 0.85;

    public double HubBusy { get; init; } = 0.8;

    public static DecisionRules Of(PlannerRules rules) => new(
        rules.ReturnShare, rules.LaneCalm / rules.LaneBusy, FleetPlanner.Micros(rules.SettleTime),
        FleetPlanner.Micros(rules.Hold))
    {
        LaneBusy = rules.LaneBusy, HubBusy = rules.HubBusy,
    };
}

/// <summary>One move that is to begin.</summary>
/// <param name="Index">Place of the workload in the order of the sites.</param>
/// <param name="GainPerHour">Money that it saves; negative where a limit makes it dearer.</param>
public sealed record DecidedMove(
    int Index, string Device, string Workload, RunsAt From, RunsAt To, MoveCause Cause, double GainPerHour,
    string Reason);

/// <summary>One move that would be worth it, and what it waits for.</summary>
/// <param name="SinceMicros">Since when it is worth it; 0 when it may not count its time yet.</param>
/// <param name="RetryMicros">When to decide again; 0 when only a change of the fleet can help.</param>
public sealed record WaitingMove(
    int Index, string Device, string Workload, RunsAt From, RunsAt To, double GainPerHour, string WaitsFor,
    long SinceMicros, long RetryMicros);

/// <summary>What was decided.</summary>
/// <param name="Homeless">Workloads that fit nowhere, with the reason.</param>
public sealed record PlanDecision(
    IReadOnlyList<DecidedMove> Moves, IReadOnlyList<WaitingMove> Waiting, IReadOnlyList<Homeless> Homeless,
    Proposal Proposal);

public sealed record Homeless(string Device, string Workload, string Reason);
