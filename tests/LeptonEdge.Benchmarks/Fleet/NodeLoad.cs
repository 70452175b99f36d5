namespace LeptonEdge.Benchmarks.Fleet;

/// <summary>Work that arrives at a machine's cores or accelerators, each second.</summary>
internal struct NodeLoad
{
    public double Rate;
    public double Busy;
    public double Square;
    public double Patience;

    public void Add(double rate, double seconds, double patience)
    {
        if (!(rate > 0 && seconds > 0))
            return;
        Rate += rate;
        Busy += rate * seconds;
        Square += rate * seconds * seconds;
        Patience += rate * seconds * Math.Max(0, patience);
    }

    public void Add(in NodeLoad other)
    {
        Rate += other.Rate;
        Busy += other.Busy;
        Square += other.Square;
        Patience += other.Patience;
    }

    public readonly NodeQueue Queue(int servers) =>
        NodeQueue.Of(servers, Rate, Busy, Square, Busy > 0 ? Math.Max(1e-3, Patience / Busy) : 1);
}

/// <summary>A machine's two kinds of servers.</summary>
internal struct NodeWork
{
    /// <summary>What is not ours comes in pieces of this length, and waits as long as it must.</summary>
    private const double ForeignPiece = 0.005;
    private const double ForeignPatience = 1;

    public NodeLoad Cores;
    public NodeLoad Accelerators;

    public void Add(in NodeWork other)
    {
        Cores.Add(other.Cores);
        Accelerators.Add(other.Accelerators);
    }

    public static NodeWork Foreign(NodeSpec node, double share)
    {
        var work = default(NodeWork);
        work.Cores.Add(share * node.Servers / ForeignPiece, ForeignPiece, ForeignPatience);
        return work;
    }

    public readonly NodeWait Wait(NodeSpec node) =>
        new(Cores.Queue(node.Servers), Accelerators.Queue(node.Accelerators));
}

/// <summary>How long a window waits at a machine.</summary>
internal readonly record struct NodeWait(NodeQueue Cores, NodeQueue Accelerators)
{
    public static NodeWait Idle { get; } = new(NodeQueue.Idle, NodeQueue.Idle);

    /// <summary>Share of windows that wait no longer than this.</summary>
    public double Within(double seconds, bool accelerated) => accelerated
        // Either queue may take its part: a little less than the truth.
        ? Cores.Within(seconds / 3) * Accelerators.Within(seconds * 2 / 3)
        : Cores.Within(seconds);
}
