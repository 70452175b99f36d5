namespace LeptonEdge.Serving.Models;

/// <summary>What a run of a model costs: a fixed part and a part for each row, measured when it was loaded, scaled by
/// what runs have taken since. Any thread.</summary>
/// <param name="runSeconds">Of a run with no rows.</param>
/// <param name="rowSeconds">Of each row.</param>
/// <param name="p99Seconds">99th percentile of a run with one row.</param>
public sealed class RunCost(double runSeconds, double rowSeconds, double p99Seconds)
{
    // A busy machine slows every model; half a hundred runs tell.
    private const double Smoothing = 0.02;
    private const double ScaleMax = 20;

    private double _scale = 1;

    /// <summary>Mean of a run with one row, as measured when the model was loaded.</summary>
    public double MeanSeconds => runSeconds + rowSeconds;

    public double P99Seconds => p99Seconds;

    public double Run(int rows) => Volatile.Read(ref _scale) * (runSeconds + rowSeconds * rows);

    /// <summary>What a request adds to a run that takes place anyway.</summary>
    public double Share(int rows) => Volatile.Read(ref _scale) * rowSeconds * rows;

    /// <summary>Learns from a run.</summary>
    public void Observe(int rows, double seconds)
    {
        // Two threads that write at once lose one observation of many.
        var seen = Math.Clamp(seconds / (runSeconds + rowSeconds * rows), 1 / ScaleMax, ScaleMax);
        Volatile.Write(ref _scale, _scale + Smoothing * (seen - _scale));
    }
}
