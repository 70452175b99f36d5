using System.Diagnostics;
using System.Globalization;

namespace LeptonEdge.Benchmarks;

/// <summary>Time and processor time of this process, from its making to <see cref="Stop"/>.</summary>
internal sealed class Meter
{
    private readonly TimeSpan _processorAtStart = Processor;
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    public TimeSpan Elapsed => _clock.Elapsed;

    public Rate Stop(long readings) =>
        new(readings, _clock.Elapsed.TotalSeconds, (Processor - _processorAtStart).TotalSeconds);

    private static TimeSpan Processor
    {
        get
        {
            using var process = Process.GetCurrentProcess();
            return process.TotalProcessorTime;
        }
    }
}

/// <summary>Readings in some seconds of the wall's clock and some of the processor's, all cores together.</summary>
internal readonly record struct Rate(long Readings, double WallSeconds, double ProcessorSeconds)
{
    /// <summary>What one core makes of it: never faster than the wall's clock, nor than its own time allows.</summary>
    public double PerCore => Readings / Math.Max(WallSeconds, ProcessorSeconds);

    public double PerProcessorSecond => Readings / ProcessorSeconds;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Readings / WallSeconds:#,0}/s ({ProcessorSeconds / WallSeconds:0.00} cores)");
}
