using LeptonEdge.Core.Plans;
using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Tests.Placement.Solving;

/// <summary>A fleet small enough to reason about: one site, two devices, one worker of the hub.</summary>
internal static class TinyFleet
{
    public static readonly NodeCapacity Board = new(4, 4e9, 0, double.PositiveInfinity);

    public static NodeState Device(string name) =>
        new(name, "pi", Board, new LinkState(1e7, 0.001)) { PricePerCoreSecond = 1e-6 };

    public static NodeState Worker(string name) =>
        new(name, "server", new NodeCapacity(32, 64e9, 0, double.PositiveInfinity), LinkState.Free)
        {
            PricePerCoreSecond = 1e-5,
        };

    public static StageProfile Stage(string board, double coreSeconds) =>
        new(board, coreSeconds, 0, 1e6, 0, coreSeconds);

    public static ModelProfile Model(string name) =>
        new(name, [new Recipe("whole", [Stage("pi", 0.02), Stage("server", 0.004)])]);

    public static WorkloadState Workload(string name, string device) =>
        new(name, device, "bearing", 10, 4096, 0.1, 5, Privacy.Anywhere);

    public static FleetState Fleet() => new(
        [new SiteState("north", new LinkState(1e8, 0.01), [Device("a"), Device("b")],
            [Workload("w1", "a"), Workload("w2", "a"), Workload("w1", "b")])],
        [Worker("hub-1")], [], [Model("bearing")], new Prices());

    public static FleetState With(this FleetState fleet, Func<SiteState, SiteState> site) =>
        fleet with { Sites = [site(fleet.Sites[0]), .. fleet.Sites.Skip(1)] };
}
