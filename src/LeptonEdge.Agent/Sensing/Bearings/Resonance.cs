namespace LeptonEdge.Agent.Sensing.Bearings;

/// <summary>One natural mode of the housing: each knock makes it ring, and the ringing dies away.</summary>
internal struct Resonance
{
    private readonly double _a1;
    private readonly double _a2;
    private readonly double _gain;
    private double _y1;
    private double _y2;

    /// <param name="damping">Share of critical damping; 0.02 rings for about 3 ms at 3 kHz.</param>
    public Resonance(double frequencyHz, double damping, double gain, double rateHz)
    {
        var radius = Math.Exp(-2 * Math.PI * damping * frequencyHz / rateHz);
        var angle = 2 * Math.PI * frequencyHz / rateHz;
        _a1 = 2 * radius * Math.Cos(angle);
        _a2 = -radius * radius;
        _gain = gain * Math.Sin(angle);
    }

    public double Next(double knock)
    {
        var y = (_a1 * _y1) + (_a2 * _y2) + (_gain * knock);

        // Left alone it would fade into denormal numbers, which some processors compute a hundred times slower.
        if (Math.Abs(y) < 1e-30)
            y = 0;
        (_y2, _y1) = (_y1, y);
        return y;
    }
}
