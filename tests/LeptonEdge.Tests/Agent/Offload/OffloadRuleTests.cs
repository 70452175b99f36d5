using Grpc.Core;
using LeptonEdge.Agent.Offload;
using LeptonEdge.Core.Plans;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Agent.Offload;

public sealed class OffloadRuleTests
{
    private readonly ManualTimeProvider _clock = new();

    [Theory]
    [InlineData(0.2, 0.95, false)]
    [InlineData(0.2, 0.89, true)]
    [InlineData(float.NaN, 0.95, true)]
    [InlineData(0.2, double.NaN, false)]
    public void A_cascade_is_unsure_below_a_probability(double score, double confidence, bool unsure) =>
        Assert.Equal(unsure, new CascadeRule { UnsureBelow = 0.9 }.IsUnsure(score, confidence));

    [Theory]
    [InlineData(0.29, false)]
    [InlineData(0.3, true)]
    [InlineData(0.7, true)]
    [InlineData(0.71, false)]
    public void A_cascade_is_unsure_within_a_band_of_scores(double score, bool unsure) =>
        Assert.Equal(unsure, new CascadeRule { ScoreFrom = 0.3, ScoreTo = 0.7 }.IsUnsure(score, double.NaN));

    [Fact]
    public void Three_misses_in_a_row_take_the_hub_for_away_until_it_answers()
    {
        var pace = new ReplyPace(_clock);
        pace.Record(Millis(5));
        pace.Miss(Millis(20));
        pace.Miss(Millis(20));
        Assert.False(pace.IsAway);
        pace.Miss(Millis(20));
        Assert.True(pace.IsAway);
        pace.Record(Millis(5));
        Assert.False(pace.IsAway);
    }

    [Fact]
    public void The_pace_is_that_of_the_last_replies_and_ages()
    {
        var pace = new ReplyPace(_clock);
        Assert.Null(pace.Quantile(0.5));
        for (var i = 1; i <= 100; i++)
            pace.Record(Millis(i));
        // Of the last 32: 69 to 100.
        Assert.Equal(Millis(84), pace.Quantile(0.5));
        Assert.Equal(Millis(100), pace.Quantile(1));
        _clock.Advance(TimeSpan.FromSeconds(4));
        pace.Record(Millis(7));
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(Millis(7), pace.Quantile(1));
        _clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Null(pace.Quantile(0.5));
    }

    [Fact]
    public void Soundings_are_rare_and_respect_the_hubs_pause()
    {
        var pace = new ReplyPace(_clock);
        Assert.True(pace.TrySound());
        Assert.False(pace.TrySound());
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(pace.TrySound());
        pace.HoldOff(TimeSpan.FromSeconds(3));
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.True(pace.IsAway);
        Assert.False(pace.TrySound());
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.False(pace.IsAway);
        Assert.True(pace.TrySound());
    }

    [Fact]
    public void The_hub_is_asked_when_its_usual_reply_comes_in_time_or_sooner()
    {
        var pace = new ReplyPace(_clock);
        Assert.True(AskRule.IsInTime(pace, rtt: TimeSpan.Zero, left: Millis(10)));
        Assert.False(AskRule.IsInTime(pace, rtt: Millis(11), left: Millis(10)));
        Assert.False(AskRule.IsSooner(pace, own: Millis(10)));
        pace.Record(Millis(4));
        Assert.True(AskRule.IsInTime(pace, rtt: Millis(11), left: Millis(5)));
        Assert.False(AskRule.IsInTime(pace, rtt: TimeSpan.Zero, left: Millis(4)));
        Assert.True(AskRule.IsSooner(pace, own: Millis(5)));
        Assert.False(AskRule.IsSooner(pace, own: Millis(3)));
    }

    [Fact]
    public void The_budget_grows_with_the_calls_up_to_its_limit()
    {
        var budget = new CallBudget(share: 0.5, savedMax: 2);
        Assert.True(budget.TrySpend());
        Assert.False(budget.TrySpend());
        budget.Earn();
        Assert.False(budget.TrySpend());
        budget.Earn();
        Assert.True(budget.TrySpend());
        for (var i = 0; i < 100; i++)
            budget.Earn();
        Assert.Equal([true, true, false], [budget.TrySpend(), budget.TrySpend(), budget.TrySpend()]);
    }

    [Fact]
    public void The_retry_hint_is_read_from_either_trailer()
    {
        Assert.Equal(Millis(70), RetryHint.Read(new Metadata { { "grpc-retry-pushback-ms", "70" } }));
        Assert.Null(RetryHint.Read(new Metadata { { "grpc-retry-pushback-ms", "-1" } }));
        Assert.Null(RetryHint.Read(new Metadata { { "grpc-status-details-bin", [0xff, 0xff, 0xff] } }));
        Assert.Null(RetryHint.Read([]));
    }

    private static TimeSpan Millis(int count) => TimeSpan.FromMilliseconds(count);
}
