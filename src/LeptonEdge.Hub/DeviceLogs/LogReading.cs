using LeptonEdge.Protocol.V1;

namespace LeptonEdge.Hub.DeviceLogs;

/// <summary>One question for the newest lines, and what has come of its answer.</summary>
internal sealed class LogReading(int linesMax)
{
    private readonly TaskCompletionSource<IReadOnlyList<LogLine>> _done =
        new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<LogLine> _lines = [];
    private uint _number;

    public Task<IReadOnlyList<LogLine>> Done => _done.Task;

    /// <summary>Takes a part; parts that come twice, or after one that is missing, are none. One caller at a
    /// time.</summary>
    public void Take(LogReply part)
    {
        if (_done.Task.IsCompleted || part.Number != _number + 1)
            return;
        _number++;
        _lines.AddRange(part.Lines);
        // A device that sends more than was asked for is not waited for.
        if (part.Last || _lines.Count >= linesMax)
            _done.TrySetResult([.. _lines.TakeLast(linesMax)]);
    }
}
