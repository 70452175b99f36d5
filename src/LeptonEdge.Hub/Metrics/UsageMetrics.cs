using LeptonEdge.Core.Records;

namespace LeptonEdge.Hub.Metrics;

/// <summary>The part of <c>/metrics</c> about what was used, by workload, model and kind of node.</summary>
internal static class UsageMetrics
{
    public static void Write(PrometheusText text, UsageTotals totals)
    {
        var all = totals.All.Select(total => (total.Key, Sum: total.Value.Read()))
            .OrderBy(total => total.Key.Workload, StringComparer.Ordinal)
            .ThenBy(total => total.Key.Model, StringComparer.Ordinal).ThenBy(total => total.Key.Node).ToList();
        if (all.Count == 0)
            return;
        Counter("inferences", "Inferences metered by who computed them.", used => used.Inferences);
        Counter("core_seconds", "Time of processor cores.", used => used.CoreMicros / 1e6);
        Counter("accelerator_seconds", "Time of accelerators and pools.", used => used.AcceleratorMicros / 1e6);
        Counter("bytes", "Bytes moved for inferences, by who sent them.", used => used.Bytes);
        Counter("measured_joules", "Energy that machines measured.", used => used.MeasuredMicrojoules / 1e6);
        Counter("estimated_joules", "Energy by time and stated watts.", used => used.EstimatedMicrojoules / 1e6);
        const string Verdicts = "lepton_usage_verdicts_total";
        text.Family(Verdicts, "Verdicts committed to the store.", "counter");
        foreach (var (key, sum) in all)
            text.Sample(Verdicts, sum.Verdicts, Labels(key));

        void Counter(string what, string help, Func<UsageAmounts, double> value)
        {
            var name = $"lepton_usage_{what}_total";
            text.Family(name, help, "counter");
            foreach (var (key, sum) in all)
                text.Sample(name, value(sum.Used), Labels(key));
        }
    }

    private static (string, string)[] Labels((string Workload, string Model, Core.Pricing.NodeKind Node) key) =>
        [("workload", key.Workload), ("model", key.Model), ("node", key.Node.ToString().ToLowerInvariant())];
}
