using System.Text.Json;
using LeptonEdge.Core;
using LeptonEdge.Core.Alarms;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Api;
using LeptonEdge.Hub.Api.Alarms;
using LeptonEdge.Hub.Api.Common;
using LeptonEdge.Hub.Api.Status;
using LeptonEdge.Hub.Jobs;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Hubs.Alarms;

namespace LeptonEdge.Hub.Live;

/// <summary>The states that streams tell beside values. For callers who see everything each is made once and given to all
/// of them, for a moment.</summary>
internal sealed class LiveStates(
    FleetState fleet, SummaryService summary, HubStore store, PlanHolder plans, JobDesk jobs, HubStates hub,
    TimeProvider clock)
{
    private const int AlarmsMax = 1000;
    private const int NewestMax = 20;
    private const int OfflineMax = 1000;
    private readonly Caller _everyone = Caller.OfOperatorToken(fleet.Tenant);
    private static readonly TimeSpan GoodFor = TimeSpan.FromMilliseconds(200);
    private readonly Dictionary<LiveTopic, (long MadeAt, byte[] Json)> _made = [];
    private readonly Lock _gate = new();

    public byte[] Json(LiveTopic topic, Caller caller)
    {
        if (caller.Sites is not null)
            return Make(topic, caller);
        lock (_gate)
        {
            if (_made.TryGetValue(topic, out var made) && clock.GetElapsedTime(made.MadeAt) < GoodFor)
                return made.Json;
            var json = Make(topic, caller);
            _made[topic] = (clock.GetTimestamp(), json);
            return json;
        }
    }

    /// <summary>What the device list says of who is online; changes when somebody comes or goes.</summary>
    public int OnlineMark()
    {
        var alive = summary.AliveAfterMicros;
        var mark = new HashCode();
        var (sum, count) = (0, 0);
        foreach (var view in fleet.Devices)
        {
            count++;
            if (view.LastSeenMicros >= alive)
                sum ^= view.Device.GetHashCode();
        }

        mark.Add(sum);
        mark.Add(count);
        return mark.ToHashCode();
    }

    /// <summary>How the hub does for whom all is seen, but for the time at which it was asked.</summary>
    public HubView HubMark() => hub.Of(_everyone) with { TimeMicros = 0 };

    private byte[] Make(LiveTopic topic, Caller caller) => topic switch
    {
        LiveTopic.Hub => JsonSerializer.SerializeToUtf8Bytes(hub.Of(caller), OperationsJson.Default.HubView),
        LiveTopic.Devices => JsonSerializer.SerializeToUtf8Bytes(Devices(caller), OperationsJson.Default.LiveDevices),
        LiveTopic.Alarms => JsonSerializer.SerializeToUtf8Bytes(Alarms(caller), OperationsJson.Default.LiveAlarms),
        LiveTopic.Plan => JsonSerializer.SerializeToUtf8Bytes(Plan(caller), OperationsJson.Default.LivePlan),
        _ => JsonSerializer.SerializeToUtf8Bytes(
            new LiveJobs(
                clock.GetUnixMicros(), [.. jobs.Newest(NewestMax, long.MaxValue).Select(JobMessages.Of)]),
            OperationsJson.Default.LiveJobs),
    };

    private LiveDevices Devices(Caller caller)
    {
        var alive = summary.AliveAfterMicros;
        var (total, offline) = (0, new List<string>());
        var online = 0;
        foreach (var view in fleet.Seen(caller))
        {
            total++;
            if (view.LastSeenMicros >= alive)
                online++;
            else if (offline.Count < OfflineMax)
                offline.Add(view.Device.Value);
        }

        offline.Sort(StringComparer.Ordinal);
        return new LiveDevices(clock.GetUnixMicros(), total, online, offline);
    }

    private LiveAlarms Alarms(Caller caller)
    {
        var filter = new AlarmFilter(fleet.Tenant)
        {
            Active = true, Devices = fleet.SetFor(caller),
        };
        var active = store.AlarmStates(filter, AlarmsMax);
        return new LiveAlarms(
            clock.GetUnixMicros(), active.Count, active.Count(a => a.AcknowledgedMicros is null),
            active.Count(a => a.Severity == AlarmSeverity.Critical),
            [.. active.Take(NewestMax).Select(alarm => AlarmViews.Of(alarm, fleet))]);
    }

    private LivePlan Plan(Caller caller)
    {
        var plan = plans.Current;
        return new LivePlan(
            plan.Plan.Version, plan.Plan.MadeMicros,
            [.. plan.Moves.Where(move => PlanSight.Sees(fleet, caller, move.Device)).Take(NewestMax).Select(Views.Of)]);
    }
}
