using System.Collections.Concurrent;
using LeptonEdge.Core;
using LeptonEdge.Core.Identity;
using LeptonEdge.Protocol.V1;

namespace LeptonEdge.Hub.Planning;

/// <summary>One device as it last reported itself; replaced whole with every report.</summary>
/// <param name="LastSeenMicros">Hub time of the report, microseconds since 1970-01-01 UTC.</param>
/// <param name="CalmP99Seconds">Smallest local p99 of each workload since the agent started: its service time without a
/// queue.</param>
public sealed record DeviceView(
    DeviceId Device, ReportedState State, long LastSeenMicros, IReadOnlyDictionary<string, double> CalmP99Seconds);

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
            static (id, fresh) => new DeviceView(id, fresh.state, fresh.seenMicros, Calm(null, fresh.state)),
            static (id, before, fresh) => new DeviceView(id, fresh.state, fresh.seenMicros, Calm(before, fresh.state)),
            (state, seenMicros));
        return true;
    }

    private static Dictionary<string, double> Calm(DeviceView? before, ReportedState state)
    {
        var sameRun = before is not null && before.State.StartedMicros == state.StartedMicros;
        var calm = new Dictionary<string, double>();
        foreach (var workload in state.Workloads)
        {
            var seen = sameRun ? before!.CalmP99Seconds.GetValueOrDefault(workload.Workload) : 0;
            var now = workload.LocalP99Seconds;
            if (now > 0 && (seen <= 0 || now < seen))
                seen = now;
            if (seen > 0)
                calm[workload.Workload] = seen;
        }

        return calm;
    }
}
