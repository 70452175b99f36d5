using LeptonEdge.Agent.Configuration;
using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;

namespace LeptonEdge.Tests.Agent.Pipeline;

public sealed class AlarmDeskTests
{
    private readonly List<AlarmEvent> _events = [];

    private readonly AlarmDesk _desk = new(
        new WorkloadId("bearing"), new ChannelName("drive-end"),
        [
            new(new AlarmRule { Name = "fault", RaiseAt = 0.8, ClearBelow = 0.5, RaiseAfter = 3, ClearAfter = 2 },
                null, null),
            new(new AlarmRule { Name = "rough", RaiseAt = 2, ClearBelow = 1 }, WindowFeature.Rms, null),
        ]);

    [Fact]
    public void An_alarm_is_raised_once_and_cleared_once_however_the_value_dances()
    {
        Score(0.9, 0.9, 0.2, 0.9, 0.9, 0.9, 0.7, 0.9, 0.6, 0.4, 0.6, 0.4, 0.3, 0.2);

        Assert.Equal([AlarmTransition.Raised, AlarmTransition.Cleared], _events.Select(e => e.Transition));
        Assert.Equal("drive-end", _events[0].Channel.Value);
        Assert.Contains("score 0.9 (inner-race) at or above 0.8, 3 in a row", _events[0].Message);
        Assert.Empty(_desk.Active);
    }

    [Fact]
    public void Rules_see_only_the_figure_they_watch()
    {
        Score(5, 5);
        _desk.Take(WindowFeature.Rms, 3, 1, null, (_, what) => _events.Add(what));

        Assert.Equal("rough", Assert.Single(_events).Rule);
        Assert.Equal(["rough"], _desk.Active);
    }

    [Fact]
    public void NaN_neither_raises_nor_clears()
    {
        Score(0.9, 0.9, double.NaN, 0.9, double.NaN, double.NaN, double.NaN);

        Assert.Equal(AlarmTransition.Raised, Assert.Single(_events).Transition);
        Assert.Equal(["fault"], _desk.Active);
    }

    private void Score(params double[] scores)
    {
        foreach (var score in scores)
            _desk.Take(null, score, 1, "inner-race", (_, what) => _events.Add(what));
    }
}
