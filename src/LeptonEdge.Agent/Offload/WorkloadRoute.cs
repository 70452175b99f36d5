using LeptonEdge.Core.Plans;

namespace LeptonEdge.Agent.Offload;

/// <summary>Where the next windows of a workload are answered. Immutable: a change replaces it whole.</summary>
/// <param name="Mode">Not <see cref="OffloadMode.Plan"/>: a route is what a plan has decided.</param>
/// <param name="Question">How the hub is asked; null on the device.</param>
public sealed record WorkloadRoute(OffloadMode Mode, HubQuestion? Question)
{
    public static WorkloadRoute Local { get; } = new(OffloadMode.Local, null);

    /// <summary>Where ordinary windows are answered.</summary>
    public Place Place => Mode == OffloadMode.Hub ? Place.Hub : Place.Local;

    public static WorkloadRoute To(OffloadMode mode, HubQuestion question) => new(mode, question);
}
