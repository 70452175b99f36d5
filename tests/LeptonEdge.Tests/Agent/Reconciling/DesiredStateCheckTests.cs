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
        new() { Id = new("bearing"), Channels = ["a"], Model = new("m", "1"), Privacy = Privacy.Anywhere, HubModel = Large },
        new() { Id = new("private"), Channels = ["b"], Model = new("m", "1") },
    ];

    [Fact]
    public void A_workload_that_may_leave_goes_to_the_hub()
    {
        var check = Check(("bearing", PlaceCode.Hub, "bearing-fault-large"));

        Assert.Empty(check.Refusals);
        Assert.Equal(new WantedPlacement(new("bearing"), OffloadMode.Hub, Large, "m/1"), check.Wanted[0]);
        Assert.Equal(OffloadMode.Local, check.Wanted[1].Mode);
    }

    [Fact]
    public void A_workload_that_must_stay_stays_whatever_the_hub_wants()
    {
        var check = Check(("private", PlaceCode.Hub, ""));

        Assert.Contains("must stay on the device", Assert.Single(check.Refusals));
        Assert.All(check.Wanted, wanted => Assert.Equal(OffloadMode.Local, wanted.Mode));
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
        Assert.All(check.Wanted, wanted => Assert.Equal(OffloadMode.Local, wanted.Mode));
    }

    [Theory]
    [InlineData(OffloadMode.Local)]
    [InlineData(OffloadMode.Cascade)]
    [InlineData(OffloadMode.Quickest)]
    public void What_the_device_itself_says_no_plan_changes(OffloadMode mode)
    {
        _own[0] = _own[0] with { Offload = mode };

        var check = Check(("bearing", PlaceCode.Hub, ""));

        Assert.Equal(mode, check.Wanted[0].Mode);
        Assert.Contains("does not follow plans", Assert.Single(check.Refusals));
        Assert.Equal(mode, Check().Wanted[0].Mode);
    }

    [Fact]
    public void A_peer_needs_a_name_and_an_https_address_and_a_workload_that_may_leave()
    {
        _own[1] = _own[1] with { Privacy = Privacy.Site };
        var wanted = Peer("private", "press-8", "https://10.0.0.8:8445");
        Assert.Equal(new PeerAddress(new("press-8"), new Uri("https://10.0.0.8:8445")), wanted.Wanted[1].Peer);
        Assert.Equal(OffloadMode.Hub, wanted.Wanted[1].Mode);

        Assert.Contains("is no device", Assert.Single(Peer("private", "press-8", "http://10.0.0.8").Refusals));
        Assert.Contains("is no device", Assert.Single(Peer("private", "Press 8", "https://10.0.0.8").Refusals));
        Assert.Contains("on the site", Assert.Single(Check(("private", PlaceCode.Hub, "")).Refusals));
        _own[1] = _own[1] with { Privacy = Privacy.Device };
        Assert.Contains("on the device", Assert.Single(Peer("private", "press-8", "https://10.0.0.8").Refusals));

        CheckedDesire Peer(string workload, string peer, string address) => DesiredStateCheck.Check(
            new DesiredState
            {
                Workloads =
                {
                    new DesiredWorkload
                    {
                        Workload = workload, Place = PlaceCode.Peer, Peer = peer, PeerAddress = address,
                    },
                },
            },
            _own);
    }

    [Theory]
    [InlineData(RecipeCode.Cascade, OffloadMode.Cascade)]
    [InlineData(RecipeCode.Split, OffloadMode.Split)]
    [InlineData(RecipeCode.Whole, OffloadMode.Hub)]
    public void A_recipe_that_the_device_offers_is_followed(RecipeCode recipe, OffloadMode mode)
    {
        _own[0] = _own[0] with { Choices = OffloadChoices.All };

        var check = Recipe(PlaceCode.Hub, recipe);

        Assert.Empty(check.Refusals);
        Assert.Equal((mode, Large), (check.Wanted[0].Mode, check.Wanted[0].HubModel));
    }

    [Theory]
    [InlineData(PlaceCode.Hub, (RecipeCode)9, OffloadChoices.All, "recipe 9 is not known to this agent")]
    [InlineData(PlaceCode.Hub, RecipeCode.Split, OffloadChoices.Hub, "'split' is none of its choices (hub)")]
    [InlineData(PlaceCode.Hub, RecipeCode.Whole, OffloadChoices.Split, "'hub' is none of its choices (split)")]
    [InlineData(PlaceCode.Local, RecipeCode.Split, OffloadChoices.All, "needs the hub, its place is local")]
    [InlineData(PlaceCode.Peer, RecipeCode.Cascade, OffloadChoices.All, "needs the hub, its place is a peer")]
    [InlineData(PlaceCode.Peer, RecipeCode.Whole, OffloadChoices.Hub, "'local' is none of its choices (hub)")]
    public void A_recipe_that_cannot_be_followed_is_refused_and_the_device_answers(
        PlaceCode place, RecipeCode recipe, OffloadChoices choices, string reason)
    {
        _own[0] = _own[0] with { Choices = choices };

        var check = Recipe(place, recipe);

        Assert.Contains(reason, Assert.Single(check.Refusals));
        Assert.Equal(OffloadMode.Local, check.Wanted[0].Mode);
    }

    private CheckedDesire Recipe(PlaceCode place, RecipeCode recipe) => DesiredStateCheck.Check(
        new DesiredState
        {
            Version = 3,
            Workloads =
            {
                new DesiredWorkload
                {
                    Workload = "bearing", Place = place, Recipe = recipe, HubModel = "bearing-fault-large",
                    Peer = "press-8", PeerAddress = "https://10.0.0.8:8445",
                },
            },
        },
        _own);

    [Fact]
    public void A_workload_that_is_not_named_runs_on_the_device() =>
        Assert.All(Check().Wanted, wanted => Assert.Equal(OffloadMode.Local, wanted.Mode));

    private CheckedDesire Check(params (string Workload, PlaceCode Place, string Model)[] entries)
    {
        var desired = new DesiredState { Version = 3 };
        desired.Workloads.AddRange(entries.Select(
            entry => new DesiredWorkload { Workload = entry.Workload, Place = entry.Place, HubModel = entry.Model }));
        return DesiredStateCheck.Check(desired, _own);
    }
}
