using System.Collections.Concurrent;
using LeptonEdge.Core;
using LeptonEdge.Core.Identity;
using LeptonEdge.Protocol.V1;

namespace LeptonEdge.Hub.Planning;

/// <summary>One device as it last reported itself; replaced whole with every report.</summary>
/// <param name="LastSeenMicros">Hub time of the report, microseconds since 1970-01-01 UTC.</param>
public sealed record DeviceView(DeviceId Device, ReportedState State, long LastSeenMicros)
{
    // A report's percentiles are of its last half minute: a queue within that time is still in them.
    private const long CalmMicros = 35_000_000;
    private const double CalmLane = 0.5;

    /// <summary>Smallest local p99 of each workload while the lane was calm: its service time without a
    /// queue.</summary>
    public IReadOnlyDictionary<string, double> CalmP99Seconds { get; private init; } = new Dictionary<string, double>();

    /// <summary>By how much the lane's utilisation changed each second since the report before.</summary>
    public double LaneTrendPerSecond { get; private init; }

    /// <summary>Mean time of one piece of work on the lane, from the last report that knew it: a lane that had nothing
    /// to
    /// do has no mean, but the work that could return to it takes as long as before.</summary>
    public double LaneServiceSeconds { get; private init; } = Known(State.LaneServiceSeconds) ?? 0;

    /// <summary>How it kept its deadlines lately.</summary>
    public AnswerPace Pace { get; private init; }

    /// <summary>Since when every report said that the lane was calm; null when the last one did not.</summary>
    private long? CalmSinceMicros { get; init; }

    /// <summary>The view after one more report of the same device.</summary>
    public DeviceView Next(ReportedState state, long seenMicros)
    {
        // Another start of the agent may mean another model, or another machine.
        var sameRun = State.StartedMicros == state.StartedMicros;
        long? calmSince = state.LaneUtilisation < CalmLane ? (sameRun ? CalmSinceMicros : null) ?? seenMicros : null;
        var calmNow = calmSince is { } since && seenMicros - since >= CalmMicros;
        var seconds = (seenMicros - LastSeenMicros) / 1e6;
        return new DeviceView(Device, state, seenMicros)
        {
            CalmSinceMicros = calmSince,
            Pace = sameRun ? Pace.Next(State, state, seconds) : default,
            LaneServiceSeconds = Known(state.LaneServiceSeconds) ?? (sameRun ? LaneServiceSeconds : 0),
            CalmP99Seconds = Smallest(sameRun ? CalmP99Seconds : null, calmNow ? state.Workloads : []),
            LaneTrendPerSecond = sameRun && seconds is >= 0.2 and <= 5
                ? (state.LaneUtilisation - State.LaneUtilisation) / seconds
                : 0,
        };
    }

    private static double? Known(double seconds) => double.IsFinite(seconds) && seconds > 0 ? seconds : null;

    private static Dictionary<string, double> Smallest(
        IReadOnlyDictionary<string, double>? before, IEnumerable<ReportedWorkload> workloads)
    {
        var smallest = before is null ? [] : new Dictionary<string, double>(before);
        foreach (var workload in workloads)
        {
            var p99 = workload.LocalP99Seconds;
            if (p99 > 0 && (!smallest.TryGetValue(workload.Workload, out var seen) || p99 < seen))
                smallest[workload.Workload] = p99;
        }

        return smallest;
    }
}

/// <summary>The newest report of every device. Any thread.</summary>
public sealed class FleetState(TenantId tenant, TimeProvider clock)
{
    /// <summary>Beyond this, reports of devices that were not known before are refused.</summary>
    public const int DevicesMax = 10_000;

    private readonly ConcurrentDictionary<DeviceId, DeviceView> _devices = [];

    public TenantId Tenant => tenant;

    public IReadOnlyCollection<DeviceView> Devices => (IReadOnlyCollection<DeviceView>)_devices.Values;

    public DeviceView? Find(DeviceId device) => _devices.GetValueOrDefault(device);

    /// <summary>Takes a report that has just arrived.</summary>
    /// <returns>False when it belongs to another tenant, or the fleet is full.</returns>
    public bool Take(TenantId from, DeviceId device, ReportedState state) =>
        from == tenant && Put(device, state, clock.GetUnixMicros());

    /// <summary>Takes a report that an earlier run of the hub kept.</summary>
    public bool Restore(DeviceId device, ReportedState state, long seenMicros) => Put(device, state, seenMicros);

    private bool Put(DeviceId device, ReportedState state, long seenMicros)
    {
        if (_devices.Count >= DevicesMax && !_devices.ContainsKey(device))
            return false;
        _devices.AddOrUpdate(
            device,
            static (id, fresh) => new DeviceView(id, fresh.state, fresh.seenMicros),
            static (id, before, fresh) => before.Next(fresh.state, fresh.seenMicros),
            (state, seenMicros));
        return true;
    }
}
