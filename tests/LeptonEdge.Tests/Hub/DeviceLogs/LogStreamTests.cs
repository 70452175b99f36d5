using LeptonEdge.Hub.DeviceLogs;
using LeptonEdge.Protocol.V1;

namespace LeptonEdge.Tests.Hub.DeviceLogs;

public sealed class LogStreamTests
{
    [Fact]
    public async Task An_answer_is_whole_when_its_last_part_is_here_and_parts_count_once()
    {
        var reading = new LogReading(100);
        reading.Take(Part(1, "a", "b"));
        reading.Take(Part(1, "a", "b"));
        reading.Take(Part(3, "x"));
        Assert.False(reading.Done.IsCompleted);
        var last = Part(2, "c");
        last.Last = true;
        reading.Take(last);
        Assert.Equal(["a", "b", "c"], (await reading.Done).Select(line => line.Message));
    }

    [Fact]
    public async Task A_device_that_sends_without_end_is_cut_off_at_what_was_asked_for()
    {
        var reading = new LogReading(2);
        reading.Take(Part(1, "a", "b", "c"));
        Assert.Equal(["b", "c"], (await reading.Done).Select(line => line.Message));
    }

    [Fact]
    public void Followers_share_a_stream_and_each_gets_its_level()
    {
        var stream = new LogStream();
        var (all, bad) = (new LogFollower(LogLevelCode.Debug), new LogFollower(LogLevelCode.Error));
        stream.Add(bad);
        Assert.Equal(LogLevelCode.Error, stream.Level);
        stream.Add(all);
        Assert.Equal(LogLevelCode.Debug, stream.Level);
        var reply = Part(1, "fine", "broken");
        reply.Lines[1].Level = LogLevelCode.Error;
        stream.Take(reply);
        stream.Take(reply);
        Assert.Equal(["fine", "broken"], Messages(all));
        Assert.Equal(["broken"], Messages(bad));
        stream.Remove(all);
        Assert.Equal(LogLevelCode.Error, stream.Level);
    }

    [Fact]
    public void What_a_slow_reader_or_the_device_left_out_is_told()
    {
        var follower = new LogFollower(LogLevelCode.Trace);
        var reply = Part(1, [.. Enumerable.Range(0, 600).Select(i => $"{i}")]);
        reply.LeftOut = 12;
        follower.Take(reply);
        var messages = Messages(follower);
        Assert.Equal(("100 lines left out", "0", 513), (messages[0], messages[1], messages.Count));
    }

    private static LogReply Part(uint number, params string[] messages)
    {
        var part = new LogReply { Number = number };
        part.Lines.AddRange(messages.Select(
            message => new LogLine { Message = message, Level = LogLevelCode.Information }));
        return part;
    }

    private static List<string> Messages(LogFollower follower)
    {
        var found = new List<string>();
        while (follower.TryTake(out var line, TimeProvider.System))
            found.Add(line.Message);
        return found;
    }
}
