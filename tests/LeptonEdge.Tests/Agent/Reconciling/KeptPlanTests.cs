using LeptonEdge.Agent.Configuration;
using LeptonEdge.Agent.Metering;
using LeptonEdge.Agent.Offload;
using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Agent.Reconciling;
using LeptonEdge.Agent.Serving;
using LeptonEdge.Core.Plans;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Storage.Outboxes;
using LeptonEdge.Tests.Agent.Offload;
using LeptonEdge.Tests.Storage;
using LeptonEdge.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace LeptonEdge.Tests.Agent.Reconciling;

public sealed class KeptPlanTests
{
    [Fact]
    public async Task While_the_hub_is_away_the_last_plan_is_kept_and_the_device_answers_itself()
    {
        await using var rig = await OffloadRig.StartAsync(OffloadMode.Plan);
        using var fixture = new OutboxFixture();
        using var outbox = fixture.Open();
        using var probe = new HubProbe(rig.Inference, TimeProvider.System);
        await probe.StartAsync(CancellationToken.None);
        rig.Workload.Route = WorkloadRoute.Local;
        var reconciler = NewReconciler(rig, outbox);
        reconciler.Take(new DesiredState
        {
            Version = 7, PlanVersion = 3,
            Workloads =
            {
                new DesiredWorkload
                {
                    Workload = "bearing", Place = PlaceCode.Hub,
                    Rules = { new DesiredRule { Rule = "fault", RaiseAt = 0.9, RaiseAfter = 2, ClearAfter = 1 } },
                },
            },
        });
        Assert.Equal(0.9, Assert.Single(rig.Workload.Alarms.Held).Alarm.Rule.RaiseAt);
        await Settled(reconciler);
        Assert.Equal(Place.Hub, (await rig.TakeAsync()).Place);

        await rig.Hub.StopAsync();
        for (var window = 0; window < 5; window++)
        {
            var answer = await rig.TakeAsync(window);
            Assert.Equal((Place.Local, false), (answer.Place, answer.Late));
        }

        Assert.Equal(OffloadMode.Hub, rig.Workload.Route.Mode);

        // The agent starts again, and the hub is still away.
        rig.Workload.Route = WorkloadRoute.Local;
        rig.Workload.Alarms.Hold([]);
        var restarted = NewReconciler(rig, outbox);
        restarted.Restore();
        Assert.Equal((0.9, true), Assert.Single(rig.Workload.Alarms.Held) is var held
            ? (held.Alarm.Rule.RaiseAt, held.FromHub) : default);
        Assert.Equal((7ul, 3ul), (restarted.Version, restarted.PlanVersion));
        await restarted.SettleAsync(CancellationToken.None);
        Assert.False(restarted.IsSettled);
        Assert.Equal(Place.Local, (await rig.TakeAsync()).Place);

        await rig.Hub.StartAsync();
        await Settled(restarted);
        await Eventually.True(async () => (await rig.TakeAsync()).Place == Place.Hub, "the hub answers again");
        await probe.StopAsync(CancellationToken.None);
    }

    private static Task Settled(Reconciler reconciler) => Eventually.True(
        async () =>
        {
            await reconciler.SettleAsync(CancellationToken.None);
            return reconciler.IsSettled;
        },
        "the workload is where the plan wants it");

    private static Reconciler NewReconciler(OffloadRig rig, Outbox outbox)
    {
        var meter = new UsageMeter(default, TimeProvider.System);
        var models = new LocalModels(
            Path.Combine(Requires.RepositoryRoot, "firmware-config/models"), new LaneSettings(), meter,
            NullLogger<LocalModels>.Instance);
        return new Reconciler(
            [rig.Workload], models, outbox.State, new GuestBook(), meter, TimeProvider.System,
            NullLogger<Reconciler>.Instance, rig.Inference);
    }
}
