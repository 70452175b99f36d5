using LeptonEdge.Agent.Configuration;
using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace LeptonEdge.Tests.Agent.Pipeline;

public sealed class InferenceLaneTests : IDisposable
{
    private readonly InferenceLane _lane = new(
        new LaneSettings { QueueMax = 4, Nice = 0 }, TimeProvider.System, NullLogger<InferenceLane>.Instance);

    [Fact]
    public async Task Work_runs_in_order_of_arrival()
    {
        var order = new List<int>();
        for (var i = 0; i < 4; i++)
        {
            var number = i;
            Assert.True(_lane.TryEnqueue(new Work(() => order.Add(number))));
        }

        _lane.Start();
        await Eventually.True(() => order.Count == 4, "four pieces of work");
        Assert.Equal([0, 1, 2, 3], order);
    }

    [Fact]
    public void A_full_queue_refuses_instead_of_growing()
    {
        for (var i = 0; i < 4; i++)
            Assert.True(_lane.TryEnqueue(new Work(() => { })));

        Assert.False(_lane.TryEnqueue(new Work(() => { })));
    }

    [Fact]
    public async Task One_failing_inference_fails_alone()
    {
        Exception? seen = null;
        var after = false;
        _lane.TryEnqueue(new Work(() => throw new InvalidOperationException("broken"), fault => seen = fault));
        _lane.TryEnqueue(new Work(() => after = true));
        _lane.Start();

        await Eventually.True(() => after, "the work after the failure");
        Assert.Equal("broken", seen?.Message);
        Assert.Equal(1, _lane.Failed);
    }

    [Fact]
    public void Stopping_finishes_what_waits_and_takes_nothing_new()
    {
        var done = 0;
        for (var i = 0; i < 4; i++)
            _lane.TryEnqueue(new Work(() => done++));
        _lane.Start();

        Assert.True(_lane.Stop(TimeSpan.FromSeconds(10)));
        Assert.Equal(4, done);
        Assert.False(_lane.TryEnqueue(new Work(() => done++)));
    }

    [Fact]
    public async Task A_load_drill_occupies_the_lane_and_real_work_still_gets_through()
    {
        var inferences = 0L;
        _lane.Start();
        _lane.StartDrill(
            new LoadDrillSchedule(0.8, rampSeconds: 0, seconds: 30, seed: 1),
            () => { Interlocked.Increment(ref inferences); Thread.SpinWait(2_000); });

        await Eventually.True(() => _lane.Meter.Utilisation > 0.5, "a busy lane");
        var got = false;
        Assert.True(_lane.TryEnqueue(new Work(() => got = true)));
        await Eventually.True(() => got, "work during the drill");
        await Eventually.True(() => Interlocked.Read(ref inferences) > 100, "the drill's inferences");

        _lane.StopDrill();
        await Eventually.True(() => _lane.Meter.Utilisation < 0.1, "an idle lane again");
        Assert.False(_lane.DrillRuns);
    }

    [Fact]
    public async Task A_load_drill_ends_by_itself()
    {
        _lane.Start();
        _lane.StartDrill(new LoadDrillSchedule(0.5, 0, seconds: 0.2, seed: 1), () => { });

        await Eventually.True(() => !_lane.DrillRuns, "the end of the drill");
    }

    [Fact]
    public async Task Work_in_reserve_runs_when_it_is_due_or_hastened()
    {
        var order = new List<string>();
        var hastened = new Work(() => order.Add("hastened"));
        var far = TimeProvider.System.GetTimestamp() + (TimeProvider.System.TimestampFrequency * 3600);
        var soon = TimeProvider.System.GetTimestamp() + (TimeProvider.System.TimestampFrequency / 10);
        Assert.True(_lane.TryReserve(new Work(() => order.Add("stop")), far));
        Assert.True(_lane.TryReserve(hastened, far));
        Assert.True(_lane.TryReserve(new Work(() => order.Add("due")), soon));
        _lane.Start();

        await Eventually.True(() => order.Count == 1, "what is due");
        Assert.True(TimeProvider.System.GetTimestamp() >= soon);
        _lane.Hasten(hastened);
        await Eventually.True(() => order.Count == 2, "what is hastened");
        Assert.True(_lane.Stop(TimeSpan.FromSeconds(10)));
        Assert.Equal(["due", "hastened", "stop"], order);
    }

    [Fact]
    public async Task Queueing_and_running_allocate_nothing()
    {
        var allocated = -1L;
        var before = 0L;
        var turns = 0;
        Work? work = null;
        work = new Work(() =>
        {
            if (turns == 100)
                before = GC.GetAllocatedBytesForCurrentThread();
            if (turns == 1_100)
                Volatile.Write(ref allocated, GC.GetAllocatedBytesForCurrentThread() - before);
            if (turns++ < 1_100)
                _lane.TryEnqueue(work!);
        });
        _lane.TryEnqueue(work);
        _lane.Start();

        await Eventually.True(() => Volatile.Read(ref allocated) >= 0, "1,100 turns of the lane");
        Assert.Equal(0, allocated);
    }

    public void Dispose() => _lane.Dispose();

    private sealed class Work(Action run, Action<Exception>? failed = null) : LaneWork
    {
        public override void Run() => run();

        public override void Failed(Exception fault) => failed?.Invoke(fault);
    }
}
