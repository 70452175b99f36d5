using System.Threading.Channels;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Sync.Devices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Agent.Logs;

/// <summary>Sends lines of the log to the hub: the newest when it asks, and new ones while it follows. Says nothing to
/// the log itself, or what it sends would never end.</summary>
public sealed class LogSender(LogTail tail, DeviceLink link, TimeProvider clock) : BackgroundService
{
    public const int LinesMax = 1_000;

    // Of one message, before sealing; four messages a second while somebody follows.
    private const int MessageBytesMax = 32 * 1024;
    private const int LinesAtOnceMax = 200;
    private const uint FollowSecondsMax = 60;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(250);

    // Who asks faster than lines can be sent asks again.
    private readonly Channel<Command> _wishes = Channel.CreateBounded<Command>(
        new BoundedChannelOptions(8) { FullMode = BoundedChannelFullMode.DropOldest });

    private Following? _following;

    /// <summary>Takes a ReadLogs or a FollowLogs.</summary>
    public void Take(Command wish) => _wishes.Writer.TryWrite(wish);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await WaitAsync(stoppingToken).ConfigureAwait(false))
        {
            while (_wishes.Reader.TryRead(out var wish))
            {
                if (wish.BodyCase == Command.BodyOneofCase.ReadLogs)
                    await AnswerAsync(wish.Id, wish.ReadLogs, stoppingToken).ConfigureAwait(false);
                else
                    Follow(wish.Id, wish.FollowLogs);
            }

            if (_following is { } following)
                await SendNewAsync(following, stoppingToken).ConfigureAwait(false);
        }
    }

    /// <summary>A wish, or the next turn of one that is followed.</summary>
    private async Task<bool> WaitAsync(CancellationToken stoppingToken)
    {
        if (_following is not null)
        {
            await Task.Delay(Pace, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return !stoppingToken.IsCancellationRequested;
        }

        try
        {
            return await _wishes.Reader.WaitToReadAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task AnswerAsync(string id, ReadLogs wish, CancellationToken stoppingToken)
    {
        var lines = tail.Ring.Newest((int)Math.Clamp(wish.Lines, 1, LinesMax), LevelOf(wish.Level));
        var number = 0u;
        for (var at = 0; at < lines.Count || number == 0;)
        {
            var reply = new LogReply { Id = id, Number = ++number };
            at += Fill(reply, lines, at);
            reply.Last = at == lines.Count;
            if (!await link.SendLogAsync(reply, stoppingToken).ConfigureAwait(false))
                return;
        }
    }

    private void Follow(string id, FollowLogs wish)
    {
        if (wish.Seconds == 0)
        {
            if (_following?.Id == id)
                End();
            return;
        }

        if (_following is not { } following || following.Id != id)
            _following = following = new Following(id, tail.Ring.End);
        following.Until = clock.GetTimestamp()
            + (long)(Math.Min(wish.Seconds, FollowSecondsMax) * clock.TimestampFrequency);
        following.Level = tail.Followed = LevelOf(wish.Level);
    }

    private void End() => (_following, tail.Followed) = (null, LogLevel.None);

    private async Task SendNewAsync(Following following, CancellationToken stoppingToken)
    {
        if (clock.GetTimestamp() > following.Until)
        {
            End();
            return;
        }

        var lines = tail.Ring.ReadFrom(ref following.Next, LinesAtOnceMax, following.Level, out var leftOut);
        leftOut += following.LeftOut;
        if (lines.Count == 0 && leftOut == 0)
            return;
        // One message each turn: the newest that go into it.
        var first = FirstThatFits(lines);
        var reply = new LogReply { Id = following.Id, Number = ++following.Number, LeftOut = (ulong)(leftOut + first) };
        reply.Lines.AddRange(lines.Skip(first));
        var sent = await link.SendLogAsync(reply, stoppingToken).ConfigureAwait(false);
        following.LeftOut = sent ? 0 : leftOut + lines.Count;
    }

    private static int FirstThatFits(List<LogLine> lines)
    {
        var (first, bytes) = (lines.Count, 0);
        while (first > 0 && (bytes += lines[first - 1].CalculateSize()) <= MessageBytesMax)
            first--;
        return first;
    }

    private static int Fill(LogReply reply, List<LogLine> lines, int at)
    {
        var (taken, bytes) = (0, 0);
        while (at + taken < lines.Count
            && ((bytes += lines[at + taken].CalculateSize()) <= MessageBytesMax || taken == 0))
            reply.Lines.Add(lines[at + taken++]);
        return taken;
    }

    private static LogLevel LevelOf(LogLevelCode code) =>
        (LogLevel)Math.Clamp((int)code, (int)LogLevel.Trace, (int)LogLevel.Critical);

    private sealed class Following(string id, long next)
    {
        public long Next = next;

        public string Id { get; } = id;

        public LogLevel Level { get; set; }

        public long Until { get; set; }

        public uint Number { get; set; }

        /// <summary>Lines of messages that were not taken.</summary>
        public long LeftOut { get; set; }
    }
}
