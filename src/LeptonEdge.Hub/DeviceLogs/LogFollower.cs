using System.Threading.Channels;
using LeptonEdge.Core;
using LeptonEdge.Protocol.V1;

namespace LeptonEdge.Hub.DeviceLogs;

/// <summary>Somebody who follows the log of a device; lines that a slow reader leaves lying are counted and
/// told.</summary>
internal sealed class LogFollower(LogLevelCode level)
{
    private const int LinesMax = 512;
    private const string Category = "LeptonEdge.Hub.DeviceLogs";

    private readonly Channel<LogLine> _lines = Channel.CreateBounded<LogLine>(
        new BoundedChannelOptions(LinesMax) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

    private long _leftOut;

    public LogLevelCode Level => level;

    /// <summary>Another line is there, or was left out. Never ends by itself.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken stopping) => _lines.Reader.WaitToReadAsync(stopping);

    public bool TryTake(out LogLine line, TimeProvider clock)
    {
        if (Interlocked.Exchange(ref _leftOut, 0) is var count and > 0)
        {
            line = LeftOut(count, clock);
            return true;
        }

        return _lines.Reader.TryRead(out line!);
    }

    public void Take(LogReply reply)
    {
        if (reply.LeftOut > 0)
            Interlocked.Add(ref _leftOut, (long)Math.Min(reply.LeftOut, int.MaxValue));
        foreach (var line in reply.Lines)
        {
            if (line.Level >= level && !_lines.Writer.TryWrite(line))
                Interlocked.Increment(ref _leftOut);
        }
    }

    private static LogLine LeftOut(long count, TimeProvider clock) => new()
    {
        TimeMicros = clock.GetUnixMicros(), Level = LogLevelCode.Warning, Category = Category,
        Message = FormattableString.Invariant($"{count} lines left out"),
    };
}
