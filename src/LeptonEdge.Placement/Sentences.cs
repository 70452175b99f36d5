using System.Globalization;
using LeptonEdge.Core;
using LeptonEdge.Core.Plans;

namespace LeptonEdge.Placement;

/// <summary>The planner's reasons, one sentence each, with the figures that decided. Fixed when decided: a reason that
/// followed every measurement would make every round a new plan.</summary>
internal static class Sentences
{
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    public static string First(DeviceSnapshot device, WorkloadSnapshot workload, double local) => workload.MayLeave
        ? string.Create(
            Culture, $"starts on {device.Device}: projected p99 {Ms(local)} "
            + $"against a deadline of {Ms(workload.DeadlineSeconds)}")
        : string.Create(
            Culture, $"stays on {device.Device}: it has no model on the hub, so its windows must not leave the device");

    /// <param name="lane">Utilisation now, and where its rise leads.</param>
    public static string Left(
        DeviceSnapshot device, WorkloadSnapshot workload, (double Now, double Ahead) lane, double local, double hub)
    {
        var rising = lane.Ahead > lane.Now ? $" and rising to {Percent(lane.Ahead)}" : "";
        return string.Create(
            Culture, $"moved to the hub: {device.Device}'s lane is {Percent(lane.Now)} busy{rising}, "
            + $"so its p99 would reach {Ms(local)} "
            + $"against a deadline of {Ms(workload.DeadlineSeconds)}; the hub answers within {Ms(hub)}");
    }

    public static string Returned(
        DeviceSnapshot device, WorkloadSnapshot workload, double lane, double local, long heldMicros) =>
        string.Create(
            Culture, $"back on {device.Device}: with it the lane is {Percent(lane)} busy and its p99 {Ms(local)} "
            + $"against a deadline of {Ms(workload.DeadlineSeconds)}, for {heldMicros / 1e6:0.#} s now");

    public static string HubFailed(DeviceSnapshot device, WorkloadSnapshot workload, double? hub, string why) =>
        hub is { } p99
        ? string.Create(Culture, $"back on {device.Device}: the hub takes {Ms(p99)} "
            + $"against a deadline of {Ms(workload.DeadlineSeconds)}")
        : string.Create(Culture, $"back on {device.Device}: {why}");

    public static string Silent(DeviceSnapshot device, Place place)
    {
        var seen = TimeProviderExtensions.FromUnixMicros(device.LastSeenMicros);
        return string.Create(
            Culture, $"{device.Device} is silent since {seen:yyyy-MM-dd HH:mm:ss} UTC; "
            + $"the work keeps its place ({Name(place)}), "
            + $"and a device that cannot reach the hub answers by itself");
    }

    public static string BackAgain(DeviceSnapshot device, Place place) =>
        string.Create(Culture, $"{device.Device} reports again; it keeps its place ({Name(place)})");

    private static string Name(Place place) => place == Place.Hub ? "hub" : "device";

    private static string Ms(double seconds) => string.Create(Culture, $"{seconds * 1e3:0.#} ms");

    private static string Percent(double share) => string.Create(Culture, $"{share * 100:0} %");
}
