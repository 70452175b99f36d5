using LeptonEdge.Core.Metrics;
using LeptonEdge.Core.Pricing;
using LeptonEdge.Core.Records;

namespace LeptonEdge.Hub.Metrics;

/// <summary>The part of <c>/metrics</c> about what was used, by workload, model and kind of node.</summary>
internal static class UsageMetrics
{
    public static void Write(IMetricSink sink, UsageTotals totals)
    {
        var all = totals.All.Select(total => (total.Key, Sum: total.Value.Read()))
            .OrderBy(total => total.Key.Workload, StringComparer.Ordinal)
            .ThenBy(total => total.Key.Model, StringComparer.Ordinal).ThenBy(total => total.Key.Node).ToList();
        Counter("inferences", "Inferences metered by who computed them.", used => used.Inferences);
        Counter("core_seconds", "Time of processor cores.", used => used.CoreMicros / 1e6);
        Counter("accelerator_seconds", "Time of accelerators and pools.", used => used.AcceleratorMicros / 1e6);
        Counter("bytes", "Bytes moved for inferences, by who sent them.", used => used.Bytes);
        Counter("measured_joules", "Energy that machines measured.", used => used.MeasuredMicrojoules / 1e6);
        Counter("estimated_joules", "Energy by time and stated watts.", used => used.EstimatedMicrojoules / 1e6);
        const string Verdicts = "lepton_usage_verdicts_total";
        sink.Family(Verdicts, "Verdicts committed to the store.", MetricKind.Counter);
        foreach (var (key, sum) in all)
            Sample(key, sum.Verdicts);

        void Counter(string what, string help, Func<UsageAmounts, double> value)
        {
            var name = $"lepton_usage_{what}_total";
            sink.Family(name, help, MetricKind.Counter);
            foreach (var (key, sum) in all)
                Sample(key, value(sum.Used));
        }

        void Sample((string Workload, string Model, NodeKind Node) key, double value) => sink.Sample(
            value, ("workload", key.Workload), ("model", key.Model),
            ("node", key.Node.ToString().ToLowerInvariant()));
    }
}
