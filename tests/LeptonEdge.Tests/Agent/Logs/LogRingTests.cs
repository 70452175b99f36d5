using LeptonEdge.Agent.Logs;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Telemetry.Logging;
using LeptonEdge.Tests.Support;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Tests.Agent.Logs;

public sealed class LogRingTests
{
    private readonly LogRing _ring = new();

    [Fact]
    public void A_line_is_read_as_it_was_written()
    {
        _ring.Add(42, LogLevel.Error, "LeptonEdge.Agent", "größer als 5 µs — 轴承", "Fault: at Here()");
        var line = Assert.Single(_ring.Newest(10, LogLevel.Trace));
        Assert.Equal(
            (42L, LogLevelCode.Error, "LeptonEdge.Agent", "größer als 5 µs — 轴承", "Fault: at Here()"),
            (line.TimeMicros, line.Level, line.Category, line.Message, line.Exception));
    }

    [Fact]
    public void The_newest_of_a_level_come_oldest_first()
    {
        for (var i = 0; i < 100; i++)
            Add(i % 10 == 0 ? LogLevel.Warning : LogLevel.Information, $"{i}");
        Assert.Equal(["97", "98", "99"], Messages(_ring.Newest(3, LogLevel.Trace)));
        Assert.Equal(["80", "90"], Messages(_ring.Newest(2, LogLevel.Warning)));
        Assert.Empty(_ring.Newest(5, LogLevel.Error));
    }

    [Fact]
    public void Lines_and_bytes_have_limits_and_the_oldest_go_first()
    {
        for (var i = 0; i < LogRing.LinesMax + 500; i++)
            Add(LogLevel.Information, $"{i}");
        var kept = Messages(_ring.Newest(int.MaxValue, LogLevel.Trace));
        Assert.Equal((LogRing.LinesMax, "500", "2499"), (kept.Count, kept[0], kept[^1]));

        var text = new string('x', 5000);
        for (var i = 0; i < 3000; i++)
            Add(LogLevel.Information, $"{i} {text}");
        var large = _ring.Newest(int.MaxValue, LogLevel.Trace);
        Assert.Equal(LogRing.BytesMax, _ring.Capacity);
        var bytes = large.Sum(line => line.Category.Length + line.Message.Length);
        Assert.InRange(bytes, LogRing.BytesMax * 9 / 10, LogRing.BytesMax);
        Assert.All(large, line => Assert.InRange(line.Message.Length, 1900, LogRing.LineBytesMax));
        Assert.StartsWith("2999 ", large[^1].Message);
        Assert.Equal(
            Enumerable.Range(3000 - large.Count, large.Count),
            large.Select(line => int.Parse(line.Message.Split(' ')[0])));
    }

    [Fact]
    public void A_long_line_is_cut_between_characters_and_the_sentence_goes_before_the_trace()
    {
        _ring.Add(1, LogLevel.Error, new string('c', 1000), new string('界', 400), new string('界', 5000));
        _ring.Add(2, LogLevel.Error, "c", "x" + new string('界', 5000), "trace");
        var lines = _ring.Newest(10, LogLevel.Trace);
        Assert.Equal((256, 400), (lines[0].Category.Length, lines[0].Message.Length));
        Assert.InRange(lines[0].Exception.Length, 100, 300);
        Assert.Equal("", lines[1].Exception);
        Assert.DoesNotContain('\uFFFD', lines[0].Exception + lines[1].Message);
    }

    [Fact]
    public void Who_reads_on_gets_each_line_once_and_is_told_what_is_missing()
    {
        var next = _ring.End;
        Add(LogLevel.Information, "a");
        Add(LogLevel.Debug, "b");
        Assert.Equal(["a"], Messages(_ring.ReadFrom(ref next, 10, LogLevel.Information, out var leftOut)));
        Assert.Equal(0, leftOut);
        Assert.Empty(_ring.ReadFrom(ref next, 10, LogLevel.Information, out _));

        for (var i = 0; i < 30; i++)
            Add(LogLevel.Information, $"{i}");
        Assert.Equal(["28", "29"], Messages(_ring.ReadFrom(ref next, 2, LogLevel.Information, out leftOut)));
        Assert.Equal(28, leftOut);

        for (var i = 0; i < LogRing.LinesMax + 7; i++)
            Add(LogLevel.Information, $"{i}");
        Assert.Equal(LogRing.LinesMax, _ring.ReadFrom(ref next, int.MaxValue, LogLevel.Information, out leftOut).Count);
        Assert.Equal(7, leftOut);
    }

    [Fact]
    public void The_tail_keeps_what_the_configuration_logs_and_more_while_somebody_follows()
    {
        using var tail = new LogTail(
            new LogSettings { Level = LogLevel.Information, Levels = [new("LeptonEdge.Sync", LogLevel.Error)] },
            new ManualTimeProvider());
        var (own, sync, library) = (
            tail.CreateLogger("LeptonEdge.Agent.Pipeline"), tail.CreateLogger("LeptonEdge.Sync.Devices"),
            tail.CreateLogger("Microsoft.Hosting"));
        void Say(LogLevel level)
        {
            foreach (var logger in (ILogger[])[own, sync, library])
                logger.Log(level, 0, "text", null, (text, _) => text);
        }

        Say(LogLevel.Debug);
        Assert.Equal(0, tail.Ring.End);
        Say(LogLevel.Information);
        Assert.Equal(1, tail.Ring.End);
        Say(LogLevel.Warning);
        Assert.Equal(3, tail.Ring.End);
        tail.Followed = LogLevel.Debug;
        Say(LogLevel.Debug);
        Assert.Equal(6, tail.Ring.End);
        tail.Followed = LogLevel.None;
        Say(LogLevel.Debug);
        Assert.Equal(6, tail.Ring.End);
    }

    private void Add(LogLevel level, string message) => _ring.Add(1, level, "category", message, null);

    private static List<string> Messages(IEnumerable<LogLine> lines) => [.. lines.Select(line => line.Message)];
}
