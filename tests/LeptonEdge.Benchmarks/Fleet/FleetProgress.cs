using System.Globalization;

namespace LeptonEdge.Benchmarks.Fleet;

/// <summary>How far several runs are, in one line that is written over: only where somebody watches.</summary>
internal sealed class FleetProgress(int seconds, int runs)
{
    private const int Width = 30;
    private readonly Lock _gate = new();
    private readonly bool _watched = !Console.IsErrorRedirected;
    private readonly int[] _done = new int[runs];
    private int _shown = -1;

    /// <param name="run">Number of the run.</param>
    /// <param name="second">Simulated seconds that it has behind it.</param>
    public void Tell(int run, int second)
    {
        if (!_watched)
            return;
        lock (_gate)
        {
            _done[run] = second;
            // All of them are as far as the slowest, which is the planner's.
            var percent = (int)(100.0 * _done.Min() / seconds);
            if (percent == _shown)
                return;
            _shown = percent;
            var bar = new string('=', percent * Width / 100).PadRight(Width);
            Console.Error.Write(string.Create(
                CultureInfo.InvariantCulture, $"\r  [{bar}] {percent,3} %, {_done.Min() / 3600.0:0.0} h"));
        }
    }

    /// <summary>Leaves an empty line to whoever writes next.</summary>
    public void Clear()
    {
        if (_watched && _shown >= 0)
            Console.Error.Write("\r" + new string(' ', Width + 20) + "\r");
    }
}
