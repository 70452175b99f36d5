using System.Collections.Concurrent;
using LeptonEdge.Core;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Metrics;
using LeptonEdge.Core.Pricing;
using LeptonEdge.Hub.Configuration;
using LeptonEdge.Hub.Metrics;
using LeptonEdge.Serving;
using LeptonEdge.Storage.Hubs;

namespace LeptonEdge.Hub.Metering;

/// <summary>What the hub's own workers did, and upstream servers for it, by who asked. Any thread counts; one at a time
/// keeps.</summary>
/// <remarks>What is kept goes into the store as one transaction with a name of its own: a hub that is not told whether
/// it was kept says it again under that name, and it counts once.</remarks>
public sealed class HubUsageMeter(HubOptions options, UsageTotals totals, TimeProvider clock)
{
    // Names come from callers; beyond so many between two keepings a workload counts as not named.
    private const int CountersMax = 20_000;

    private readonly string _run = Guid.NewGuid().ToString("N");
    private readonly Lock _gate = new();
    private ConcurrentDictionary<Asker, WorkCounter> _counters = [];
    private ConcurrentDictionary<Asker, WorkCounter> _before = [];
    private (string Name, List<HubUsage> Usage)? _unkept;
    private long _kept;

    public void Count(ServedWork work)
    {
        var counters = Volatile.Read(ref _counters);
        var node = work.IsUpstream ? NodeKind.Pool : NodeKind.Hub;
        var asker = new Asker(work.Caller, work.Workload, work.Model, work.Version, node);
        if (!counters.TryGetValue(asker, out var counter))
        {
            if (counters.Count >= CountersMax)
                asker = asker with { Workload = "", Version = "" };
            counter = counters.GetOrAdd(asker, static _ => new WorkCounter());
        }

        counter.Ran(work.Rows, work.Busy, work.OnAccelerator ? 0 : 1);
        counter.Sent(work.Bytes);
    }

    /// <summary>Puts what was counted into the store.</summary>
    /// <exception cref="HubStoreException">The store does not take it now; call again later.</exception>
    public void Keep(HubStore store)
    {
        lock (_gate)
        {
            // What could not be kept the last time goes first, alone: it has its name already.
            if (_unkept is { } left)
                Keep(store, left.Name, left.Usage);
            var usage = Take();
            if (usage.Count > 0)
                Keep(store, $"{_run}-{++_kept}", usage);
        }
    }

    private void Keep(HubStore store, string name, List<HubUsage> usage)
    {
        _unkept = (name, usage);
        store.AddUsage(options.Tenant, name, usage);
        _unkept = null;
        foreach (var entry in usage)
            totals.Add(entry.Workload, entry.Model, entry.Node, entry.Used);
    }

    private List<HubUsage> Take()
    {
        // A caller that found its counter before the exchange may still add to it: it is read once more the next time.
        var current = Interlocked.Exchange(ref _counters, []);
        var usage = new List<HubUsage>();
        Take(_before, usage);
        Take(current, usage);
        _before = current;
        return usage;
    }

    private void Take(ConcurrentDictionary<Asker, WorkCounter> counters, List<HubUsage> usage)
    {
        var now = clock.GetUnixMicros();
        foreach (var (asker, counter) in counters)
        {
            var used = counter.Take();
            if (used.IsZero)
                continue;
            // A pool's time is accelerator time to the price book, but draws nothing of the hub's.
            if (asker.Node == NodeKind.Hub)
                used = used with { EstimatedMicrojoules = options.Power.Microjoules(used) };
            usage.Add(new HubUsage(
                DeviceOf(asker.Caller), asker.Workload, asker.Model, asker.Version, asker.Node, now, used));
        }
    }

    // Operators, other hubs and background work have names that no device can have.
    private static DeviceId? DeviceOf(string caller)
    {
        if (caller.Length == 0 || caller[0] == '(')
            return null;
        return new DeviceId(caller);
    }

    private readonly record struct Asker(
        string Caller, string Workload, string Model, string Version, NodeKind Node);
}
