using LeptonEdge.Core.Profiles;

namespace LeptonEdge.Placement.Splits;

/// <summary>A profile's costs under some conditions, in whole ticks of 100 ns: sums are exact, and every way to add
/// them gives the same.</summary>
internal sealed class SplitCosts
{
    private readonly ModelProfile _profile;

    /// <exception cref="ArgumentOutOfRangeException">A condition is outside its limits.</exception>
    public SplitCosts(ModelProfile profile, SplitConditions conditions)
    {
        conditions.Validate();
        _profile = profile;
        RoundTrip = conditions.RoundTrip.Ticks;
        Device = new long[profile.Steps.Count];
        Hub = new long[profile.Steps.Count];
        Up = new long[profile.Tensors.Count];
        Down = new long[profile.Tensors.Count];
        var hubFactor = conditions.HubFactor / (1 - conditions.HubLoad);
        for (var step = 0; step < Device.Length; step++)
        {
            Device[step] = Ticks(profile.Steps[step].Time.Ticks * conditions.DeviceFactor);
            Hub[step] = Ticks(profile.Steps[step].Time.Ticks * hubFactor);
        }

        var down = conditions.DownlinkBitsPerSecond ?? conditions.UplinkBitsPerSecond;
        for (var tensor = 0; tensor < Up.Length; tensor++)
        {
            var bits = profile.Tensors[tensor].Bytes * 8d * TimeSpan.TicksPerSecond;
            Up[tensor] = Ticks(bits / conditions.UplinkBitsPerSecond);
            Down[tensor] = Ticks(bits / down);
        }
    }

    /// <summary>Ticks of each step on the device.</summary>
    public long[] Device { get; }

    /// <summary>Ticks of each step in the hub.</summary>
    public long[] Hub { get; }

    /// <summary>Ticks of each tensor on its way to the hub.</summary>
    public long[] Up { get; }

    /// <summary>Ticks of each tensor on its way back.</summary>
    public long[] Down { get; }

    public long RoundTrip { get; }

    /// <summary>What a share costs.</summary>
    /// <param name="onDevice">For each step, whether the device runs it; with a step, all that it reads from.</param>
    /// <param name="crossing">Places of the tensors that go up.</param>
    public (TimeSpan Device, TimeSpan Link, TimeSpan Hub, long UpBytes, long DownBytes) Of(
        bool[] onDevice, out IReadOnlyList<int> crossing)
    {
        var (device, hub, link, upBytes, downBytes) = (0L, 0L, 0L, 0L, 0L);
        var crosses = new bool[_profile.Tensors.Count];
        for (var step = 0; step < onDevice.Length; step++)
        {
            if (onDevice[step])
            {
                device += Device[step];
                continue;
            }

            hub += Hub[step];
            foreach (var read in _profile.Steps[step].Reads)
                crosses[read] |= _profile.Tensors[read].Maker is var maker && (maker < 0 || onDevice[maker]);
        }

        var up = new List<int>();
        for (var tensor = 0; tensor < crosses.Length; tensor++)
        {
            if (crosses[tensor])
            {
                up.Add(tensor);
                link += Up[tensor];
                upBytes += _profile.Tensors[tensor].Bytes;
            }

            if (_profile.Tensors[tensor] is { IsOutput: true, Maker: >= 0 and var made } && !onDevice[made])
            {
                link += Down[tensor];
                downBytes += _profile.Tensors[tensor].Bytes;
            }
        }

        if (Array.IndexOf(onDevice, false) >= 0)
            link += RoundTrip;
        crossing = up;
        return (new(device), new(link), new(hub), upBytes, downBytes);
    }

    // Far above any real time, far below what could overflow in a sum over the largest profile.
    private static long Ticks(double ticks) => (long)Math.Min(Math.Round(ticks), SplitSolver.Forbidden / 1e6);
}
