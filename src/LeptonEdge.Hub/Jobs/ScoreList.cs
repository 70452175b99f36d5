using LeptonEdge.Inference.Bundles;
using LeptonEdge.Protocol.V1;

namespace LeptonEdge.Hub.Jobs;

/// <summary>The scores of one part of a result, and the summary that they go into.</summary>
internal sealed class ScoreList(RescoreSummary summary, float threshold)
{
    private readonly Dictionary<string, uint> _labels = new(StringComparer.Ordinal);

    public WindowScores Windows { get; } = new();

    public int Count => Windows.Scores.Count;

    public void Add(long timeMicros, Finding finding)
    {
        if (!_labels.TryGetValue(finding.Label, out var label))
        {
            _labels[finding.Label] = label = (uint)_labels.Count;
            Windows.LabelNames.Add(finding.Label);
        }

        Windows.TimeMicros.Add(timeMicros);
        Windows.Scores.Add(finding.Score);
        Windows.Labels.Add(label);
        Summarise(finding);
    }

    public void CountInvalid(int windows) => summary.Invalid += windows;

    private void Summarise(Finding finding)
    {
        var known = summary.Labels.FirstOrDefault(count => count.Label == finding.Label);
        if (known is null)
            summary.Labels.Add(known = new LabelCount { Label = finding.Label });
        known.Windows++;
        summary.Windows++;
        if (!float.IsFinite(finding.Score))
            return;
        var isFirst = summary.Windows - Unknown() == 1;
        summary.ScoreMin = isFirst ? finding.Score : Math.Min(summary.ScoreMin, finding.Score);
        summary.ScoreMax = isFirst ? finding.Score : Math.Max(summary.ScoreMax, finding.Score);
        summary.ScoreSum += finding.Score;
        summary.AboveThreshold += finding.Score > threshold ? 1 : 0;
    }

    private long Unknown() => summary.Labels.FirstOrDefault(count => count.Label == ScoreRule.Unknown)?.Windows ?? 0;
}
