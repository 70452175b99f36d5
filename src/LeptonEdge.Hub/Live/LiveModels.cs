using System.Text.Json.Serialization;
using LeptonEdge.Hub.Api;

namespace LeptonEdge.Hub.Live;

/// <summary>What a live stream shall tell of.</summary>
/// <param name="Channels">DEVICE/CHANNEL, at most 200; those that the caller does not see, or that are not there yet,
/// are silent.</param>
/// <param name="Topics"><c>hub</c>, <c>devices</c>, <c>alarms</c>, <c>plan</c>, <c>jobs</c>.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record LiveSubscription(IReadOnlyList<string> Channels, IReadOnlyList<string> Topics);

/// <summary>A subscription that a stream may be opened with.</summary>
/// <param name="Id">Give it as <c>subscription</c>; good for ten minutes after its last stream ended.</param>
public sealed record LiveSubscribed(string Id);

/// <summary>The data of each kind of event: one of these fields is one event, named as the field is.</summary>
/// <param name="Values">Newest values of channels that changed; the first event has all that are known.</param>
/// <param name="Hub">How the hub and its fleet do, at most once a second; the same as <c>GET /api/v1/hub</c>.</param>
/// <param name="Devices">How many devices are online, and which are not.</param>
/// <param name="Alarms">How many alarms stand, and the newest of them.</param>
/// <param name="Plan">The plan in force, and its newest moves.</param>
/// <param name="Jobs">The newest jobs.</param>
/// <remarks>Every event is a state, not a change: whoever misses one has lost nothing once the next one is there.</remarks>
public sealed record LiveEvents(
    IReadOnlyList<LatestReading>? Values, HubView? Hub, LiveDevices? Devices, LiveAlarms? Alarms, LivePlan? Plan,
    LiveJobs? Jobs);

/// <summary>How many devices are online, and which are not.</summary>
/// <param name="Total">Devices that the caller sees.</param>
/// <param name="Online">Those of them that reported lately.</param>
/// <param name="Offline">Names of the others, at most 1000.</param>
public sealed record LiveDevices(long TimeMicros, int Total, int Online, IReadOnlyList<string> Offline);

/// <summary>How many alarms stand, and the newest of them.</summary>
/// <param name="Active">Alarms that stand, at most 1000.</param>
/// <param name="Unacknowledged">Those of them that nobody acknowledged.</param>
/// <param name="Critical">Those of them that are critical.</param>
/// <param name="Newest">At most 20.</param>
public sealed record LiveAlarms(
    long TimeMicros, int Active, int Unacknowledged, int Critical, IReadOnlyList<AlarmView> Newest);

/// <summary>The plan in force, and its newest moves.</summary>
/// <param name="Moves">At most 20, the newest first.</param>
public sealed record LivePlan(ulong Version, long MadeMicros, IReadOnlyList<MoveView> Moves);

/// <summary>The newest jobs.</summary>
/// <param name="Jobs">At most 20, the newest first.</param>
public sealed record LiveJobs(long TimeMicros, IReadOnlyList<JobView> Jobs);

/// <summary>Parts of the hub that a stream may follow.</summary>
[Flags]
public enum LiveTopic
{
    None = 0,
    Devices = 1,
    Alarms = 2,
    Plan = 4,
    Jobs = 8,
    Hub = 16,
}
