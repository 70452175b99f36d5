using System.Collections.Concurrent;
using LeptonEdge.Agent.Logs;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Sync.Hubs;
using LeptonEdge.Telemetry.Logging;
using LeptonEdge.Tests.Hub;
using LeptonEdge.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Tests.Agent.Logs;

/// <summary>What a device sends of its log, over a real broker to a real hub.</summary>
public sealed class LogSenderTests(HubUnderTest hub) : IClassFixture<HubUnderTest>
{
    private const int MessageBytesMax = 33 * 1024;
    private readonly ConcurrentQueue<LogReply> _replies = [];

    [Fact]
    public async Task A_long_answer_comes_in_parts_and_what_is_too_much_while_following_is_counted()
    {
        await using var device = new HubDevice(hub, "edge-chatty").Start();
        await Eventually.True(() => device.Link.Connected, "the device is connected");
        hub.Server.Services.GetRequiredService<HubLink>().Logged += (_, _, reply) => _replies.Enqueue(reply);
        using var tail = new LogTail(new LogSettings(), TimeProvider.System);
        using var sender = new LogSender(tail, device.Link, TimeProvider.System);
        await sender.StartAsync(CancellationToken.None);
        Write(tail, 300);

        const LogLevelCode Level = LogLevelCode.Information;
        sender.Take(new Command { Id = "read", ReadLogs = new ReadLogs { Lines = 250, Level = Level } });
        await Eventually.True(() => Of("read").Any(reply => reply.Last), "the answer is whole");
        var parts = Of("read").ToList();
        Assert.True(parts.Count > 5);
        Assert.Equal(Enumerable.Range(1, parts.Count), parts.Select(part => (int)part.Number));
        Assert.All(parts, part => Assert.InRange(part.CalculateSize(), 1, MessageBytesMax));
        Assert.Equal(250, parts.Sum(part => part.Lines.Count));
        Assert.StartsWith("line 299 ", parts[^1].Lines[^1].Message);

        sender.Take(new Command { Id = "follow", FollowLogs = new FollowLogs { Seconds = 30, Level = Level } });
        await Eventually.True(() => tail.Followed == LogLevel.Information, "the device is followed");
        Write(tail, 400);
        await Eventually.True(
            () => Of("follow").Sum(reply => reply.Lines.Count + (long)reply.LeftOut) == 400,
            "every line has come or is counted");
        Assert.All(Of("follow"), reply => Assert.InRange(reply.CalculateSize(), 1, MessageBytesMax));
        Assert.True(Of("follow").Sum(reply => (long)reply.LeftOut) > 0);
        Assert.StartsWith("line 399 ", Of("follow").Last().Lines[^1].Message);

        sender.Take(new Command { Id = "follow", FollowLogs = new FollowLogs() });
        await Eventually.True(() => tail.Followed == LogLevel.None, "nobody follows any more");
        await sender.StopAsync(CancellationToken.None);
    }

    private IEnumerable<LogReply> Of(string id) => _replies.Where(reply => reply.Id == id);

    private static void Write(LogTail tail, int lines)
    {
        var text = new string('x', 1000);
        for (var i = 0; i < lines; i++)
            tail.Ring.Add(i, LogLevel.Information, "chatty", $"line {i} {text}", null);
    }
}
