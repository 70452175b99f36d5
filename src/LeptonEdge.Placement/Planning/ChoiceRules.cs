using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Placement.Planning;

/// <summary>Of the ways in which a workload can be answered: which of them the solver may choose from.</summary>
internal static class ChoiceRules
{
    private const double NoticeableShare = 0.3;
    private const double ShareMin = 0.01;

    // An older share of unsure windows says too little of those of today.
    private static readonly TimeSpan UnsureAgeMax = TimeSpan.FromHours(1);

    /// <summary>What its device does not offer; and a cascade of which nobody knows how much it would ask of the
    /// hub, unless that is how it runs.</summary>
    public static OffloadChoices Excluded(WorkloadTrack track, long nowMicros)
    {
        var known = track.UnsureMicros > 0 && nowMicros - track.UnsureMicros <= FleetPlanner.Micros(UnsureAgeMax);
        return known || track.Placed.Recipe == PlanNames.Cascade
            ? track.Report.Excluded
            : track.Report.Excluded | OffloadChoices.Cascade;
    }

    /// <summary>Share of windows that a cascade sends on, in steps; null while unknown.</summary>
    public static double? FarShare(WorkloadTrack track) =>
        track.UnsureMicros > 0 ? Grid.Portion(track.UnsureShare, ShareMin) : null;

    /// <summary>Whether they differ by more than noise from what was built of them.</summary>
    public static bool Differ(WorkloadTrack track, WorkloadState built, long nowMicros)
    {
        if (Excluded(track, nowMicros) != built.Excluded)
            return true;
        return !built.Excluded.HasFlag(OffloadChoices.Cascade) && track.UnsureMicros > 0
            && (built.FarShare is not { } share
                || Math.Abs(track.UnsureShare - share) > (NoticeableShare * share) + ShareMin);
    }
}
