using LeptonEdge.Agent.Configuration;
using LeptonEdge.Agent.Reconciling;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;
using LeptonEdge.Protocol.V1;

namespace LeptonEdge.Tests.Agent.Reconciling;

public sealed class DesiredStateCheckTests
{
    private static readonly ModelReference Large = new("bearing-fault-large", "1.0.0");

    private readonly WorkloadConfiguration[] _own =
    [
        new() { Id = new("bearing"), Channels = ["a"], Model = new("m", "1"), MayLeaveDevice = true, HubModel = Large },
        new() { Id = new("private"), Channels = ["b"], Model = new("m", "1") },
    ];

    [Fact]
    public void A_workload_that_may_leave_goes_to_the_hub()
    {
        var check = Check(("bearing", PlaceCode.Hub, "bearing-fault-large"));

        Assert.Empty(check.Refusals);
        Assert.Equal(new WantedPlacement(new("bearing"), Place.Hub, Large), check.Wanted[0]);
        Assert.Equal(Place.Local, check.Wanted[1].Place);
    }

    [Fact]
    public void A_workload_that_must_stay_stays_whatever_the_hub_wants()
    {
        var check = Check(("private", PlaceCode.Hub, ""));

        Assert.Contains("must stay on the device", Assert.Single(check.Refusals));
        Assert.All(check.Wanted, wanted => Assert.Equal(Place.Local, wanted.Place));
    }

    [Theory]
    [InlineData("stranger", PlaceCode.Hub, "", "not configured")]
    [InlineData("bearing", (PlaceCode)7, "", "not known")]
    [InlineData("bearing", PlaceCode.Hub, "other-model", "is not bearing-fault-large/1.0.0")]
    public void What_cannot_be_followed_is_refused_with_its_reason(
        string workload, PlaceCode place, string model, string reason)
    {
        var check = Check((workload, place, model));

        Assert.Contains(reason, Assert.Single(check.Refusals));
        Assert.All(check.Wanted, wanted => Assert.Equal(Place.Local, wanted.Place));
    }

    [Fact]
    public void A_workload_that_is_not_named_runs_on_the_device() =>
        Assert.All(Check().Wanted, wanted => Assert.Equal(Place.Local, wanted.Place));

    private CheckedDesire Check(params (string Workload, PlaceCode Place, string Model)[] entries)
    {
        var desired = new DesiredState { Version = 3 };
        desired.Workloads.AddRange(entries.Select(
            entry => new DesiredWorkload { Workload = entry.Workload, Place = entry.Place, HubModel = entry.Model }));
        return DesiredStateCheck.Check(desired, _own);
    }
}
