using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using LeptonEdge.Agent.Offload;
using LeptonEdge.Core.Plans;
using LeptonEdge.Protocol.Rpc;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Agent.Offload;

/// <summary>Hedges, retries and fail-over.</summary>
public sealed class SecondCallTests
{
    private static readonly RpcException Away = new(new Grpc.Core.Status(StatusCode.Unavailable, "away"));

    [Fact]
    public async Task A_call_that_takes_longer_than_usual_is_made_again_and_the_first_answer_counts()
    {
        await using var rig = await OffloadRig.StartAsync(OffloadMode.Hub);
        var hung = new TaskCompletionSource();
        rig.Hub.Before = context => rig.Hub.Asked == 1 ? HangAsync(context, hung) : Task.CompletedTask;
        rig.Question.Pace.Record(TimeSpan.FromMilliseconds(20));

        var answer = await rig.TakeAsync();

        Assert.Equal(Place.Hub, answer.Place);
        Assert.Equal((2, 1L), (rig.Hub.Asked, rig.Question.Tally.Hedges));
        // The loser is told that nobody waits for it.
        await hung.Task.WaitAsync(OffloadRig.Patience);
    }

    [Fact]
    public async Task When_one_hub_is_away_another_answers()
    {
        await using var rig = await OffloadRig.StartAsync(OffloadMode.Hub, hubs: 2);
        rig.Hub.Before = _ => throw Away;

        Assert.Equal(Place.Hub, (await rig.TakeAsync()).Place);
        // From then on that one is asked first: it costs no second call.
        Assert.Equal(Place.Hub, (await rig.TakeAsync()).Place);

        Assert.Equal((1, 2, 1L), (rig.Hub.Asked, rig.SecondHub.Asked, rig.Question.Tally.Hedges));
        // The first address is the one that is wanted: once it is alive, the way leads back.
        rig.Hub.Before = _ => Task.CompletedTask;
        await rig.Inference.ProbeAsync(CancellationToken.None);
        await rig.TakeAsync();
        Assert.Equal(2, rig.Hub.Asked);
    }

    [Fact]
    public async Task A_busy_hub_is_asked_again_when_it_said_so()
    {
        await using var rig = await OffloadRig.StartAsync(OffloadMode.Hub);
        rig.Hub.Before = _ => rig.Hub.Asked == 1 ? throw Busy(TimeSpan.FromMilliseconds(30)) : Task.CompletedTask;

        var answer = await rig.TakeAsync();

        Assert.Equal(Place.Hub, answer.Place);
        Assert.Equal((2, 1L, 0L), (rig.Hub.Asked, rig.Question.Tally.Retries, rig.Question.Tally.Hedges));
        // Both were sent, so both are metered: the window and a little around it.
        Assert.InRange(rig.Question.Meter!.Take().Bytes, 2 * rig.Question.WindowBytes, 2 * rig.Question.WindowBytes + 600);
    }

    [Fact]
    public async Task A_busy_hub_is_not_asked_again_when_its_pause_outlasts_the_deadline()
    {
        await using var rig = await OffloadRig.StartAsync(OffloadMode.Hub);
        rig.Hub.Before = _ => throw Busy(OffloadRig.Patience * 2);

        Assert.Equal(Place.Local, (await rig.TakeAsync()).Place);
        // And the next windows respect the pause as well.
        Assert.Equal(Place.Local, (await rig.TakeAsync()).Place);

        Assert.Equal((1, 0L), (rig.Hub.Asked, rig.Question.Tally.Retries));
    }

    [Fact]
    public async Task Where_one_hub_is_busy_another_is_asked_without_a_pause()
    {
        await using var rig = await OffloadRig.StartAsync(OffloadMode.Hub, hubs: 2);
        rig.Hub.Before = _ => throw Busy(OffloadRig.Patience * 2);

        Assert.Equal(Place.Hub, (await rig.TakeAsync()).Place);

        Assert.Equal((1, 1, 1L), (rig.Hub.Asked, rig.SecondHub.Asked, rig.Question.Tally.Retries));
    }

    [Fact]
    public async Task Second_calls_keep_to_their_budget()
    {
        await using var rig = await OffloadRig.StartAsync(OffloadMode.Hub);
        const int Calls = 60;
        rig.Hub.Before = _ => throw Busy(TimeSpan.Zero);

        for (var i = 0; i < Calls; i++)
            await rig.Inference.AskAsync(
                rig.Question, rig.Question.Zeros(), OffloadRig.Patience, CancellationToken.None);

        // One call to begin with, and one for every ten.
        Assert.InRange(rig.Hub.Asked, Calls + (Calls / 10), Calls + 1 + (Calls / 10));
    }

    [Fact]
    public async Task A_deadline_that_is_too_short_for_the_hub_does_not_close_the_way_for_others()
    {
        await using var rig = await OffloadRig.StartAsync(OffloadMode.Hub);
        rig.Hub.Before = context => Task.Delay(Timeout.Infinite, context.CancellationToken);
        for (var i = 0; i < 20; i++)
            Assert.IsType<OffloadResult.TooLate>(await rig.Inference.AskAsync(
                rig.Question, rig.Question.Zeros(), TimeSpan.FromMilliseconds(10),
                CancellationToken.None, mayRepeat: false));

        Assert.True(rig.Inference.IsReachable);
    }

    private static async Task HangAsync(ServerCallContext context, TaskCompletionSource hung)
    {
        await using var told = context.CancellationToken.Register(hung.SetResult);
        await Task.Delay(Timeout.Infinite, context.CancellationToken);
    }

    private static RpcException Busy(TimeSpan pause)
    {
        var details = new LeptonEdge.Protocol.Rpc.Status
        {
            Details =
            {
                new Any
                {
                    TypeUrl = "type.googleapis.com/google.rpc.RetryInfo",
                    Value = new RetryInfo { RetryDelay = Duration.FromTimeSpan(pause) }.ToByteString(),
                },
            },
        };
        return new RpcException(
            new Grpc.Core.Status(StatusCode.ResourceExhausted, "busy"),
            new Metadata { { "grpc-status-details-bin", details.ToByteArray() } });
    }
}
