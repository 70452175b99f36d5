using LeptonEdge.Core.Metrics;

namespace LeptonEdge.Benchmarks.Fleet;

/// <summary>The device of a workload, as it is now.</summary>
internal readonly record struct AskHome(bool Alive, NodeSpec Node, NodeWork Work, NodeWait Wait);

/// <summary>How a device deals with windows that another node is to answer, as the agent does: it does not ask where
/// the usual reply would come too late, and begins to answer itself in time.</summary>
internal struct AskState
{
    private const double UsualShare = 0.5;
    private const int SoundEverySeconds = 10;

    // As in the agent's router.
    private const double ServiceP99OfMean = 4.6;

    /// <summary>It asks now.</summary>
    public bool Asks;

    /// <summary>The second before which it does not ask again.</summary>
    public int NotBefore;

    /// <summary>Share of windows that the device began to answer itself.</summary>
    public double Reserve;

    /// <summary>Share of windows that were late or not answered from where they were sent.</summary>
    public double Missing;

    /// <returns>Share of windows that somebody answers in time.</returns>
    public double Far(Ways ways, WorkloadSpec spec, int node, in NodeWait wait, in AskHome home, int second)
    {
        var way = ways.To(spec, node, loaded: true);
        var inTime = ways.Answered(spec, node, way, wait, spec.DeadlineSeconds);
        if (!home.Alive)
        {
            (Reserve, Missing) = (0, 1 - inTime);
            return inTime;
        }

        var due = Due(spec, home);
        var early = ways.Answered(spec, node, way, wait, due);
        if (early < UsualShare)
            NotBefore = second + SoundEverySeconds;
        (Reserve, Missing) = (1 - early, 1 - inTime);
        var own = ways.Answered(spec, spec.Device, Way.None, home.Wait, spec.DeadlineSeconds - due);
        return inTime + ((1 - inTime) * own);
    }

    private static double Due(WorkloadSpec spec, in AskHome home)
    {
        var cores = home.Work.Cores;
        var mean = cores.Rate > 0 ? cores.Busy / cores.Rate : 0;
        var local = (ServiceP99OfMean * mean) + QueueModel.WaitP99Seconds(mean, cores.Busy / home.Node.Servers);
        return Math.Clamp(spec.DeadlineSeconds - local, spec.DeadlineSeconds / 4, spec.DeadlineSeconds * 3 / 4);
    }
}
