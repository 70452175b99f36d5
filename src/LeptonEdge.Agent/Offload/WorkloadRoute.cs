using LeptonEdge.Core.Plans;

namespace LeptonEdge.Agent.Offload;

/// <summary>Where the next windows of a workload are answered. Immutable: a change replaces it whole.</summary>
/// <param name="Question">How the hub is asked; null on the device.</param>
public sealed record WorkloadRoute(Place Place, HubQuestion? Question)
{
    public static WorkloadRoute Local { get; } = new(Place.Local, null);

    public static WorkloadRoute To(HubQuestion question) => new(Place.Hub, question);
}
