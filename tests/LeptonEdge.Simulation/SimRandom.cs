using System.Numerics;

namespace LeptonEdge.Simulation;

/// <summary>The one source of chance in a schedule: the same seed draws the same numbers on every machine and
/// version.</summary>
/// <remarks>xoshiro256**, seeded by SplitMix64: Blackman and Vigna, ACM Trans. Math. Softw. 47 (2021).</remarks>
public sealed class SimRandom
{
    private ulong _a, _b, _c, _d;

    public SimRandom(ulong seed)
    {
        _a = Split(ref seed);
        _b = Split(ref seed);
        _c = Split(ref seed);
        _d = Split(ref seed);
    }

    public ulong Next()
    {
        var result = BitOperations.RotateLeft(_b * 5, 7) * 9;
        var shifted = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= shifted;
        _d = BitOperations.RotateLeft(_d, 45);
        return result;
    }

    /// <summary>A number in [0, end).</summary>
    public int Below(int end) => (int)(Next() % (uint)end);

    /// <summary>A number in [low, high].</summary>
    public int Between(int low, int high) => low + Below(high - low + 1);

    /// <summary>True with this probability.</summary>
    public bool Chance(double probability) => (Next() >> 11) * (1.0 / (1UL << 53)) < probability;

    /// <summary>A time in [low, high], with many short ones and few long ones.</summary>
    public TimeSpan Delay(TimeSpan low, TimeSpan high)
    {
        var share = (Next() >> 11) * (1.0 / (1UL << 53));
        return low + (high - low) * (share * share * share);
    }

    private static ulong Split(ref ulong state)
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
