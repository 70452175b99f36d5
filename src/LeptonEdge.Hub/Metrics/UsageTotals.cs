using System.Collections.Concurrent;
using LeptonEdge.Core.Plans;
using LeptonEdge.Core.Pricing;
using LeptonEdge.Core.Records;

namespace LeptonEdge.Hub.Metrics;

/// <summary>What was used since the hub's start, for <c>/metrics</c>; the store knows it by device and time. Any
/// thread.</summary>
public sealed class UsageTotals
{
    // Each is a handful of series; what comes after them is counted as of no workload and model.
    private const int TotalsMax = 1_000;

    private readonly ConcurrentDictionary<(string Workload, string Model, NodeKind Node), Total> _totals = [];

    internal IEnumerable<KeyValuePair<(string Workload, string Model, NodeKind Node), Total>> All => _totals;

    public void Add(string workload, string model, NodeKind node, in UsageAmounts used) =>
        Find(workload, model, node).Add(used, 0);

    /// <summary>Counts what a batch says was used, and its verdicts.</summary>
    public void Add(RecordBatch batch)
    {
        foreach (var usage in batch.Usage)
            Add(usage.Workload?.Value ?? "", usage.Model?.Name ?? "", usage.Node, usage.Amounts);
        foreach (var verdict in batch.Verdicts)
        {
            var node = verdict.Place == Place.Hub ? NodeKind.Hub : NodeKind.Device;
            Find(verdict.Workload.Value, verdict.Model.Name, node).Add(default, 1);
        }
    }

    private Total Find(string workload, string model, NodeKind node)
    {
        if (_totals.TryGetValue((workload, model, node), out var total))
            return total;
        return _totals.GetOrAdd(
            _totals.Count < TotalsMax ? (workload, model, node) : ("", "", node), static _ => new Total());
    }

    /// <summary>One consistent sum.</summary>
    internal sealed class Total
    {
        private readonly Lock _gate = new();
        private UsageAmounts _used;
        private long _verdicts;

        public (UsageAmounts Used, long Verdicts) Read()
        {
            lock (_gate)
                return (_used, _verdicts);
        }

        public void Add(in UsageAmounts used, long verdicts)
        {
            lock (_gate)
            {
                _used += used;
                _verdicts += verdicts;
            }
        }
    }
}
