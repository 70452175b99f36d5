using System.Numerics;

namespace LeptonEdge.Serving.Upstream;

/// <summary>How many calls a server answers side by side before they slow one another down: as far as that was seen, and
/// one step further to find out. Any thread.</summary>
/// <remarks>A call's time, beside that of a call of its model that was alone there, says how much it was slowed. So
/// slowed calls come off what was in flight: by Little's law the rest is what the server computes at once.</remarks>
/// <param name="most">No more are ever in flight there.</param>
public sealed class UpstreamWidth(int most)
{
    // At 1, 2, 4, … calls in flight.
    private const int Levels = 14;
    private const int CallsMin = 20;
    private const double SlowedMax = 1.5;
    private const double Smoothing = 0.05;

    // Names come from clients.
    private const int ModelsMax = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, double> _alone = [];
    private readonly (int Calls, double Slowed)[] _levels = new (int, double)[Levels];

    /// <summary>Calls at once.</summary>
    public double Calls
    {
        get
        {
            lock (_gate)
                return Math.Clamp(Find(), 1, most);
        }
    }

    /// <param name="inFlight">Calls at the server when it was asked, this one with them.</param>
    internal void Observe(string model, int inFlight, double seconds)
    {
        var level = Math.Clamp(BitOperations.Log2((uint)Math.Max(1, inFlight)), 0, Levels - 1);
        lock (_gate)
        {
            if (!_alone.TryGetValue(model, out var alone))
            {
                if (level > 0 || _alone.Count >= ModelsMax)
                    return;
                _alone[model] = alone = seconds;
            }

            if (level == 0)
                _alone[model] = alone += Smoothing * (seconds - alone);
            var (calls, slowed) = _levels[level];
            var weight = Math.Max(Smoothing, 1.0 / (calls + 1));
            var now = slowed + (weight * ((seconds / Math.Max(alone, 1e-9)) - slowed));
            _levels[level] = (Math.Min(calls + 1, CallsMin), now);
        }
    }

    private double Find()
    {
        var best = 1.0;
        for (var level = 0; level < Levels; level++)
        {
            var (calls, slowed) = _levels[level];
            if (calls < CallsMin)
                return Math.Max(best, 1 << level);
            best = Math.Max(best, (1 << level) / Math.Max(1, slowed));
            if (slowed > SlowedMax)
                return best;
        }

        return best;
    }
}
