using System.Diagnostics;
using LeptonEdge.Agent.Offload;
using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Core;
using LeptonEdge.Core.Plans;
using LeptonEdge.Core.Tracing;
using LeptonEdge.Inference.Bundles;

namespace LeptonEdge.Agent.Tracing;

/// <summary>The spans of a window on the device, from being complete to its verdict. While nobody listens nothing here
/// allocates.</summary>
internal static class WindowTraces
{
    /// <summary>The window's own span: a trace begins with it.</summary>
    /// <returns>Null when nobody listens, or this window is not sampled.</returns>
    public static Activity? Begin(WorkloadRunner workload, long timeMicros) => Traces.On
        ? Traces.Begin("window", ActivityKind.Internal, parent: default)?
            .SetTag("lepton.workload", workload.Id.Value).SetTag("lepton.channel", workload.Channel.Value)
            .SetTag("lepton.window.time_micros", timeMicros)
        : null;

    /// <summary>A run of the device's own model.</summary>
    public static Activity? Infer(Activity? window, LocalModel model) => window is null
        ? null
        : Traces.Within(window, "infer")?.SetTag("lepton.model", model.Reference.ToString())
            .SetTag("lepton.provider", model.ExecutionProvider);

    /// <summary>A call of another machine's model; the call's own metadata carries it on.</summary>
    public static Activity? Ask(Activity? window, HubQuestion question, Place place) => window is null
        ? null
        : Traces.Within(window, "ask", ActivityKind.Client)?.SetTag("rpc.system", "grpc")
            .SetTag("rpc.service", "inference.GRPCInferenceService").SetTag("rpc.method", "ModelInfer")
            .SetTag("lepton.model", question.Model.ToString()).SetTag("lepton.place", place.ToString());

    public static void Answered(Activity? window, in Finding finding, Place place, bool late)
    {
        if (window is null || window.IsStopped)
            return;
        window.SetTag("lepton.verdict", finding.Label).SetTag("lepton.place", place.ToString())
            .SetTag("lepton.late", late);
        window.Stop();
    }

    /// <summary>The slot is free again; a window without a verdict says so.</summary>
    public static void End(Activity? window)
    {
        if (window is { IsStopped: false })
            Traces.Fail(window, "no verdict");
    }
}
