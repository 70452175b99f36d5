using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Storage.Hubs;

namespace LeptonEdge.SystemTests.Faults;

/// <summary>Every window that the device cut, beside the verdicts of it. The reading of a window's features says that
/// it was there, whatever became of its verdict.</summary>
internal sealed class WindowComparison
{
    public WindowComparison(HubStore store, ChannelName channel)
    {
        var feature = new ChannelName($"{channel}.rms");
        var windows = new HashSet<long>();
        foreach (var batch in store.EnumerateBatches())
        {
            foreach (var series in batch.Records.Series.Where(series => series.Channel == feature))
                windows.UnionWith(series.TimesMicros);
            Verdicts.AddRange(batch.Records.Verdicts.Where(verdict => verdict.Channel == channel));
        }

        var judged = Verdicts.CountBy(verdict => verdict.TimeMicros).ToDictionary();
        Windows = windows.Count;
        Unanswered = windows.Count(window => !judged.ContainsKey(window));
        Doubled = judged.Count(window => window.Value > 1);
        Unknown = judged.Keys.Count(window => !windows.Contains(window));
    }

    public int Windows { get; }

    public List<Verdict> Verdicts { get; } = [];

    /// <summary>Windows without a verdict.</summary>
    public int Unanswered { get; }

    /// <summary>Windows with more than one.</summary>
    public int Doubled { get; }

    /// <summary>Verdicts of windows that were not there.</summary>
    public int Unknown { get; }
}
