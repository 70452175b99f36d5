using LeptonEdge.Core.Profiles;
using LeptonEdge.Placement.Splits;

namespace LeptonEdge.Benchmarks.Splitting;

/// <summary>
/// Every way to share a model between device and hub, one after the other: each set of steps that holds, with a step,
/// all that it reads from. Knows nothing of cuts and flows, so that it can judge those.
/// </summary>
internal sealed class DownSets
{
    /// <summary>More are not looked through.</summary>
    public const int CountMax = 20_000_000;

    private readonly ModelProfile _profile;
    private readonly bool[] _onDevice;
    private readonly List<Share> _shares = [];

    private DownSets(ModelProfile profile)
    {
        _profile = profile;
        _onDevice = new bool[profile.Steps.Count];
    }

    /// <summary>All shares of a model.</summary>
    /// <exception cref="BenchmarkException">There are too many to look through.</exception>
    public static IReadOnlyList<Share> Of(ModelProfile profile)
    {
        var sets = new DownSets(profile);
        sets.From(0, 0);
        return sets._shares;
    }

    /// <summary>Seconds of the best share.</summary>
    public static double Best(IReadOnlyList<Share> shares, ModelProfile profile, SplitConditions conditions)
    {
        var best = double.MaxValue;
        var total = profile.Total.TotalSeconds;
        foreach (var share in shares)
        {
            var seconds = (share.Seconds * conditions.DeviceFactor)
                + ((total - share.Seconds) * conditions.HubFactor / (1 - conditions.HubLoad))
                + (share.UpBytes * 8 / conditions.UplinkBitsPerSecond)
                + (share.DownBytes * 8 / (conditions.DownlinkBitsPerSecond ?? conditions.UplinkBitsPerSecond))
                + (share.IsAll ? 0 : conditions.RoundTrip.TotalSeconds);
            best = Math.Min(best, seconds);
        }

        return best;
    }

    private void From(int step, double seconds)
    {
        if (step == _onDevice.Length)
        {
            Count(seconds);
            return;
        }

        // Without it first; with it only where all that it reads from is there.
        From(step + 1, seconds);
        if (!_profile.Steps[step].Reads.All(read => _profile.Tensors[read].Maker is var maker
            && (maker < 0 || _onDevice[maker])))
        {
            return;
        }

        _onDevice[step] = true;
        From(step + 1, seconds + _profile.Steps[step].Time.TotalSeconds);
        _onDevice[step] = false;
    }

    private void Count(double seconds)
    {
        if (_shares.Count == CountMax)
            throw new BenchmarkException($"{_profile.Model}: more than {CountMax} ways to share it");
        var (crosses, up, down, isAll) = (new HashSet<int>(), 0L, 0L, true);
        for (var step = 0; step < _onDevice.Length; step++)
        {
            if (_onDevice[step])
                continue;
            isAll = false;
            foreach (var read in _profile.Steps[step].Reads)
            {
                var tensor = _profile.Tensors[read];
                if ((tensor.Maker >= 0 && !_onDevice[tensor.Maker]) || !crosses.Add(read))
                    continue;
                if (!tensor.CanCross)
                    return;
                up += tensor.Bytes;
            }
        }

        foreach (var tensor in _profile.Tensors)
            down += tensor is { IsOutput: true, Maker: >= 0 } && !_onDevice[tensor.Maker] ? tensor.Bytes : 0;
        _shares.Add(new Share(seconds, up, down, isAll));
    }

    /// <summary>One way to share a model.</summary>
    /// <param name="Seconds">Time of the device's steps, as the profile has it.</param>
    /// <param name="IsAll">Whether the device runs all.</param>
    public readonly record struct Share(double Seconds, long UpBytes, long DownBytes, bool IsAll);
}
