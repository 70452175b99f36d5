using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Core.Metrics;

namespace LeptonEdge.Agent.Metrics;

/// <summary>The part of the agent's page about its workloads.</summary>
internal static class WorkloadMetrics
{
    public static void Write(IMetricSink sink, IReadOnlyList<WorkloadRunner> workloads)
    {
        sink.Family("lepton_agent_inferences_total", "Verdicts, by who computed them.", MetricKind.Counter);
        foreach (var workload in workloads)
        {
            sink.Sample(workload.InferencesLocal, ("workload", workload.Id.Value), ("place", "local"))
                .Sample(workload.InferencesHub, ("workload", workload.Id.Value), ("place", "hub"))
                .Sample(workload.InferencesPeer, ("workload", workload.Id.Value), ("place", "peer"));
        }

        Counter("lepton_agent_inferences_late_total", "Verdicts after their deadline.", workload => workload.Late);
        Counter("lepton_agent_fallbacks_total", "Verdicts of the device because the hub's did not come in time.",
            workload => workload.Fallbacks);
        Counter("lepton_agent_windows_shed_total", "Windows without a verdict, because lane and slots were taken.",
            workload => workload.Shed);
        Counter("lepton_agent_windows_invalid_total", "Windows that no model was asked about, for NaN in them.",
            workload => workload.Invalid);
        Counter("lepton_agent_inference_failures_total", "Inferences that threw.", workload => workload.Failed);
        Counter("lepton_agent_late_replies_total", "Replies that came after the device had answered itself.",
            workload => workload.Tally.LateReplies);
        Counter("lepton_agent_escalations_total", "Windows that the small model was unsure of.",
            workload => workload.Tally.Escalations);
        sink.Family("lepton_agent_deadline_seconds", "The workload's deadline.", MetricKind.Gauge);
        foreach (var workload in workloads)
            sink.Sample(workload.Configuration.Deadline.TotalSeconds, ("workload", workload.Id.Value));
        sink.Family("lepton_agent_verdict_seconds", "From a window being complete to its verdict.",
            MetricKind.Histogram);
        foreach (var workload in workloads)
            sink.Histogram(workload.VerdictLatency, ("workload", workload.Id.Value));
        sink.Family("lepton_agent_model_seconds", "Time of a run of the device's own model since it was loaded.",
            MetricKind.Histogram);
        foreach (var workload in workloads)
            sink.Histogram(
                workload.Model.Latency, ("workload", workload.Id.Value),
                ("model", workload.Model.Reference.ToString()));

        void Counter(string name, string help, Func<WorkloadRunner, long> value)
        {
            sink.Family(name, help, MetricKind.Counter);
            foreach (var workload in workloads)
                sink.Sample(value(workload), ("workload", workload.Id.Value));
        }
    }
}
