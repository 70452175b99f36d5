using System.Collections.Concurrent;
using LeptonEdge.Core;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Metrics;
using LeptonEdge.Core.Pricing;
using LeptonEdge.Core.Records;

namespace LeptonEdge.Agent.Metering;

/// <summary>Everything that this device meters, and the energy that it took.</summary>
/// <remarks>The device meters what it computed and what it sent; the hub what the hub computed and sent. So nothing is
/// metered twice. The bytes of batches are counted by the hub's store, of what it stores.</remarks>
public sealed class UsageMeter(PowerModel power, TimeProvider clock)
{
    private const int CountersMax = 4_096;

    // Without stated watts, measured energy goes to whom it may concern by their time alone.
    private const double WattsUnknown = 1;

    private readonly ConcurrentDictionary<(WorkloadId?, ModelReference?), WorkCounter> _counters = [];
    private readonly WorkCounter _others = new();
    private long _fromMicros = clock.GetUnixMicros();
    private long _since = clock.GetTimestamp();

    /// <summary>The counter of a workload with a model; ask once and keep it.</summary>
    /// <param name="workload">Null for requests that name none.</param>
    public WorkCounter For(WorkloadId? workload, ModelReference? model) =>
        _counters.TryGetValue((workload, model), out var counter) ? counter
        : _counters.Count >= CountersMax ? _others
        : _counters.GetOrAdd((workload, model), static _ => new WorkCounter());

    /// <summary>The counter of what was served to another program of the device; names that are none of ours count as
    /// not given.</summary>
    public WorkCounter Served(string workload, string model, string version)
    {
        try
        {
            return For(workload.Length == 0 ? null : new WorkloadId(workload), new ModelReference(model, version));
        }
        catch (FormatException)
        {
            return _others;
        }
    }

    /// <summary>Forgets what was counted so far: it was a rehearsal.</summary>
    public void Begin()
    {
        foreach (var counter in _counters.Values)
            counter.Take();
        _others.Take();
        (_fromMicros, _since) = (clock.GetUnixMicros(), clock.GetTimestamp());
    }

    /// <summary>How long it is since usage was taken.</summary>
    public TimeSpan Age => clock.GetElapsedTime(_since);

    /// <summary>Takes what was used since the call before. One thread at a time.</summary>
    /// <param name="measuredJoules">Of the whole machine in that time; null where nothing measures it.</param>
    /// <param name="cpuLoad">Share of all cores that was busy in that time, 0 to 1.</param>
    /// <returns>Records of all that used anything; the device itself has neither workload nor model.</returns>
    public List<Usage> Take(double? measuredJoules, double cpuLoad)
    {
        var to = clock.GetUnixMicros();
        // A clock that was set back does not make time run backward.
        var from = Math.Min(_fromMicros, to);
        var seconds = Age.TotalSeconds;
        (_fromMicros, _since) = (to, clock.GetTimestamp());
        var taken = new List<(WorkloadId? Workload, ModelReference? Model, UsageAmounts Used)>();
        foreach (var ((workload, model), counter) in _counters)
        {
            var used = counter.Take();
            if (!used.IsZero)
                taken.Add((workload, model, used));
        }

        var own = _others.Take();
        var usage = new List<Usage>(taken.Count + 1);
        var metered = taken.Aggregate(default(UsageAmounts), (sum, work) => sum + work.Used);
        var share = measuredJoules is { } joules ? Share(joules * 1e6, seconds, cpuLoad, metered) : null;
        var rest = (long)(1e6 * (measuredJoules ?? power.IdleWatts * seconds));
        foreach (var (workload, model, used) in taken)
        {
            var (measured, estimated) = share is null ? (0, power.Microjoules(used)) : (share(used), 0L);
            rest -= measured;
            usage.Add(new Usage(workload, model, NodeKind.Device, from, to, used with
            {
                MeasuredMicrojoules = measured, EstimatedMicrojoules = estimated,
            }));
        }

        own = share is null
            ? own with { EstimatedMicrojoules = rest }
            : own with { MeasuredMicrojoules = Math.Max(0, rest) };
        if (!own.IsZero)
            usage.Add(new Usage(null, null, NodeKind.Device, from, to, own));
        return usage;
    }

    /// <summary>Of the energy beyond idling each has the share of its time at its watts; what no workload did (other
    /// programs, idling) stays with the device.</summary>
    private Func<UsageAmounts, long> Share(double microjoules, double seconds, double cpuLoad, in UsageAmounts metered)
    {
        var core = power.BusyWattsPerCore > 0 ? power.BusyWattsPerCore : WattsUnknown;
        var beyondIdle = Math.Max(0, microjoules - (power.IdleWatts * seconds * 1e6));
        var busyMicros = Math.Max(metered.CoreMicros, cpuLoad * Environment.ProcessorCount * seconds * 1e6);
        var all = Math.Max(1, (core * busyMicros) + (power.AcceleratorWatts * metered.AcceleratorMicros));
        return used => (long)(
            beyondIdle * ((core * used.CoreMicros) + (power.AcceleratorWatts * used.AcceleratorMicros)) / all);
    }
}
