using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Core.Windows;

namespace LeptonEdge.Tests.Agent.Pipeline;

public sealed class RawWindowRingTests
{
    private readonly RawWindowRing _ring = new(new ChannelName("drive-end"), 1_000, windowSize: 4, before: 2, after: 3);
    private readonly WindowAssembler _assembler;
    private readonly List<RawWindow> _after = [];
    private long _micros;

    public RawWindowRingTests() => _assembler = new WindowAssembler(4, 4, 1_000, window =>
    {
        if (_ring.Add(window) is { } asked)
            _after.Add(asked);
    });

    [Fact]
    public void An_alarm_gets_the_windows_before_it_and_after_it()
    {
        Windows(5);
        var before = _ring.Raise("fault");
        Windows(5);

        Assert.Equal([3f, 4f], before.Select(window => window.Samples[0]));
        Assert.Equal([5f, 6f, 7f], _after.Select(window => window.Samples[0]));
        Assert.All(before.Concat(_after), window => Assert.Equal("fault", window.Reason));
        Assert.Equal(12_000, before[0].StartMicros);
    }

    [Fact]
    public void A_window_goes_up_once_even_when_a_second_alarm_follows()
    {
        Windows(5);
        var first = _ring.Raise("fault");
        Windows(1);
        var second = _ring.Raise("rough");
        Windows(4);

        var all = first.Concat(second).Concat(_after).Select(window => window.Samples[0]).Order();
        Assert.Equal([3f, 4f, 5f, 6f, 7f, 8f], all);
    }

    [Fact]
    public void Early_alarms_get_what_there_is()
    {
        Windows(1);

        Assert.Equal([0f], _ring.Raise("fault").Select(window => window.Samples[0]));
    }

    private void Windows(int count)
    {
        for (var i = 0; i < count; i++, _micros += 4_000)
            _assembler.Push(_micros, Enumerable.Repeat(_micros / 4_000f, 4).ToArray());
    }
}
