namespace LeptonEdge.Placement.Solving;

/// <summary>Numbers that look random and are the same each time.</summary>
internal struct Xorshift(ulong seed)
{
    private ulong _a = seed ^ 0x9E3779B97F4A7C15;
    private ulong _b = 0xD1B54A32D192ED03;

    public ulong Next()
    {
        var (x, y) = (_a, _b);
        _a = y;
        x ^= x << 23;
        _b = x ^ y ^ (x >> 17) ^ (y >> 26);
        return _b + y;
    }

    /// <summary>0 to one below the limit.</summary>
    public int Below(int limit) => (int)(((Next() >> 32) * (ulong)limit) >> 32);

    /// <summary>Above 0, below 1.</summary>
    public double Unit() => ((Next() >> 11) + 0.5) / (1UL << 53);
}
