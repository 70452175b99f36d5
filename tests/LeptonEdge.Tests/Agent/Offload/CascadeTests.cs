using Grpc.Core;
using LeptonEdge.Core.Plans;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Agent.Offload;

[Collection(Alone.Name)]
public sealed class CascadeTests
{
    private static readonly CascadeRule Always = new() { ScoreFrom = -1, ScoreTo = 2 };
    private static readonly CascadeRule Never = new() { ScoreFrom = 5, ScoreTo = 6 };

    [Fact]
    public async Task A_window_that_the_small_model_is_sure_of_stays_on_the_device()
    {
        await using var rig = await OffloadRig.StartAsync(OffloadMode.Cascade, cascade: Never);

        var answer = await rig.TakeAsync();

        Assert.Equal(Place.Local, answer.Place);
        Assert.Equal((0, 0L), (rig.Hub.Asked, rig.Question.Tally.Escalations));
    }

    [Fact]
    public async Task A_window_that_the_small_model_is_unsure_of_is_answered_by_the_hub()
    {
        await using var rig = await OffloadRig.StartAsync(OffloadMode.Cascade, cascade: Always);

        var answer = await rig.TakeAsync();

        Assert.Equal((Place.Hub, "ball"), (answer.Place, answer.Finding.Label));
        Assert.Equal(rig.Question.Model, answer.Model);
        Assert.Equal(1, rig.Question.Tally.Escalations);
        Assert.Equal((1, 0, 0), (rig.Workload.InferencesHub, rig.Workload.InferencesLocal, rig.Workload.Fallbacks));
    }

    [Fact]
    public async Task The_small_models_verdict_is_held_and_used_when_the_hub_stays_silent()
    {
        await using var rig = await OffloadRig.StartAsync(OffloadMode.Cascade, cascade: Always);
        var own = await LocalAsync(rig);
        rig.Hub.Before = context => Task.Delay(Timeout.Infinite, context.CancellationToken);

        var answer = await rig.TakeAsync();

        Assert.Equal((Place.Local, own.Label, own.Score), (answer.Place, answer.Finding.Label, answer.Finding.Score));
        Assert.False(answer.Late, $"answered after {answer.LatencyMicros} µs");
        Assert.Equal(1, rig.Workload.Fallbacks);
        // The wait for the hub is not held against the device.
        Assert.InRange(rig.Workload.LocalLatency.Quantile(1), 0, OffloadRig.Patience.TotalSeconds / 4);
    }

    [Fact]
    public async Task The_held_verdict_is_used_at_once_when_the_hub_refuses()
    {
        await using var rig = await OffloadRig.StartAsync(OffloadMode.Cascade, cascade: Always);
        rig.Hub.Before = _ => throw new RpcException(new Grpc.Core.Status(StatusCode.NotFound, "no such model"));

        var answer = await rig.TakeAsync();

        Assert.Equal(Place.Local, answer.Place);
        Assert.True(answer.LatencyMicros < OffloadRig.Patience.TotalMicroseconds / 2, $"{answer.LatencyMicros} µs");
    }

    [Fact]
    public async Task A_reply_after_the_held_verdict_was_used_is_counted_and_not_used()
    {
        await using var rig = await OffloadRig.StartAsync(OffloadMode.Cascade, cascade: Always);
        var release = new TaskCompletionSource();
        rig.Hub.Before = _ => release.Task;
        Assert.Equal(Place.Local, (await rig.TakeAsync()).Place);
        release.SetResult();

        await Eventually.True(() => rig.Workload.IsIdle, "the call's end");
        Assert.Equal(1, rig.Question.Tally.LateReplies);
        Assert.False(rig.Queue.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_hub_that_cannot_answer_in_time_is_not_waited_for()
    {
        await using var rig = await OffloadRig.StartAsync(OffloadMode.Cascade, cascade: Always);
        rig.Question.Pace.Record(OffloadRig.Patience);

        var answer = await rig.TakeAsync();

        Assert.Equal(Place.Local, answer.Place);
        Assert.Equal((0L, 0), (rig.Question.Tally.Escalations, (int)rig.Workload.Fallbacks));
        // One call beside it finds out whether the hub has become quicker.
        await Eventually.True(() => rig.Hub.Asked == 1, "the sounding");
        Assert.Equal(1, rig.Question.Tally.Soundings);
    }

    private static async Task<(string Label, float Score)> LocalAsync(OffloadRig rig)
    {
        var route = rig.Workload.Route;
        rig.Workload.Route = LeptonEdge.Agent.Offload.WorkloadRoute.Local;
        var own = await rig.TakeAsync();
        rig.Workload.Route = route;
        return (own.Finding.Label, own.Finding.Score);
    }
}
