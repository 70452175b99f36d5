using LeptonEdge.Placement.Planning;

namespace LeptonEdge.Benchmarks.Fleet;

/// <summary>Moves of a run, and how good the plans said they were.</summary>
internal sealed class MoveLog
{
    private const int RepeatWithinSeconds = 600;
    private readonly Dictionary<int, int> _last = [];
    private double _gaps;

    public int Moves { get; private set; }

    public int Decisions { get; private set; }

    public SortedDictionary<MoveCause, int> Causes { get; } = [];

    /// <summary>Second moves of a workload within ten minutes that no failure forced.</summary>
    public int Repeats { get; private set; }

    /// <summary>Of these, moves by choice.</summary>
    public int ChosenRepeats { get; private set; }

    public double GapMean => Decisions > 0 ? _gaps / Decisions : 0;

    public double GapMax { get; private set; }

    public void Add(int workload, int second, MoveCause cause)
    {
        Moves++;
        Causes[cause] = Causes.GetValueOrDefault(cause) + 1;
        if (_last.TryGetValue(workload, out var before) && second - before < RepeatWithinSeconds && !IsFailure(cause))
        {
            Repeats++;
            if (cause.IsChoice())
                ChosenRepeats++;
        }

        _last[workload] = second;
    }

    public void Add(Proposal proposal)
    {
        Decisions++;
        if (!double.IsFinite(proposal.Gap))
            return;
        _gaps += proposal.Gap;
        GapMax = Math.Max(GapMax, proposal.Gap);
    }

    /// <summary>A node or a link is gone, or a place turned out to miss deadlines.</summary>
    private static bool IsFailure(MoveCause cause) =>
        cause is MoveCause.NodeDown or MoveCause.LinkLost or MoveCause.Missed or MoveCause.Refused;
}
