using System.Text.Json.Serialization;

namespace LeptonEdge.Hub.Api;

// What the API says. Times are microseconds since 1970-01-01 UTC; seconds, bytes and shares (0 to 1) are named so.

/// <summary>The whole fleet at a glance: one row per channel and workload.</summary>
public sealed record SummaryResponse(
    long TimeMicros, HubStatus Hub, IReadOnlyList<SummaryRow> Rows, IReadOnlyList<ChannelReference> Channels);

/// <param name="Batches">Batches in the store.</param>
/// <param name="Moves">Workloads moved since the hub started.</param>
public sealed record HubStatus(
    string Tenant, string Version, long StartedMicros, ulong PlanVersion, long Batches, long Moves,
    bool BrokerConnected,
    long ResidentBytes);

/// <param name="Place"><c>local</c>, <c>peer</c>, <c>hub</c>, <c>cascade</c> or <c>split</c>: where the workload is
/// computed now; null without a workload.</param>
/// <param name="ChartChannel">The channel of the store that shows this one best; null when none does.</param>
/// <param name="ActiveAlarms">Of this channel.</param>
/// <param name="Online">The device has reported lately.</param>
/// <param name="Distrust">Why the planner does not believe the device's reports; null while it does.</param>
public sealed record SummaryRow(
    string Device, string Channel, string Source, string Unit, bool Simulated, string Upload, double ReadingsPerSecond,
    long Readings, long Invalid, string? Workload, string? Model, double InferencesPerSecond, string? Place,
    long BacklogRecords, long BacklogBytes, int ActiveAlarms, bool Online, long LastSeenMicros, string? ChartChannel,
    string? Distrust);

/// <summary>A channel that the store holds readings of.</summary>
public sealed record ChannelReference(string Device, string Channel);

/// <summary>A device in short, as it last reported itself.</summary>
/// <param name="Tags">What people tagged it with.</param>
/// <param name="Note">What people should know about it.</param>
/// <param name="Position">Where it is on its site's floor plan; null while nobody placed it.</param>
/// <param name="Drained">It shall be empty: what may leave it runs elsewhere.</param>
/// <param name="TemperatureCelsius">Of its hottest sensor; null while unknown.</param>
/// <param name="Storage">Null while unknown.</param>
/// <param name="Certificate">What it shows to the hub; null while unknown, as with agents that do not tell.</param>
public sealed record DeviceSummary(
    string Device, bool Online, long LastSeenMicros, string Site, string Board, string AgentVersion, double CpuLoad,
    long MemoryBytes, long MemoryUsedBytes, long ResidentBytes, double LaneUtilisation, double HubRttSeconds,
    int Channels,
    int Workloads, int ActiveAlarms, BacklogSummary Backlog, ulong DesiredVersion, ulong PlanVersion,
    long StartedMicros, IReadOnlyList<string> Tags, string Note, FloorPosition? Position, bool Drained,
    double? TemperatureCelsius, StorageView? Storage, CertificateView? Certificate);

public sealed record BacklogSummary(long Batches, long Records, long Bytes, long ShedRecords);

/// <summary>A device as a whole.</summary>
/// <param name="Channels">Its channels, as it reports them.</param>
/// <param name="Workloads">Its workloads, as it reports them.</param>
/// <param name="ActiveAlarms">Its alarms that stand, the newest first, at most 200.</param>
/// <param name="Desired">What it shall run.</param>
public sealed record DeviceDetail(
    DeviceSummary Summary, IReadOnlyList<ReportedChannelView> Channels, IReadOnlyList<WorkloadView> Workloads,
    IReadOnlyList<AlarmView> ActiveAlarms, DesiredView Desired, HealthView Health, InventoryView Inventory);

public sealed record ReportedChannelView(
    string Channel, string Source, string Unit, bool Simulated, string Upload, double ReadingsPerSecond, long Readings,
    long Invalid);

