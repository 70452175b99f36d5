using LeptonEdge.Core.Plans;
using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Tests.Placement.Solving;

public class SnapshotCheckTests
{
    private static readonly FleetState Sound = TinyFleet.Fleet();

    public static TheoryData<string, FleetState> Broken => new()
    {
        { "device a: cores -1", Device(d => d with { Capacity = d.Capacity with { Cores = -1 } }) },
        { "device a: memory bytes NaN",
            Device(d => d with { Capacity = d.Capacity with { MemoryBytes = double.NaN } }) },
        { "device a: accelerators -2", Device(d => d with { Capacity = d.Capacity with { Accelerators = -2 } }) },
        { "device a: watts -3", Device(d => d with { Capacity = d.Capacity with { Watts = -3 } }) },
        { "device a: queue seconds -1", Device(d => d with { QueueSeconds = -1 }) },
        { "device a: link: bytes per second -1", Device(d => d with { Link = d.Link with { BytesPerSecond = -1 } }) },
        { "device a: price per core-second Infinity", Device(d => d with { PricePerCoreSecond = 1 / 0.0 }) },
        { "device a: price per kWh NaN", Device(d => d with { PricePerKwh = double.NaN }) },
        { "device b: the name is there twice", Device(d => d with { Name = "b" }) },
        { "site north: uplink: round trip seconds Infinity",
            Sound.With(s => s with { Uplink = new LinkState(1, double.PositiveInfinity) }) },
        { "site north: the name is there twice", Sound with { Sites = [Sound.Sites[0], Sound.Sites[0]] } },
        { "has no device c", Workload(w => w with { Device = "c" }) },
        { "there is no model turbofan", Workload(w => w with { Model = "turbofan" }) },
        { "pinned to unknown node hub-9", Workload(w => w with { PinnedTo = "hub-9" }) },
        { "workload a/w1: deadline 0", Workload(w => w with { DeadlineSeconds = 0 }) },
        { "workload a/w1: deadline NaN", Workload(w => w with { DeadlineSeconds = double.NaN }) },
        { "workload a/w1: windows per second 0", Workload(w => w with { WindowsPerSecond = 0 }) },
        { "workload a/w1: window bytes -1", Workload(w => w with { WindowBytes = -1 }) },
        { "workload a/w1: priority 10", Workload(w => w with { Priority = 10 }) },
        { "workload a/w1: privacy 7", Workload(w => w with { Privacy = (Privacy)7 }) },
        { "workload a/w2: the name is there twice", Workload(w => w with { Name = "w2" }) },
        { "hub worker a: the name is there twice",
            Sound with { HubWorkers = [TinyFleet.Worker("a"), TinyFleet.Worker("a")] } },
        { "pool p: price per accelerator-second Infinity",
            Sound with { Pools = [TinyFleet.Worker("p") with { PricePerAcceleratorSecond = 1 / 0.0 }] } },
        { "prices: per late second Infinity", Prices(p => p with { PerLateSecond = 1 / 0.0 }) },
        { "prices: per move -1", Prices(p => p with { PerMove = -1 }) },
        { "prices: per unplaced hour NaN", Prices(p => p with { PerUnplacedHour = double.NaN }) },
        { "prices: move pays within hours 0", Prices(p => p with { MovePaysWithinHours = 0 }) },
        { "model bearing: the name is there twice",
            Sound with { Models = [TinyFleet.Model("bearing"), TinyFleet.Model("bearing")] } },
        { "model bearing: has no recipe", Sound with { Models = [new ModelProfile("bearing", [])] } },
        { "recipe whole: far share 2", Recipe(r => r with { FarShare = 2 }) },
        { "far share NaN must be 0 to 1", Workload(w => w with { FarShare = double.NaN }) },
        { "recipe whole: cut bytes -1", Recipe(r => r with { CutBytes = -1 }) },
        { "board pi: joules -1", Recipe(r => r with { Near = [TinyFleet.Stage("pi", 1) with { Joules = -1 }] }) },
    };

    [Fact]
    public void A_sound_fleet_has_no_fault() => Assert.Empty(SnapshotCheck.Faults(Sound));

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_fault_is_named_with_its_place(string sentence, FleetState fleet) =>
        Assert.Contains(SnapshotCheck.Faults(fleet), fault => fault.Contains(sentence));

    [Fact]
    public void All_faults_are_named_at_once()
    {
        var fleet = Workload(w => w with { DeadlineSeconds = 0, Device = "c" }) with
        {
            Prices = new Prices { PerMove = double.PositiveInfinity },
        };
        Assert.Equal(3, SnapshotCheck.Faults(fleet).Count);
    }

    private static FleetState Device(Func<NodeState, NodeState> change) =>
        Sound.With(s => s with { Devices = [change(s.Devices[0]), .. s.Devices.Skip(1)] });

    private static FleetState Workload(Func<WorkloadState, WorkloadState> change) =>
        Sound.With(s => s with { Workloads = [change(s.Workloads[0]), .. s.Workloads.Skip(1)] });

    private static FleetState Prices(Func<Prices, Prices> change) => Sound with { Prices = change(Sound.Prices) };

    private static FleetState Recipe(Func<Recipe, Recipe> change) =>
        Sound with { Models = [new ModelProfile("bearing", [change(Sound.Models[0].Recipes[0])])] };
}
