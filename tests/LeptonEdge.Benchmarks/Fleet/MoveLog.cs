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

    /// <summary>Of these, the cause of the first and of the second.</summary>
    public SortedDictionary<(MoveCause First, MoveCause Second), int> Pairs { get; } = [];

    /// <summary>Of these, moves by choice.</summary>
    public int ChosenRepeats { get; private set; }

    public double GapMedian => _gaps.Count > 0 ? _gaps.Order().ElementAt(_gaps.Count / 2) : 0;

    public double GapMean => _gaps.Count > 0 ? _gaps.Average() : 0;

    public void Add(int workload, int second, MoveCause cause)
    {
        Moves++;
        Causes[cause] = Causes.GetValueOrDefault(cause) + 1;
        if (_last.TryGetValue(workload, out var before) && second - before.Second < RepeatWithinSeconds
            && !IsFailure(cause))
        {
            Repeats++;
            Pairs[(before.Cause, cause)] = Pairs.GetValueOrDefault((before.Cause, cause)) + 1;
            if (cause.IsChoice())
                ChosenRepeats++;
        }

        _last[workload] = (second, cause);
    }

    public void Add(Proposal proposal)
    {
        Decisions++;
        if (double.IsFinite(proposal.Gap))
            _gaps.Add(proposal.Gap);
    }

    /// <summary>A node or a link is gone, or a place turned out to miss deadlines.</summary>
    private static bool IsFailure(MoveCause cause) =>
        cause is MoveCause.NodeDown or MoveCause.LinkLost or MoveCause.Missed or MoveCause.Refused;
}
