using LeptonEdge.Agent.Offload;
using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Core.Plans;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Agent.Offload;

public sealed class QuickestTests
{
    [Fact]
    public async Task An_idle_device_answers_itself_and_only_sounds_the_hub()
    {
        await using var rig = await OffloadRig.StartAsync(OffloadMode.Quickest);

        for (var i = 0; i < 10; i++)
            Assert.Equal(Place.Local, (await rig.TakeAsync()).Place);

        await Eventually.True(() => rig.Hub.Asked > 0, "a sounding");
        Assert.Equal(rig.Question.Tally.Soundings, rig.Hub.Asked);
        Assert.Equal((0, 0), (rig.Workload.Fallbacks, rig.Workload.InferencesHub));
    }

    [Fact]
    public async Task While_the_lane_is_occupied_the_hub_answers_and_the_windows_turn_is_skipped()
    {
        await using var rig = await OffloadRig.StartAsync(OffloadMode.Quickest);
        await OccupyBrieflyAsync(rig);
        rig.Question.Pace.Record(TimeSpan.FromMilliseconds(2));
        var (busy, release) = (new TaskCompletionSource(), new ManualResetEventSlim());
        rig.Lane.TryEnqueue(new Work(() =>
        {
            busy.SetResult();
            release.Wait();
        }));
        await busy.Task;

        var answer = await rig.TakeAsync();
        release.Set();

        Assert.Equal(Place.Hub, answer.Place);
        await Eventually.True(() => rig.Workload.IsIdle, "the window's turn in the lane");
        Assert.Equal((1, 0), (rig.Workload.InferencesHub, rig.Workload.InferencesLocal));
        Assert.False(rig.Queue.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_hub_that_stays_silent_costs_a_window_nothing()
    {
        await using var rig = await OffloadRig.StartAsync(OffloadMode.Quickest);
        rig.Hub.Before = context => Task.Delay(Timeout.Infinite, context.CancellationToken);
        await OccupyBrieflyAsync(rig);
        rig.Question.Pace.Record(TimeSpan.FromMilliseconds(2));
        var (busy, release) = (new TaskCompletionSource(), new ManualResetEventSlim());
        rig.Lane.TryEnqueue(new Work(() =>
        {
            busy.SetResult();
            release.Wait();
        }));
        await busy.Task;

        rig.Take();
        await Eventually.True(() => rig.Hub.Asked > 0, "the call");
        release.Set();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var answer = await rig.Queue.Reader.ReadAsync(patience.Token);

        Assert.Equal(Place.Local, answer.Place);
        Assert.True(answer.LatencyMicros < OffloadRig.Patience.TotalMicroseconds / 2, $"{answer.LatencyMicros} µs");
    }

    // The lane learns that a piece of work takes it a while: what waits behind one is worth a call.
    private static async Task OccupyBrieflyAsync(OffloadRig rig)
    {
        var done = new TaskCompletionSource();
        rig.Lane.TryEnqueue(new Work(() =>
        {
            var start = TimeProvider.System.GetTimestamp();
            SpinWait.SpinUntil(() => TimeProvider.System.GetElapsedTime(start).TotalMilliseconds > 100);
            done.SetResult();
        }));
        await done.Task;
        await Eventually.True(() => rig.Lane.Meter.MeanServiceSeconds > 0.01, "the lane's pace");
    }

    private sealed class Work(Action run) : LaneWork
    {
        public override void Run() => run();

        public override void Failed(Exception fault)
        {
        }
    }
}
