using System.Text.Json.Serialization;
using LeptonEdge.Hub.Api;

namespace LeptonEdge.Hub.Live;

/// <summary>What a live stream shall tell of.</summary>
/// <param name="Channels">DEVICE/CHANNEL, at most 200; those that the caller does not see, or that are not there yet,
/// are silent.</param>
/// <param name="Topics"><c>hub</c>, <c>devices</c>, <c>alarms</c>, <c>plan</c>, <c>jobs</c>.</param>
/// <param name="Points">DEVICE/CHANNEL of which each reading is told, at most 20.</param>
/// <param name="Rows">Devices whose rows are told as they change; <c>*</c> for all.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record LiveSubscription(
    IReadOnlyList<string> Channels, IReadOnlyList<string> Topics, IReadOnlyList<string>? Points = null,
    IReadOnlyList<string>? Rows = null);

/// <summary>A subscription that a stream may be opened with.</summary>
/// <param name="Id">Give it as <c>subscription</c>; good for ten minutes after its last stream ended.</param>
public sealed record LiveSubscribed(string Id);

/// <summary>The data of each kind of event: one of these fields is one event, named as the field is.</summary>
/// <param name="Values">Newest values of channels that changed; the first event has all that are known.</param>
/// <param name="Readings">Each reading of a channel that is followed so, as it is stored; what was stored before is for
/// the readings' own resource to tell.</param>
/// <param name="Shed">How many readings were left out, because this stream was too slow for them.</param>
/// <param name="Rows">Devices as in the list of devices: at first all that are followed, then those that changed. What
/// people act upon, such as a device that went silent, comes within a second; loads and rates every few seconds, and in a
/// large fleet in turn, 200 devices a second.</param>
/// <param name="Hub">How the hub and its fleet do, at most once a second; the same as <c>GET /api/v1/hub</c>.</param>
/// <param name="Devices">How many devices are online, and which are not.</param>
/// <param name="Alarms">How many alarms stand, and the newest of them.</param>
/// <param name="Plan">The plan in force, and its newest moves.</param>
/// <param name="Jobs">The newest jobs.</param>
/// <remarks>Every event but readings is a state, not a change: whoever misses one has lost nothing once the next one is
/// there.</remarks>
public sealed record LiveEvents(
    IReadOnlyList<LatestReading>? Values, LiveReadings? Readings, LiveShed? Shed, IReadOnlyList<DeviceSummary>? Rows,
    HubView? Hub, LiveDevices? Devices, LiveAlarms? Alarms, LivePlan? Plan, LiveJobs? Jobs);

/// <summary>Readings of one channel.</summary>
/// <param name="Points">Each as its time in microseconds since 1970-01-01 UTC, and its value, which is null when it is not
/// finite.</param>
public sealed record LiveReadings(string Device, string Channel, IReadOnlyList<IReadOnlyList<double?>> Points);

/// <summary>Readings that were left out.</summary>
/// <param name="Points">Since the last event of this kind.</param>
public sealed record LiveShed(long Points);

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
