namespace LeptonEdge.Agent.Sensing.Bearings;

/// <summary>Seeded Gaussian numbers, mean 0 and standard deviation 1.</summary>
/// <remarks>Box and Muller, Ann. Math. Stat. 29 (1958): they come in pairs.</remarks>
internal sealed class GaussianNoise(int seed)
{
    private readonly Random _random = new(seed);
    private float _second;
    private bool _hasSecond;

    public float Next()
    {
        if (_hasSecond)
        {
            _hasSecond = false;
            return _second;
        }

        // 1 − u is never 0, so its logarithm is finite.
        var radius = MathF.Sqrt(-2 * MathF.Log(1 - _random.NextSingle()));
        var (sin, cos) = MathF.SinCos(2 * MathF.PI * _random.NextSingle());
        _second = radius * sin;
        _hasSecond = true;
        return radius * cos;
    }
}
