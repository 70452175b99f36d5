using LeptonEdge.Hub.Jobs;

namespace LeptonEdge.Tests.Hub.Jobs;

/// <summary>When a job works, and when it is still, on a clock of the test's own.</summary>
public sealed class JobTurnTests
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongAgo = TimeSpan.FromHours(1);

    [Fact]
    public void Without_calls_a_job_never_waits()
    {
        var turn = new JobTurn(Quiet, 0.05);
        for (var i = 0; i < 100; i++)
            Assert.Equal(TimeSpan.Zero, turn.Wait(Milliseconds(50), TimeSpan.Zero, false, LongAgo));
    }

    [Fact]
    public void A_job_is_still_while_a_call_is_under_way_and_until_the_quiet_after_it_has_passed()
    {
        var turn = new JobTurn(Quiet, 0.01);
        Assert.Equal(TimeSpan.Zero, turn.Wait(TimeSpan.Zero, TimeSpan.Zero, false, LongAgo));
        Assert.Equal(Quiet, turn.Wait(Milliseconds(1), TimeSpan.Zero, true, LongAgo));
        Assert.Equal(Milliseconds(240), turn.Wait(TimeSpan.Zero, Quiet, false, Milliseconds(10)));
        Assert.Equal(TimeSpan.Zero, turn.Wait(TimeSpan.Zero, Milliseconds(240), false, Quiet));
    }

    [Theory]
    [InlineData(0.05, 0.7)]
    [InlineData(0.05, 60)]
    [InlineData(0.01, 3)]
    [InlineData(0.5, 1)]
    [InlineData(0.9, 20)]
    public void However_many_calls_come_a_job_has_its_share_of_the_time_and_no_more(double share, double runMillis)
    {
        var turn = new JobTurn(Quiet, share);
        var (run, worked, waited) = (Milliseconds(runMillis), TimeSpan.Zero, TimeSpan.Zero);
        var (lastWorked, lastWaited) = (TimeSpan.Zero, TimeSpan.Zero);
        while (worked + waited < TimeSpan.FromMinutes(10))
        {
            var wait = turn.Wait(lastWorked, lastWaited, true, TimeSpan.Zero);
            (lastWorked, lastWaited) = wait == TimeSpan.Zero ? (run, TimeSpan.Zero) : (TimeSpan.Zero, wait);
            (worked, waited) = (worked + lastWorked, waited + lastWaited);
        }

        Assert.Equal(share, worked / (worked + waited), share * 0.02);
    }

    [Fact]
    public void What_a_job_overslept_is_not_made_up_for_at_once()
    {
        var turn = new JobTurn(Quiet, 0.05);
        turn.Wait(TimeSpan.Zero, TimeSpan.Zero, true, TimeSpan.Zero);
        Assert.Equal(TimeSpan.Zero, turn.Wait(TimeSpan.Zero, LongAgo, true, TimeSpan.Zero));
        Assert.True(turn.Wait(2 * JobTurn.Slice, TimeSpan.Zero, true, TimeSpan.Zero) > TimeSpan.Zero);
    }

    [Fact]
    public void With_all_of_the_time_for_its_share_a_job_never_waits()
    {
        var turn = new JobTurn(Quiet, 1);
        for (var i = 0; i < 100; i++)
            Assert.Equal(TimeSpan.Zero, turn.Wait(Milliseconds(50), TimeSpan.Zero, true, TimeSpan.Zero));
    }

    private static TimeSpan Milliseconds(double value) => TimeSpan.FromMilliseconds(value);
}
