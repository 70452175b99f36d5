using LeptonEdge.Agent.Metering;
using LeptonEdge.Core;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Metrics;
using LeptonEdge.Core.Pricing;
using LeptonEdge.Core.Records;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Agent.Metering;

public sealed class UsageMeterTests
{
    private static readonly WorkloadId Bearing = new("bearing");
    private static readonly WorkloadId Wear = new("wear");
    private static readonly ModelReference Small = new("bearing-fault", "1.2.0");
    private static readonly PowerModel Power = new(IdleWatts: 4, BusyWattsPerCore: 2, AcceleratorWatts: 10);
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void Each_record_is_the_difference_to_the_one_before_and_none_is_lost_between_them()
    {
        var meter = new UsageMeter(default, _clock);
        var counter = meter.For(Bearing, Small);
        var from = _clock.GetUnixMicros();
        // 300 ns at a time: what is less than a microsecond is kept for the next record.
        var sum = default(UsageAmounts);
        for (var i = 0; i < 10; i++)
        {
            counter.Ran(1, TimeSpan.FromTicks(3), threads: 1);
            counter.Sent(7);
            _clock.Advance(TimeSpan.FromMinutes(1));
            var usage = Assert.Single(meter.Take(null, 0));
            Assert.Equal((from + (i * 60_000_000L), from + ((i + 1) * 60_000_000L)), (usage.FromMicros, usage.ToMicros));
            Assert.Equal((Bearing, Small, NodeKind.Device), (usage.Workload, usage.Model, usage.Node));
            sum += usage.Amounts;
        }

        Assert.Equal(new UsageAmounts(10, 3, 0, 70), sum);
        Assert.Empty(meter.Take(null, 0));
    }

    [Fact]
    public void A_rehearsal_is_not_metered()
    {
        var meter = new UsageMeter(Power, _clock);
        meter.For(Bearing, Small).Ran(64, TimeSpan.FromSeconds(1), 1);
        _clock.Advance(TimeSpan.FromSeconds(5));
        meter.Begin();
        Assert.Empty(meter.Take(null, 0));
    }

    [Fact]
    public void Without_a_measurement_energy_is_time_at_stated_watts_and_says_that_it_is_estimated()
    {
        var meter = new UsageMeter(Power, _clock);
        meter.For(Bearing, Small).Ran(3, TimeSpan.FromSeconds(2), threads: 2);
        meter.For(Wear, Small).Ran(1, TimeSpan.FromSeconds(3), threads: 0);
        _clock.Advance(TimeSpan.FromSeconds(60));
        var usage = meter.Take(null, 0.5).ToDictionary(entry => entry.Workload?.Value ?? "", entry => entry.Amounts);
        Assert.Equal(new UsageAmounts(3, 4_000_000, 0, 0, 0, 8_000_000), usage["bearing"]);
        Assert.Equal(new UsageAmounts(1, 0, 3_000_000, 0, 0, 30_000_000), usage["wear"]);
        Assert.Equal(new UsageAmounts(EstimatedMicrojoules: 240_000_000), usage[""]);
    }

    [Fact]
    public void Measured_energy_is_shared_out_to_the_last_microjoule()
    {
        var meter = new UsageMeter(Power, _clock);
        meter.For(Bearing, Small).Ran(3, TimeSpan.FromSeconds(4), threads: 1);
        meter.For(Wear, Small).Ran(1, TimeSpan.FromSeconds(2), threads: 1);
        _clock.Advance(TimeSpan.FromSeconds(10));
        // 40 J of idling, 12 J beyond it; other programs had as much of the cores as both workloads together.
        var load = 12.0 / (10 * Environment.ProcessorCount);
        var usage = meter.Take(52, load).ToDictionary(entry => entry.Workload?.Value ?? "", entry => entry.Amounts);
        Assert.Equal(4_000_000, usage["bearing"].MeasuredMicrojoules);
        Assert.Equal(2_000_000, usage["wear"].MeasuredMicrojoules);
        Assert.Equal(52_000_000, usage.Values.Sum(used => used.MeasuredMicrojoules));
        Assert.Equal(0, usage.Values.Sum(used => used.EstimatedMicrojoules));
    }

    [Fact]
    public void A_machine_that_draws_less_than_was_stated_has_nothing_below_zero()
    {
        var meter = new UsageMeter(Power, _clock);
        meter.For(Bearing, Small).Ran(1, TimeSpan.FromSeconds(4), threads: 1);
        _clock.Advance(TimeSpan.FromSeconds(10));
        var usage = meter.Take(1, 2);
        Assert.All(usage, entry => Assert.True(entry.Amounts.MeasuredMicrojoules >= 0));
        Assert.Equal(1_000_000, usage.Sum(entry => entry.Amounts.MeasuredMicrojoules));
    }

    [Fact]
    public async Task Counting_allocates_nothing_and_loses_nothing_while_others_take()
    {
        var counter = new WorkCounter();
        counter.Ran(1, TimeSpan.FromTicks(15), 1);
        var sum = counter.Take();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            counter.Ran(1, TimeSpan.FromTicks(15), 2);
            counter.Sent(3);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        using var done = new CancellationTokenSource();
        var taker = Task.Run(() =>
        {
            var taken = default(UsageAmounts);
            while (!done.IsCancellationRequested)
                taken += counter.Take();
            return taken;
        });
        Parallel.For(0, 20_000, _ => counter.Ran(2, TimeSpan.FromTicks(7), 0));
        await done.CancelAsync();
        sum = sum + await taker + counter.Take();
        Assert.Equal(new UsageAmounts(41_001, 3_001, 14_000, 3_000), sum);
    }
}