/// <param name="Place">Where the device computes it now; of a cascade and a split its first part.</param>
/// <param name="Recipe">How: <c>whole</c>, <c>cascade</c> or <c>split</c>.</param>
/// <param name="PlannedPlace">Where the plan wants it; null while there is no plan for it.</param>
/// <param name="HubModel">Empty when the workload must stay on its device.</param>
/// <param name="ProviderReason">Why the execution providers wished before it do not run; empty when the first
/// does.</param>
/// <param name="ModelRefused">Why the model that was asked for is not in service; empty when it is.</param>
/// <param name="InferencesPeer">Those that other devices of its site answered in time.</param>
/// <param name="LateReplies">The hub's replies that came after the device had answered itself; none was used.</param>
/// <param name="Escalations">Windows of a cascade that the hub was asked about.</param>
/// <param name="SplitAnswers">Windows whose second stage the hub computed in time.</param>
/// <param name="Hedges">Second calls for a window whose first one was slow or failed.</param>
/// <param name="Retries">Calls made again when the hub had said when.</param>
public sealed record WorkloadView(
    string Device, string Workload, string Channel, string Model, string ModelVersion, string ExecutionProvider,
    string Place, string Recipe,
    string? PlannedPlace, string? Reason, double DeadlineSeconds, double InferencesPerSecond, double WindowsPerSecond,
    long InferencesLocal, long InferencesHub, long InferencesPeer, long Late, long Fallbacks, double LocalP50Seconds,
    double LocalP99Seconds, double HubP50Seconds, double HubP99Seconds, string HubModel, string ProviderReason,
    string ModelRefused, long LateReplies, long Escalations, long SplitAnswers, long Hedges, long Retries,
    IReadOnlyList<ChoiceView> Choices);

/// <summary>A way in which the device offers to have its windows answered, with what it measured of it.</summary>
/// <param name="Way"><c>local</c>, <c>hub</c>, <c>cascade</c> or <c>split</c>.</param>
/// <param name="FarModel">What the hub runs; empty where it runs nothing.</param>
/// <param name="NearSeconds">Mean time of the first layers of a split; 0 where there are none.</param>
/// <param name="CutBytes">What crosses for each window of a split.</param>
/// <param name="UnsureShare">Of the windows of a cascade, 0 to 1; null while unknown.</param>
public sealed record ChoiceView(
    string Way, string FarModel, double NearSeconds, long CutBytes, double? UnsureShare, double UnsureAgeSeconds);

/// <param name="Model">NAME/VERSION in the device's models folder; empty for the one of its configuration.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SetModelRequest(string Model);

/// <param name="Readings">Readings in the store.</param>
public sealed record StoredChannel(string Channel, long Readings, long FirstMicros, long LastMicros);

public sealed record ReadingsResponse(
    string Device, string Channel, long FromMicros, long ToMicros, long BucketMicros,
    IReadOnlyList<ReadingPoint> Points);

/// <summary>One bucket; a value is null where every reading was NaN or infinite.</summary>
public sealed record ReadingPoint(long TimeMicros, double? Min, double? Max, double? Mean, double? Last, long Count);

/// <summary>Records that will never come, and why.</summary>
/// <param name="Records">0 where nobody knows how many.</param>
public sealed record GapView(
    string Device, string Class, ulong FirstSequence, ulong LastSequence, long Records, long TimeMicros, string Reason);

/// <summary>A batch that the hub could not read. It counts as received; the device was told.</summary>
/// <param name="Epoch">16 hexadecimal digits.</param>
/// <param name="Kept">Whether the sealed bytes are still there.</param>
/// <param name="ReceivedMicros">Hub time, microseconds since 1970-01-01 UTC.</param>
public sealed record QuarantinedView(
    long Id, string Device, string Epoch, ulong FirstSequence, ulong Sequence, string Reason, int SealedBytes, bool Kept,
    long ReceivedMicros);

