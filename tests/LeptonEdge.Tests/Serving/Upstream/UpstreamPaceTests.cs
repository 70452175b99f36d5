using LeptonEdge.Serving.Upstream;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Serving.Upstream;

/// <summary>What is measured of a pool.</summary>
public class UpstreamPaceTests
{
    [Fact]
    public void A_pool_of_which_nothing_is_known_has_no_pace_and_takes_one_call()
    {
        var pace = new UpstreamPace(TimeProvider.System);
        Assert.Null(pace.Read());
        Assert.Null(pace.Age);
        Assert.False(pace.IsSure);
        Assert.Equal(1, new UpstreamWidth(64).Calls);
    }

    [Fact]
    public void A_few_calls_are_a_guess_and_twenty_are_a_percentile()
    {
        var pace = new UpstreamPace(TimeProvider.System);
        pace.Record(TimeSpan.FromMilliseconds(10));
        Assert.Equal(0.010, pace.Read()!.Value.MeanSeconds, 1e-3);
        Assert.Equal(0.046, pace.Read()!.Value.P99Seconds, 1e-3);
        for (var call = 0; call < 20; call++)
            pace.Record(TimeSpan.FromMilliseconds(10));
        Assert.True(pace.IsSure);
        Assert.Equal(0.010, pace.Read()!.Value.P99Seconds, 1e-3);
    }

    [Fact]
    public void What_was_long_ago_is_forgotten_once_there_is_enough_news()
    {
        var clock = new ManualTimeProvider();
        var pace = new UpstreamPace(clock);
        Record(30, 500);
        Assert.Equal(0.5, pace.Read()!.Value.MeanSeconds, 0.05);
        for (var minute = 0; minute < 2; minute++)
        {
            clock.Advance(TimeSpan.FromMinutes(2));
            Record(30, 5);
        }

        Assert.Equal(0.005, pace.Read()!.Value.P99Seconds, 1e-3);
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(TimeSpan.FromMinutes(1), pace.Age);

        void Record(int calls, int millis)
        {
            for (var call = 0; call < calls; call++)
                pace.Record(TimeSpan.FromMilliseconds(millis));
        }
    }

    [Fact]
    public void A_server_is_believed_to_take_as_many_calls_as_it_took_unslowed_and_twice_that_untried()
    {
        var width = new UpstreamWidth(64);
        Observe(width, 1, 0.010);
        Assert.Equal(2, width.Calls);
        Observe(width, 2, 0.011);
        Assert.Equal(4, width.Calls);
        Observe(width, 4, 0.012);
        Observe(width, 8, 0.024);
        // Eight at once take as long as three and a third one after the other.
        Assert.InRange(width.Calls, 3, 4);
    }

    [Fact]
    public void A_server_that_takes_one_at_a_time_is_found_out()
    {
        var width = new UpstreamWidth(64);
        Observe(width, 1, 0.010);
        Observe(width, 2, 0.020);
        Assert.Equal(1, width.Calls, 0.1);
    }

    [Fact]
    public void No_more_calls_are_believed_in_than_are_ever_in_flight()
    {
        var width = new UpstreamWidth(3);
        for (var calls = 1; calls < 64; calls *= 2)
            Observe(width, calls, 0.010);
        Assert.Equal(3, width.Calls);
    }

    private static void Observe(UpstreamWidth width, int inFlight, double seconds)
    {
        for (var call = 0; call < 40; call++)
            width.Observe("model", inFlight, seconds);
    }
}
