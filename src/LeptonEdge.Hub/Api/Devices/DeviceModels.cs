using System.Text.Json.Serialization;

namespace LeptonEdge.Hub.Api;

/// <summary>A place on a floor plan.</summary>
/// <param name="X">From the left edge, 0 to 1.</param>
/// <param name="Y">From the top edge, 0 to 1.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record FloorPosition(double X, double Y);

/// <summary>What is to change of a device's own entry; what is left out stays.</summary>
/// <param name="Tags">All of its tags, at most 32.</param>
/// <param name="Note">What people should know about it; at most 2000 characters, empty for nothing.</param>
/// <param name="Position">Where it is on its site's floor plan.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record DevicePatch(
    IReadOnlyList<string>? Tags = null, string? Note = null, FloorPosition? Position = null);

/// <summary>One thing to do to many devices: those named, or all that a filter finds.</summary>
/// <param name="Action"><c>tag</c>, <c>untag</c>, <c>drain</c>, <c>undrain</c> or <c>model</c>.</param>
/// <param name="Devices">Names, 1 to 10,000; give these or <paramref name="Filter"/>.</param>
/// <param name="Filter">Those that it finds.</param>
/// <param name="Tag">Of <c>tag</c> and <c>untag</c>.</param>
/// <param name="Workload">Of <c>model</c>: the workload whose model is set.</param>
/// <param name="Model">Of <c>model</c>: NAME/VERSION; empty for the one of the device's configuration.</param>
/// <param name="DryRun">Say what would be done, and do nothing.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record DeviceBulk(
    string Action, IReadOnlyList<string>? Devices = null, DeviceFilter? Filter = null, string? Tag = null,
    string? Workload = null, string? Model = null, bool DryRun = false);

/// <summary>Which devices; what is left out does not narrow.</summary>
/// <param name="Online">True for those that reported lately, false for the others.</param>
/// <param name="Site">Only of this site.</param>
/// <param name="Board">Only on this board.</param>
/// <param name="AgentVersion">Only with this version of the agent.</param>
/// <param name="Tag">Only with this tag.</param>
/// <param name="Text">Only with this text in name, site, board, tags or note, in any case of letters.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record DeviceFilter(
    bool? Online = null, string? Site = null, string? Board = null, string? AgentVersion = null, string? Tag = null,
    string? Text = null);

/// <summary>What a device shall run, as the hub last told it.</summary>
/// <param name="Version">Rises with every change; 0 while there is none.</param>
/// <param name="TakenUp">The device reports this version or a later one.</param>
/// <param name="PlanVersion">Version of the plan that it follows.</param>
/// <param name="Guests">Other devices of its site whose windows it answers.</param>
public sealed record DesiredView(
    ulong Version, bool TakenUp, ulong PlanVersion, IReadOnlyList<DesiredWorkloadView> Workloads,
    IReadOnlyList<string> Guests);

/// <summary>What a device shall do with one workload.</summary>
/// <param name="Place"><c>local</c>, <c>peer</c> or <c>hub</c>.</param>
/// <param name="Recipe"><c>whole</c>, <c>cascade</c> or <c>split</c>.</param>
/// <param name="Peer">The device that answers; empty where none does.</param>
/// <param name="HubModel">What the hub runs for it; empty where it runs nothing.</param>
/// <param name="Model">The device's own model, NAME/VERSION; empty for the one of its configuration.</param>
public sealed record DesiredWorkloadView(
    string Workload, string Place, string Recipe, string Peer, string HubModel, string Model);

/// <summary>How well a device is.</summary>
/// <param name="Status"><c>good</c>, <c>warning</c> or <c>critical</c>.</param>
/// <param name="Findings">What is not as it should be, in sentences; the worst first.</param>
/// <param name="SpeedShare">Share of its speed that heat leaves the processor, 0 to 1; 0 while unknown.</param>
/// <param name="BatteryJoules">What its battery still holds; null on mains.</param>
public sealed record HealthView(
    string Status, IReadOnlyList<string> Findings, double SpeedShare, double? BatteryJoules);

/// <summary>The disk that a device keeps its outbox on.</summary>
/// <param name="Bytes">Its size.</param>
/// <param name="FreeBytes">What is free of it for the agent.</param>
/// <param name="OutboxBytes">What waits in the outbox for the hub.</param>
/// <param name="OutboxLimitBytes">What the outbox may take of the disk; beyond it the oldest is given up.</param>
public sealed record StorageView(long Bytes, long FreeBytes, long OutboxBytes, long OutboxLimitBytes);

/// <summary>What a device shows to the hub.</summary>
/// <param name="Serial">Serial number, hexadecimal.</param>
/// <param name="IssuedMicros">Valid from, microseconds since 1970-01-01 UTC.</param>
/// <param name="ExpiresMicros">Valid until, microseconds since 1970-01-01 UTC.</param>
public sealed record CertificateView(string Serial, long IssuedMicros, long ExpiresMicros);

/// <summary>What a device consists of.</summary>
/// <param name="Cores">Processor cores.</param>
/// <param name="PeerAddress">Where other devices of its site may ask it; empty when they may not.</param>
/// <param name="PeerModels">What it can run for them, NAME/VERSION.</param>
/// <param name="LinkBytesPerSecond">What the way to the hub carried lately; 0 while unknown.</param>
/// <param name="StoredBatches">Batches of it in the hub's store.</param>
/// <param name="StoredRecords">Records of it in the hub's store.</param>
/// <param name="StoredBytes">What came over the wire for these.</param>
/// <param name="FirstSeenMicros">When the hub heard of it first, microseconds since 1970-01-01 UTC; null while nothing of
/// it is stored.</param>
/// <param name="OsName">Its operating system, such as Debian GNU/Linux 13 (trixie); empty while unknown.</param>
/// <param name="Kernel">Version of its kernel; empty while unknown.</param>
/// <param name="Architecture">Such as x64 or arm64; empty while unknown.</param>
/// <param name="Processor">The processor's name, else that of the board; empty while unknown.</param>
public sealed record InventoryView(
    uint Cores, string Board, string AgentVersion, string PeerAddress, IReadOnlyList<string> PeerModels,
    double LinkBytesPerSecond, long StoredBatches, long StoredRecords, long StoredBytes, long? FirstSeenMicros,
    string OsName, string Kernel, string Architecture, string Processor);
