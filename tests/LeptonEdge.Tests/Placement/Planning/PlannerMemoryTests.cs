using LeptonEdge.Core.Pricing;
using LeptonEdge.Placement.Planning;
using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Tests.Placement.Planning;

/// <summary>Memory and accelerators of devices, as they report them.</summary>
public class PlannerMemoryTests
{
    private const double Model = 50e6;

    [Fact]
    public void A_model_goes_only_to_a_peer_that_has_memory_left_for_it()
    {
        var fleet = Site(pumpFree: 40e6, millFree: 60e6);
        Assert.Equal("mill", fleet.NodeOf("press"));
        var explained = fleet.Planner.Explain("press", "w1", fleet.Now)!;
        Assert.Contains(explained.Options, option => option.At.Node == "pump"
            && option.Limit == "no room: memory of pump");
    }

    [Fact]
    public void Where_no_peer_has_memory_left_the_hub_takes_it()
    {
        var fleet = Site(pumpFree: 40e6, millFree: 40e6);
        Assert.Equal(PlannedFleet.Hub, fleet.NodeOf("press"));
    }

    [Fact]
    public void A_device_without_memory_left_keeps_what_it_runs()
    {
        var fleet = Site(pumpFree: 0, millFree: 0);
        Assert.Equal(("pump", "mill"), (fleet.NodeOf("pump"), fleet.NodeOf("mill")));
        Assert.DoesNotContain(fleet.Moves, entry => entry.Move.Device != "press");
    }

    [Fact]
    public void A_hub_without_memory_left_takes_no_model_that_it_must_load_first()
    {
        var fleet = new PlannedFleet();
        fleet.Planner.SetModels([new ModelProfile(
            "bearing", [new Recipe("whole", [new StageProfile(PlannedFleet.Hub, 1e-3, 0, Model, 0, 3e-3)])])]);
        fleet.Planner.SetHub([new HubNode(PlannedFleet.Hub, PlannedFleet.Hub, 4) { MemoryBytes = Model / 2 }]);
        fleet.Add("press").Load = _ => 0.95;
        fleet.Run(10);
        Assert.Equal("press", fleet.NodeOf("press"));
        fleet.Planner.SetHub([new HubNode(PlannedFleet.Hub, PlannedFleet.Hub, 4) { MemoryBytes = Model * 2 }]);
        fleet.Run(10);
        Assert.Equal(PlannedFleet.Hub, fleet.NodeOf("press"));
    }

    [Fact]
    public void What_an_accelerator_runs_counts_against_it_and_costs_what_it_costs()
    {
        var book = new PriceBook("EUR", new LeptonEdge.Core.Pricing.Prices(1e-5, 1e-4, 0, 0));
        var fleet = new PlannedFleet(new PlannerRules { StartGrace = TimeSpan.FromSeconds(1), Book = book });
        fleet.Planner.SetModels([PlannedFleet.Measured("bearing")]);
        var press = fleet.Add("press");
        press.Lie = report => report with
        {
            Cores = 4, Accelerators = 1, Utilisation = 0.1,
            Workloads = [.. report.Workloads.Select(workload => workload with { OnAccelerator = true })],
        };
        fleet.Run(5);
        var home = fleet.Planner.Explain("press", "w1", fleet.Now)!.Options.Single(at => at.At.Node == "press");
        var perHour = 23.4 * 4e-4 * 3600 * 1e-4;
        Assert.InRange(home.CostPerHour, perHour, perHour * 1.2);

        // 90 windows of 10 ms: more than one accelerator does, less than four cores would.
        var truth = press.Lie;
        press.Lie = report => truth(report) with
        {
            ServiceSeconds = 0.01,
            Workloads =
            [
                .. truth(report).Workloads.Select(workload => workload with
                {
                    WindowsPerSecond = 90, ServiceSeconds = 0.01, DeadlineSeconds = 1,
                }),
            ],
        };
        fleet.Run(60);
        Assert.Equal(PlannedFleet.Hub, fleet.NodeOf("press"));
    }

    [Theory]
    [InlineData(-1, 0, 0, "bytes of memory are left")]
    [InlineData(1e18, 0, 0, "bytes of memory are left")]
    [InlineData(1e6, double.NaN, 0, "bytes of memory")]
    [InlineData(1e6, -1, 0, "bytes of memory")]
    [InlineData(1e6, 0, -1, "accelerator draws")]
    [InlineData(1e6, 0, double.PositiveInfinity, "accelerator draws")]
    public void A_device_that_reports_what_cannot_be_of_its_memory_is_not_believed(
        double free, double model, double watts, string named)
    {
        var fleet = new PlannedFleet();
        var press = fleet.Add("press");
        fleet.Run(3);
        press.Lie = report => report with
        {
            FreeMemoryBytes = free, AcceleratorWatts = watts,
            Workloads = [.. report.Workloads.Select(workload => workload with { ModelBytes = model })],
        };
        fleet.Run(2);
        Assert.Contains(named, fleet.Planner.Devices.Single().Distrust);
    }

    /// <summary>A drained device whose workload looks for a peer; each runs one workload of its own.</summary>
    private static PlannedFleet Site(double pumpFree, double millFree)
    {
        var fleet = new PlannedFleet();
        fleet.Planner.SetModels([PlannedFleet.Measured("bearing")]);
        Add(fleet, "press", 1e9);
        Add(fleet, "pump", pumpFree);
        Add(fleet, "mill", millFree);
        fleet.Run(5);
        fleet.Planner.SetControls(PlanControls.None.WithDrained("press"));
        fleet.Run(10);
        return fleet;
    }

    private static void Add(PlannedFleet fleet, string name, double free)
    {
        var device = fleet.Add(name);
        device.ServesPeers = true;
        device.Lie = report =>
        {
            // What it runs for others is in use as well.
            var guests = fleet.Devices.Count(other => other != device && other.Workloads[0].RunsOn == name);
            return report with
            {
                FreeMemoryBytes = Math.Max(0, free - (guests * Model)),
                Workloads = [.. report.Workloads.Select(workload => workload with { ModelBytes = Model })],
            };
        };
    }
}
