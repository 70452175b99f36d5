using LeptonEdge.Placement.Planning;
using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Benchmarks.Fleet;

/// <summary>What agents measure and report.</summary>
internal sealed class Reporter(World world, Conditions now, Execution execution)
{
    private const long Epoch = 1_750_000_000_000_000;
    private const int EverySeconds = 5;
    private readonly bool[] _wasAlive = new bool[world.Devices];
    private readonly long[] _started = new long[world.Devices];

    public static long Micros(int second) => Epoch + (second * 1_000_000L);

    /// <summary>Whether it has something new to say; the others are merely heard.</summary>
    public bool IsDue(int device, int second) =>
        !_wasAlive[device] || (second + device) % EverySeconds == 0 || execution.Changed(world.Nodes[device].Site);

    public DeviceReport Report(int device, int second)
    {
        var spec = world.Nodes[device];
        execution.Count(spec.Site);
        if (!_wasAlive[device])
            (_wasAlive[device], _started[device]) = (true, Micros(second));
        var work = execution.Work[device];
        var workloads = new WorkloadReport[spec.Workloads.Count];
        for (var at = 0; at < workloads.Length; at++)
            workloads[at] = Tell(device, spec.Workloads[at]);
        var rate = work.Cores.Rate;
        return new DeviceReport(spec.Name, world.Sites[spec.Site].Name, spec.Board.Name)
        {
            TimeMicros = Micros(second),
            StartedMicros = _started[device],
            Cores = spec.Servers,
            MemoryBytes = spec.Board.MemoryBytes,
            Accelerators = spec.Accelerators,
            Utilisation = Math.Min(1, work.Cores.Busy / spec.Servers),
            ServiceSeconds = rate > 0 ? (work.Cores.Busy + work.Accelerators.Busy) / rate : 0,
            SpeedShare = now.Speed[device],
            HubRttSeconds = spec.LinkRttSeconds + now.UplinkRtt[spec.Site],
            LinkBytesPerSecond = Bandwidth(device, spec),
            ServesPeers = true,
            Workloads = workloads,
        };
    }

    /// <summary>A device that is gone begins anew when it comes back.</summary>
    public void Gone(int device) => _wasAlive[device] = false;

    private WorkloadReport Tell(int device, int workload)
    {
        var spec = world.Workloads[workload];
        var place = execution.Place[workload];
        var (core, accelerator) = execution.Ways.Cost(spec, device);
        return new WorkloadReport(spec.Name, spec.Spec.Name, spec.DeadlineSeconds)
        {
            RunsOn = place == device ? null : world.Nodes[place].Name,
            WindowsPerSecond = execution.Rate[workload],
            WindowBytes = spec.Spec.WindowBytes,
            Priority = spec.Priority,
            Privacy = spec.Privacy,
            OutlivesDevice = spec.OutlivesDevice,
            ServiceSeconds = core + accelerator,
            ServiceP99Seconds = (core + accelerator) * Spread.P99,
            Answered = (long)execution.Answered[workload],
            Missed = (long)execution.Missed[workload],
        };
    }

    /// <summary>What its own transfers to the hub would get: its share of an uplink that others use too.</summary>
    private double Bandwidth(int device, NodeSpec spec)
    {
        var (uplink, used) = (now.UplinkBytes[spec.Site], execution.Ways.UplinkBytes[spec.Site]);
        var own = Math.Min(used, execution.Ways.LinkBytes[device]);
        var fair = uplink / world.Sites[spec.Site].Nodes.Count;
        return Math.Min(spec.LinkBytesPerSecond, Math.Max(uplink - used + own, fair));
    }
}
