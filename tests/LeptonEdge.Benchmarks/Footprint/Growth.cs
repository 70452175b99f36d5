using System.Diagnostics;
using System.Globalization;

namespace LeptonEdge.Benchmarks.Footprint;

/// <summary>Whether a process grows: its memory every few seconds. What is judged is its own memory, not its PSS, which
/// moves whenever another program comes or goes that shares pages with it.</summary>
internal sealed class Growth(string name)
{
    private readonly List<(double Minutes, ProcessFigures Figures)> _samples = [];

    public void Sample(Process process, TimeSpan elapsed) =>
        _samples.Add((elapsed.TotalMinutes, ProcessFigures.Of(process)));

    public string LastLine => string.Create(
        CultureInfo.InvariantCulture,
        $"{name}: own {_samples[^1].Figures.OwnMiB:0.0} MiB, RSS {_samples[^1].Figures.RssMiB:0.0} MiB");

    public IEnumerable<Figure> Figures()
    {
        var own = GrowthCheck.Of([.. _samples.Select(sample => (sample.Minutes, sample.Figures.OwnMiB))]);
        yield return new Figure($"{name}: own memory in its first minute", own.FirstMinute, "MiB");
        yield return new Figure(
            Text($"{name}: own memory after a warm-up of {own.LeftOutMinutes:0.#} min"), own.Warm, "MiB");
        yield return new Figure($"{name}: own memory at the end", own.End, "MiB");
        yield return new Figure($"{name}: own memory, highest sample", own.Maximum, "MiB");
        yield return new Figure(
            Text($"{name}: own memory gained after the warm-up (highest block from minute {own.HighestAtMinute:0})"),
            own.Gained, "MiB", Asked: Text($"≤ {GrowthCheck.ToleranceMiB}"), Met: own.Judged ? !own.Grew : null);
        var resident = GrowthCheck.Of([.. _samples.Select(sample => (sample.Minutes, sample.Figures.RssMiB))]);
        yield return new Figure($"{name}: RSS gained after the warm-up", resident.Gained, "MiB");
    }

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