/// <summary>What was used.</summary>
/// <param name="FromMicros">Where the range that was summed begins: what was asked for, rounded.</param>
/// <param name="Resolution">To what it was rounded: <c>minute</c> or <c>hour</c>.</param>
/// <param name="IncompleteBeforeMicros">What is older was given up for the limit of the store; null where all is
/// there.</param>
/// <param name="By">What the rows are summed by.</param>
/// <param name="Currency">Of every cost.</param>
public sealed record UsageResponse(
    string Tenant, long FromMicros, long ToMicros, string Resolution, long? IncompleteBeforeMicros, string By,
    string Currency, IReadOnlyList<UsageRow> Rows, UsageRow Total);

/// <summary>One sum. A name is null where it was not asked for, and empty where there is none: an operator's requests have
/// no device, a device's idling has no workload.</summary>
/// <param name="FromMicros">Where its minute, hour or day (of UTC) begins; null unless summed by one of these.</param>
/// <param name="Model">NAME/VERSION.</param>
/// <param name="Node"><c>device</c>, <c>hub</c> or <c>pool</c>.</param>
/// <param name="Inferences">Counted by who computed them.</param>
/// <param name="Verdicts">Verdicts in the store.</param>
/// <param name="Bytes">Counted by who sent them.</param>
/// <param name="Energy"><c>measured</c>, <c>estimated</c>, <c>mixed</c> or <c>none</c>.</param>
public sealed record UsageRow(
    long? FromMicros, string? Tenant, string? Site, string? Device, string? Workload, string? Model, string? Node, long Inferences,
    long Verdicts, double CoreSeconds, double AcceleratorSeconds, long Bytes, double Joules, string Energy,
    double Cost);

/// <summary>The price book; a price that an override does not state is null.</summary>
public sealed record PriceView(string Currency, PriceRow Default, IReadOnlyList<PriceRow> Overrides);

/// <param name="Kind"><c>device</c>, <c>hub</c> or <c>pool</c>; null for every kind.</param>
/// <param name="Site">Null for every site.</param>
public sealed record PriceRow(
    string? Kind, string? Site, double? CoreSecond, double? AcceleratorSecond, double? GbMoved, double? Kwh);

/// <summary>Occupies a device's inference lane to rehearse an overload.</summary>
/// <param name="Utilisation">Share of the lane's time to take at the end of the ramp, 0 to 0.98.</param>
/// <param name="RampSeconds">0 to <paramref name="Seconds"/>.</param>
/// <param name="Seconds">How long in all, at most 600; 0 ends a running drill.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record LoadDrillRequest(double Utilisation, double RampSeconds, double Seconds);

public sealed record CommandAccepted(string Id);

public sealed record ReadyResponse(bool Ready, IReadOnlyList<string> Waiting);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SummaryResponse))]
[JsonSerializable(typeof(Page<DeviceSummary>))]
[JsonSerializable(typeof(DeviceDetail))]
[JsonSerializable(typeof(Page<WorkloadView>))]
[JsonSerializable(typeof(Page<StoredChannel>))]
[JsonSerializable(typeof(ReadingsResponse))]
[JsonSerializable(typeof(DeviceSummary))]
[JsonSerializable(typeof(PlanResponse))]
[JsonSerializable(typeof(Page<PlanResponse>))]
[JsonSerializable(typeof(PlanDeviceList))]
[JsonSerializable(typeof(ExplanationView))]
[JsonSerializable(typeof(PinRequest))]
[JsonSerializable(typeof(DryRunRequest))]
[JsonSerializable(typeof(DryRunView))]
[JsonSerializable(typeof(PlanControlsView))]
[JsonSerializable(typeof(Page<DecisionView>))]
[JsonSerializable(typeof(RecomputedView))]
[JsonSerializable(typeof(Page<GapView>))]
[JsonSerializable(typeof(Page<QuarantinedView>))]
[JsonSerializable(typeof(UsageResponse))]
[JsonSerializable(typeof(PriceView))]
[JsonSerializable(typeof(LoadDrillRequest))]
[JsonSerializable(typeof(SetModelRequest))]
[JsonSerializable(typeof(CommandAccepted))]
[JsonSerializable(typeof(ReadyResponse))]
[JsonSerializable(typeof(Problem))]
internal sealed partial class ApiJson : JsonSerializerContext;
