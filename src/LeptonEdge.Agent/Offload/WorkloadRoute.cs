using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;

namespace LeptonEdge.Agent.Offload;

/// <summary>Where the next windows of a workload are answered. Immutable: a change replaces it whole.</summary>
/// <param name="Mode">Not <see cref="OffloadMode.Plan"/>: a route is what a plan has decided.</param>
/// <param name="Question">What is asked elsewhere; null on the device.</param>
/// <param name="Via">Who is asked; null on the device.</param>
/// <param name="Peer">The device of the same site that is asked in the hub's stead; null for the hub.</param>
public sealed record WorkloadRoute(OffloadMode Mode, HubQuestion? Question, HubInference? Via, DeviceId? Peer)
{
    public static WorkloadRoute Local { get; } = new(OffloadMode.Local, null, null, null);

    /// <summary>The way of a window now and then: a cascade that the plan may choose instead, so that its figures stay
    /// known; null for none.</summary>
    public WorkloadRoute? Sample { get; init; }

    /// <summary>Where ordinary windows are answered.</summary>
    public Place Place => Mode == OffloadMode.Hub ? AskedPlace : Place.Local;

    /// <summary>Where windows are answered that are asked about elsewhere.</summary>
    public Place AskedPlace => Peer is null ? Place.Hub : Place.Peer;

    public static WorkloadRoute ToHub(OffloadMode mode, HubQuestion question, HubInference hub) =>
        new(mode, question, hub, null);

    /// <param name="question">About the model that the device itself runs: both take the same input.</param>
    public static WorkloadRoute ToPeer(DeviceId peer, HubQuestion question, HubInference way) =>
        new(OffloadMode.Hub, question, way, peer);
}
