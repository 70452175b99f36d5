using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Core.Windows;

namespace LeptonEdge.Agent.Pipeline;

/// <summary>Keeps the last raw windows of a channel, and hands out those from before and after an alarm, each
/// once.</summary>
/// <remarks>The sensor's thread adds; the decision's thread asks. Memory: before × window size × 4 bytes.</remarks>
public sealed class RawWindowRing(ChannelName channel, double sampleRateHz, int windowSize, int before, int after)
{
    private readonly Lock _gate = new();
    private readonly float[][] _samples = Make(before, windowSize);
    private readonly long[] _starts = new long[before];
    private long _added;
    private long _handedOut;
    private int _owed;
    private string _reason = "";

    /// <summary>Adds one window.</summary>
    /// <returns>The window as a record when an alarm asked for what follows it, else null.</returns>
    public RawWindow? Add(in Window window)
    {
        lock (_gate)
        {
            var at = _added++;
            if (before > 0)
            {
                window.Samples.CopyTo(_samples[at % before]);
                _starts[at % before] = window.StartMicros;
            }

            if (_owed == 0)
                return null;
            _owed--;
            _handedOut = _added;
            return new RawWindow(channel, window.StartMicros, sampleRateHz, window.Samples.ToArray(), _reason);
        }
    }

    /// <summary>An alarm was raised: returns the windows from before it and asks for those after it.</summary>
    public List<RawWindow> Raise(string reason)
    {
        var windows = new List<RawWindow>();
        lock (_gate)
        {
            (_reason, _owed) = (reason, after);
            for (var at = Math.Max(_handedOut, _added - before); at < _added; at++)
                windows.Add(new RawWindow(
                    channel, _starts[at % before], sampleRateHz, [.. _samples[at % before]], reason));
            _handedOut = _added;
        }

        return windows;
    }

    private static float[][] Make(int count, int size)
    {
        var rows = new float[count][];
        for (var i = 0; i < count; i++)
            rows[i] = new float[size];
        return rows;
    }
}
