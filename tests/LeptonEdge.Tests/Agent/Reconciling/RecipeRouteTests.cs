using LeptonEdge.Agent.Configuration;
using LeptonEdge.Agent.Metering;
using LeptonEdge.Agent.Offload;
using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Agent.Reconciling;
using LeptonEdge.Agent.Serving;
using LeptonEdge.Agent.Status;
using LeptonEdge.Core.Plans;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Inference.Splitting;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Tests.Agent.Offload;
using LeptonEdge.Tests.Models;
using LeptonEdge.Tests.Storage;
using LeptonEdge.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace LeptonEdge.Tests.Agent.Reconciling;

/// <summary>The agent takes up cascades and splits that a plan chooses.</summary>
public sealed class RecipeRouteTests : IDisposable
{
    private static readonly CascadeRule Always = new() { ScoreFrom = -1, ScoreTo = 2 };
    private readonly TempFolder _folder = new();
    private readonly OutboxFixture _fixture = new();
    private ulong _version;

    public void Dispose()
    {
        _fixture.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_recipe_is_taken_up_once_the_hub_is_ready_for_it_and_is_reported()
    {
        await using var rig = await StartAsync();
        using var outbox = _fixture.Open();
        var reconciler = NewReconciler(rig, outbox);
        await SettledAsync(reconciler, PlaceCode.Hub, RecipeCode.Cascade);
        Assert.Equal((OffloadMode.Cascade, RecipeCode.Cascade), Runs(rig));
        Assert.Equal(("bearing-fault/1.0.0", 1L), ((await rig.TakeAsync()).Model.ToString(), rig.Question.Tally.Escalations));

        // The hub has not loaded the second stage yet: windows go on as they went.
        Want(reconciler, PlaceCode.Hub, RecipeCode.Split);
        await reconciler.SettleAsync(CancellationToken.None);
        Assert.False(reconciler.IsSettled);
        Assert.Equal((OffloadMode.Cascade, RecipeCode.Cascade), Runs(rig));
        Assert.Equal(Place.Hub, (await rig.TakeAsync()).Place);

        rig.Hub.IsReady = static _ => true;
        await Settled(reconciler);
        Assert.Equal((OffloadMode.Split, RecipeCode.Split), Runs(rig));
        var answer = await rig.TakeAsync();
        Assert.Equal((Place.Hub, "bearing-fault-stage2/1.0.0"), (answer.Place, answer.Model.ToString()));
        Assert.Equal("l1.q", Assert.Single(rig.Hub.LastRequest!.Inputs).Name);

        await SettledAsync(reconciler, PlaceCode.Local, RecipeCode.Whole);
        Assert.Equal((OffloadMode.Local, RecipeCode.Whole), Runs(rig));
    }

    [Fact]
    public async Task Each_window_has_one_verdict_while_the_plan_changes_the_recipe()
    {
        await using var rig = await StartAsync();
        using var outbox = _fixture.Open();
        rig.Hub.IsReady = static _ => true;
        var reconciler = NewReconciler(rig, outbox);
        (PlaceCode, RecipeCode)[] ways =
        [
            (PlaceCode.Hub, RecipeCode.Cascade), (PlaceCode.Hub, RecipeCode.Split), (PlaceCode.Hub, RecipeCode.Whole),
            (PlaceCode.Local, RecipeCode.Whole),
        ];
        var verdicts = new Dictionary<long, PipelineItem>();
        var number = 0L;
        for (var round = 0; round < 12; round++)
        {
            var (place, recipe) = ways[round % ways.Length];
            var change = SettledAsync(reconciler, place, recipe);
            for (var sent = 0; sent < 10 || !change.IsCompleted; sent++)
            {
                await Eventually.True(() => rig.Workload.FreeSlots >= 8, "free slots");
                rig.Take(number++);
                Collect();
            }

            await change;
            await Eventually.True(() => rig.Workload.IsIdle, "every window's end");
            Collect();
        }

        Assert.Equal(number, verdicts.Count);
        Assert.Equal((0L, 0L), (rig.Workload.Shed, rig.Workload.Failed));
        Assert.Equal(
            ["bearing-fault", "bearing-fault-stage2"],
            verdicts.Values.Select(verdict => verdict.Model.Name).Distinct().Order(StringComparer.Ordinal));

        // At every window: a change that takes long would fill the queue.
        void Collect()
        {
            while (rig.Queue.Reader.TryRead(out var item))
                Assert.True(verdicts.TryAdd(item.TimeMicros, item), $"window {item.TimeMicros} has two verdicts");
        }
    }

    [Fact]
    public async Task A_device_reports_what_each_of_its_choices_costs_before_any_of_them_was_tried()
    {
        await using var rig = await StartAsync();
        rig.Workload.Route = WorkloadRoute.Local;
        var choices = ChoiceReport.Of(rig.Workload).ToDictionary(choice => choice.Way);
        Assert.Equal(
            [OffloadCode.Local, OffloadCode.Hub, OffloadCode.Cascade, OffloadCode.Split], choices.Keys.Order());
        Assert.False(choices[OffloadCode.Cascade].HasFarShare);
        var split = choices[OffloadCode.Split];
        Assert.Equal(("bearing-fault-stage2", 448ul), (split.FarModel, split.CutBytes));
        Assert.True(split.NearSeconds > 0 && split.NearP99Seconds >= split.NearSeconds / 2, split.ToString());

        // Local windows tell what a cascade would ask of the hub.
        for (var window = 0; window < 20; window++)
            await rig.TakeAsync(window);
        Assert.Equal(0, rig.Hub.Asked);
        var cascade = ChoiceReport.Of(rig.Workload).Single(choice => choice.Way == OffloadCode.Cascade);
        Assert.Equal((true, 1.0), (cascade.HasFarShare, cascade.FarShare));
    }

    [Fact]
    public async Task A_window_now_and_then_goes_the_way_of_a_cascade_that_the_plan_could_choose()
    {
        await using var rig = await StartAsync();
        using var outbox = _fixture.Open();
        rig.Hub.IsReady = static _ => true;
        await SettledAsync(NewReconciler(rig, outbox), PlaceCode.Hub, RecipeCode.Split);
        Assert.Null(rig.Workload.Unsure!.Read());
        var models = new List<string>();
        for (var window = 0; window < 80; window++)
            models.Add((await rig.TakeAsync(window)).Model.Name);
        Assert.Equal(20, models.Count(model => model == "bearing-fault"));
        Assert.Equal(1.0, rig.Workload.Unsure.Read()!.Value.Share);
        for (var window = 0; window < 64; window++)
            models.Add((await rig.TakeAsync(window)).Model.Name);
        Assert.Equal(21, models.Count(model => model == "bearing-fault"));
    }

    private Task<OffloadRig> StartAsync()
    {
        var splitter = new BundleSplitter(ShippedModels.Load("bearing-fault"), [ModelVariant.Int8]);
        var folders = splitter.Write(_folder.Path, [splitter.Split(ModelVariant.Int8, ["l1.q"], runs: 1)]);
        return OffloadRig.StartAsync(
            OffloadMode.Plan, cascade: Always, choices: OffloadChoices.All,
            choice: new FirstStage(ModelBundle.Load(folders[0]), new LaneSettings()));
    }

    private static (OffloadMode Mode, RecipeCode Reported) Runs(OffloadRig rig) =>
        (rig.Workload.Route.Mode, ChoiceReport.RecipeOf(rig.Workload.Route));

    private Task SettledAsync(Reconciler reconciler, PlaceCode place, RecipeCode recipe)
    {
        Want(reconciler, place, recipe);
        return Settled(reconciler);
    }

    private void Want(Reconciler reconciler, PlaceCode place, RecipeCode recipe) => reconciler.Take(new DesiredState
    {
        Version = ++_version,
        Workloads = { new DesiredWorkload { Workload = "bearing", Place = place, Recipe = recipe } },
    });

    private static Task Settled(Reconciler reconciler) => Eventually.True(
        async () =>
        {
            await reconciler.SettleAsync(CancellationToken.None);
            return reconciler.IsSettled;
        },
        "the workload runs as the plan wants it");

    private static Reconciler NewReconciler(OffloadRig rig, LeptonEdge.Storage.Outboxes.Outbox outbox)
    {
        var meter = new UsageMeter(default, TimeProvider.System);
        var models = new LocalModels(
            Path.Combine(Requires.RepositoryRoot, "firmware-config/models"), new LaneSettings(), meter,
            NullLogger<LocalModels>.Instance);
        rig.Workload.Route = WorkloadRoute.Local;
        return new Reconciler(
            [rig.Workload], models, outbox.State, new GuestBook(), meter, TimeProvider.System,
            NullLogger<Reconciler>.Instance, rig.Inference);
    }
}
