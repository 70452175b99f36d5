namespace LeptonEdge.Agent.Sensing.Bearings;

/// <summary>One natural mode of the housing: each knock makes it ring, and the ringing dies away.</summary>
/// <param name="FrequencyHz">Where it rings.</param>
/// <param name="Damping">Share of critical damping; 0.02 rings for about 3 ms at 3 kHz.</param>
/// <param name="Gain">How strongly a blow excites it, g.</param>
internal readonly record struct Mode(double FrequencyHz, double Damping, double Gain);

/// <summary>A <see cref="Mode"/> at work.</summary>
internal struct Resonance
{
    private readonly double _a1;
    private readonly double _a2;
    private readonly double _gain;
    private double _x1;
    private double _x2;
    private double _y1;
    private double _y2;

    public Resonance(Mode mode, double rateHz)
    {
        var radius = Math.Exp(-2 * Math.PI * mode.Damping * mode.FrequencyHz / rateHz);
        _a1 = 2 * radius * Math.Cos(2 * Math.PI * mode.FrequencyHz / rateHz);
        _a2 = -radius * radius;
        _gain = mode.Gain / 2;
    }

    /// <remarks>The difference of the blows two samples apart: a housing at rest stays at rest under a steady force,
    /// so its acceleration answers nothing at 0 Hz.</remarks>
    public double Next(double knock)
    {
        var y = (_a1 * _y1) + (_a2 * _y2) + (_gain * (knock - _x2));

        // Left alone it would fade into denormal numbers, which some processors compute a hundred times slower.
        if (Math.Abs(y) < 1e-30)
            y = 0;
        (_x2, _x1) = (_x1, knock);
        (_y2, _y1) = (_y1, y);
        return y;
    }
}
