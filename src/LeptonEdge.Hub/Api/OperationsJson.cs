using System.Text.Json.Serialization;
using LeptonEdge.Hub.Api.Devices;
using LeptonEdge.Hub.Live;

namespace LeptonEdge.Hub.Api;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HubView))]
[JsonSerializable(typeof(Page<MoveView>))]
[JsonSerializable(typeof(Page<AlarmView>))]
[JsonSerializable(typeof(AlarmPatch))]
[JsonSerializable(typeof(Page<AlarmCommentView>))]
[JsonSerializable(typeof(NewAlarmComment))]
[JsonSerializable(typeof(AlarmBulk))]
[JsonSerializable(typeof(Page<RuleView>))]
[JsonSerializable(typeof(BulkResult))]
[JsonSerializable(typeof(DevicePatch))]
[JsonSerializable(typeof(DeviceBulk))]
[JsonSerializable(typeof(DeviceNote))]
[JsonSerializable(typeof(Page<SiteView>))]
[JsonSerializable(typeof(SitePatch))]
[JsonSerializable(typeof(SiteNote))]
[JsonSerializable(typeof(LatestReadings))]
[JsonSerializable(typeof(Page<ModelView>))]
[JsonSerializable(typeof(Page<SavedView>))]
[JsonSerializable(typeof(SavedViewContent))]
[JsonSerializable(typeof(Page<TenantView>))]
[JsonSerializable(typeof(SettingsView))]
[JsonSerializable(typeof(LiveSubscription))]
[JsonSerializable(typeof(LiveSubscribed))]
[JsonSerializable(typeof(LiveEvents))]
[JsonSerializable(typeof(LiveReadings))]
[JsonSerializable(typeof(LiveShed))]
[JsonSerializable(typeof(LiveDevices))]
[JsonSerializable(typeof(LiveAlarms))]
[JsonSerializable(typeof(LivePlan))]
[JsonSerializable(typeof(LiveJobs))]
internal sealed partial class OperationsJson : JsonSerializerContext;
