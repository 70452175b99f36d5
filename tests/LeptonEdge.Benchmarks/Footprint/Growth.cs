using System.Diagnostics;
using System.Globalization;

namespace LeptonEdge.Benchmarks.Footprint;

/// <summary>Whether a process grows: its memory every few seconds, the first sixth of the time left out.
/// Not its PSS, which moves whenever another program comes or goes that shares pages with it.</summary>
internal sealed class Growth(string name)
{
    private const double LeftOut = 1 / 6.0;

    private readonly List<(double Minutes, ProcessFigures Figures)> _samples = [];

    public void Sample(Process process, TimeSpan elapsed) =>
        _samples.Add((elapsed.TotalMinutes, ProcessFigures.Of(process)));

    public string LastLine => string.Create(
        CultureInfo.InvariantCulture,
        $"{name}: own {_samples[^1].Figures.OwnMiB:0.0} MiB, RSS {_samples[^1].Figures.RssMiB:0.0} MiB");

    public IEnumerable<Figure> Figures()
    {
        yield return Of("own memory", figures => figures.OwnMiB);
        yield return Of("RSS", figures => figures.RssMiB);
    }

    private Figure Of(string what, Func<ProcessFigures, double> of)
    {
        var minutes = _samples[^1].Minutes;
        var kept = _samples.Where(sample => sample.Minutes >= minutes * LeftOut)
            .Select(sample => (X: sample.Minutes, Y: of(sample.Figures))).ToArray();
        var slope = Slope(kept);
        var middle = Statistics.Median(kept.Select(point => point.Y - (slope * point.X)));
        var off = kept.Select(point => Math.Abs(point.Y - (slope * point.X) - middle)).Order().ToArray();
        // What the line says was gained, beside how far half of the samples lie from the line.
        var gained = slope * (kept[^1].X - kept[0].X);
        var noise = Math.Max(off[off.Length / 2], 0.1);
        return new Figure(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{name}: {what} gained in the last {kept[^1].X - kept[0].X:0} of {minutes:0} minutes"),
            gained, "MiB", "spread of the samples about the line", noise, gained / noise, "none beyond the spread",
            gained <= noise);
    }

    /// <summary>Theil and Sen's line: the median of the slopes of all pairs, which no single leap moves.</summary>
    private static double Slope((double X, double Y)[] points)
    {
        var slopes = new List<double>(points.Length * points.Length / 2);
        for (var i = 0; i < points.Length; i++)
        {
            for (var j = i + 1; j < points.Length; j++)
                slopes.Add((points[j].Y - points[i].Y) / (points[j].X - points[i].X));
        }

        return Statistics.Median(slopes);
    }
}
