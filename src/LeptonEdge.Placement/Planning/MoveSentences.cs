using System.Globalization;
using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Placement.Planning;

/// <summary>Why a workload moved, in one sentence with the figures that decided it.</summary>
internal static class MoveSentences
{
    /// <param name="load">Of the device that it leaves; null where that has no load of its own.</param>
    public static string Say(
        WorkloadState workload, RunsAt place, MoveCause cause, in Footing from, in Footing to, NodeCalm? load,
        string? over)
    {
        var (here, there) = (workload.Running!.Say(), place.Say());
        var figures = $"p99 there {Ms(to.LatencySeconds)} of its deadline of {Ms(workload.DeadlineSeconds)}";
        return cause switch
        {
            MoveCause.Gain => $"moved to {there}: {Money(from.CostPerHour - to.CostPerHour)} an hour less, {figures}",
            MoveCause.Recovery => $"back on {there}: what made it leave is over, {figures}",
            MoveCause.Threatened => $"moved to {there}: {here} cannot answer in time any more "
                + $"({Threat(workload, from, load, over)}); {figures}",
            MoveCause.Missed => $"moved to {there}: {here} missed its deadline; {figures}",
            MoveCause.Late => $"moved to {there}, though it has moved just now: {here} cannot answer in time "
                + $"({Threat(workload, from, load, over)}); {figures}",
            MoveCause.LinkLost => $"moved to {there}: {workload.Device} does not reach {here}; {figures}",
            MoveCause.NodeDown => $"moved to {there}: {here} is down; {figures}",
            MoveCause.Pinned => $"pinned to {there}; {figures}",
            MoveCause.Drained => $"moved to {there}: {here} is drained; {figures}",
            MoveCause.Yields => $"moved to {there}: on {here} it makes room for others; {figures}",
            _ => $"moved to {there}: it may not run on {here}; {figures}",
        };
    }

    public static string Ms(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e3:0.#} ms");

    private static string Threat(WorkloadState workload, in Footing from, NodeCalm? load, string? over)
    {
        if (load is not { } busy)
            return from.Limit is null ? $"{over ?? "its capacity"} is used up" : Late(workload, from);
        var rising = busy.Ahead > busy.Busy ? $" and rising to {Percent(busy.Ahead)}" : "";
        var late = from.Limit is null ? "" : $", {Late(workload, from)}";
        var used = over is not null ? $", {over} is used up" : "";
        return $"{Percent(busy.Busy)} busy{rising}{late}{used}";
    }

    private static string Late(WorkloadState workload, in Footing from) =>
        $"p99 {Ms(from.LatencySeconds)} of {Ms(workload.DeadlineSeconds)}";

    private static string Percent(double share) =>
        string.Create(CultureInfo.InvariantCulture, $"{share * 100:0} %");

    private static string Money(double amount) => string.Create(CultureInfo.InvariantCulture, $"{amount:0.######}");
}
