namespace LeptonEdge.Hub.Api;

/// <summary>How the hub and its fleet do, in short; of the fleet what the caller sees.</summary>
/// <param name="Version">Version of the hub.</param>
/// <param name="Devices">Devices, and how many report.</param>
/// <param name="Alarms">Alarms that stand.</param>
/// <param name="Rates">What comes each second.</param>
/// <param name="Deadlines">How deadlines were kept in the last minute or so.</param>
/// <param name="Plan">The plan in force.</param>
/// <param name="Currency">Of every cost.</param>
/// <param name="Backlog">What waits in all outboxes.</param>
/// <param name="Broker">The link to the broker.</param>
/// <param name="Store">The store; null for callers who see some sites only.</param>
/// <param name="Memory">Memory of the hub's process.</param>
public sealed record HubView(
    long TimeMicros, string Tenant, string Version, long StartedMicros, HubDevices Devices, HubAlarms Alarms,
    HubRates Rates, HubDeadlines Deadlines, HubPlan Plan, string Currency, BacklogSummary Backlog, HubBroker Broker,
    HubStoreState? Store, HubMemory Memory);

/// <summary>Devices, and how many report.</summary>
/// <param name="Total">Devices that ever reported.</param>
/// <param name="Online">Those of them that reported lately.</param>
public sealed record HubDevices(int Total, int Online);

/// <summary>Alarms that stand, by severity.</summary>
/// <param name="Active">All of them.</param>
/// <param name="Unacknowledged">Those of them that nobody acknowledged.</param>
/// <param name="Info">Those that are informational.</param>
/// <param name="Warning">Those that warn.</param>
/// <param name="Critical">Those that are critical.</param>
public sealed record HubAlarms(int Active, int Unacknowledged, int Info, int Warning, int Critical);

/// <summary>What comes each second, of devices that report.</summary>
public sealed record HubRates(double ReadingsPerSecond, double WindowsPerSecond, double InferencesPerSecond);

/// <summary>How deadlines were kept lately: older answers count for less, and for nothing after some minutes.</summary>
/// <param name="Share">Of the answers, those in time, 0 to 1; null where there were none.</param>
/// <param name="AnswersPerSecond">Answers that this is of.</param>
public sealed record HubDeadlines(double? Share, double AnswersPerSecond);

/// <summary>The plan in force; money is null for callers who see some sites only.</summary>
/// <param name="Moves">Workloads moved since the hub started; null for callers who see some sites only.</param>
public sealed record HubPlan(
    ulong Version, long MadeMicros, long? Moves, double? CostPerHour, double? BoundPerHour, double? Gap);

/// <summary>The link to the broker.</summary>
/// <param name="Connected">It stands.</param>
public sealed record HubBroker(bool Connected);

/// <summary>The store.</summary>
/// <param name="Up">It takes batches.</param>
/// <param name="Batches">Batches in it.</param>
/// <param name="Bytes">Size of its file and log.</param>
/// <param name="FreeBytes">What is free on its disk; null while the disk does not say.</param>
public sealed record HubStoreState(bool Up, long Batches, long Bytes, long? FreeBytes);

/// <summary>The last hour, as far as the hub has run.</summary>
/// <param name="StepSeconds">Between two points.</param>
/// <param name="Points">The oldest first, at most 360.</param>
public sealed record HubTrendView(int StepSeconds, IReadOnlyList<HubTrendPoint> Points);

/// <summary>How the fleet did at one time.</summary>
/// <param name="DeadlineShare">Of the answers of the last minute or so, those in time, 0 to 1; null where there were none.</param>
/// <param name="CostPerHour">Money that the plan in force costs each hour.</param>
/// <param name="Online">Devices that reported.</param>
/// <param name="Alarms">Alarms that stood.</param>
public sealed record HubTrendPoint(
    long TimeMicros, double ReadingsPerSecond, double InferencesPerSecond, double? DeadlineShare, double? CostPerHour,
    int Online, int Alarms);

/// <summary>Memory of the hub's process.</summary>
/// <param name="ResidentBytes">In whole mebibytes.</param>
public sealed record HubMemory(long ResidentBytes);
