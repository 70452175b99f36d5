using LeptonEdge.Placement.Planning;

namespace LeptonEdge.Benchmarks.Fleet;

/// <summary>Moves of a run, and how good the plans said they were.</summary>
internal sealed class MoveLog
{
    private const int RepeatWithinSeconds = 600;
    private readonly Dictionary<int, (int Second, MoveCause Cause)> _last = [];
    private readonly List<double> _gaps = [];

    public int Moves { get; private set; }

    public int Decisions { get; private set; }

    public SortedDictionary<MoveCause, int> Causes { get; } = [];

    /// <summary>Second moves of a workload within ten minutes that no failure forced.</summary>
    public int Repeats { get; private set; }

    /// <summary>Second moves of a workload within ten minutes that a failure forced: a node or a link was gone, or the
    /// deadline was missed or could not be met where it was.</summary>
    public int FailureRepeats { get; private set; }

    /// <summary>Of all second moves, the cause of the first and of the second.</summary>
    public SortedDictionary<(MoveCause First, MoveCause Second), int> Pairs { get; } = [];

    public double GapMedian => _gaps.Count > 0 ? _gaps.Order().ElementAt(_gaps.Count / 2) : 0;

    public double GapMean => _gaps.Count > 0 ? _gaps.Average() : 0;

    public void Add(int workload, int second, MoveCause cause)
    {
        Moves++;
        Causes[cause] = Causes.GetValueOrDefault(cause) + 1;
        if (_last.TryGetValue(workload, out var before) && second - before.Second < RepeatWithinSeconds)
        {
            Repeats += cause.IsFailure() ? 0 : 1;
            FailureRepeats += cause.IsFailure() ? 1 : 0;
            Pairs[(before.Cause, cause)] = Pairs.GetValueOrDefault((before.Cause, cause)) + 1;
        }

        _last[workload] = (second, cause);
    }

    public void Add(Proposal proposal)
    {
        Decisions++;
        if (double.IsFinite(proposal.Gap))
            _gaps.Add(proposal.Gap);

    }
}
