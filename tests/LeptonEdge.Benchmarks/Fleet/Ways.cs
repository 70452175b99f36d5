namespace LeptonEdge.Benchmarks.Fleet;

/// <summary>What a window meets between its device and the node that answers it.</summary>
/// <param name="RttSeconds">Round trips of all links on the way.</param>
/// <param name="TransferSeconds">For its bytes to cross them.</param>
/// <param name="Share">Share of windows that links let through at all.</param>
internal readonly record struct Way(double RttSeconds, double TransferSeconds, double Share)
{
    /// <summary>To the device itself.</summary>
    public static Way None { get; } = new(0, 0, 1);
}

/// <summary>Service times, ways and answers as they are under present conditions.</summary>
internal sealed class Ways(World world, Conditions now)
{
    // A link does not carry quite as much as it is rated for.
    private const double LinkFull = 0.95;
    private readonly (double Core, double Accelerator)[][] _cost =
        [.. ModelSpec.All.Select(model => world.Nodes.Select(node => node.Board.Cost(model)).ToArray())];

    /// <summary>Bytes a second over each node's link, and over each site's uplink.</summary>
    public double[] LinkBytes { get; } = new double[world.Nodes.Length];

    public double[] UplinkBytes { get; } = new double[world.Sites.Length];

    /// <summary>Mean time on a core and on an accelerator of a node.</summary>
    public (double Core, double Accelerator) Cost(WorkloadSpec workload, int node)
    {
        var (core, accelerator) = _cost[workload.Model][node];
        var speed = world.Nodes[node].Speed * now.Speed[node];
        return (core / speed, accelerator / speed);
    }

    /// <summary>Whether windows of a site can get to a node at all.</summary>
    public bool Leads(int site, int node) =>
        now.Alive[node] && (node < world.Devices || (now.HubUp && now.UplinkBytes[site] > 0));

    /// <param name="loaded">Beside the present traffic; else as if there were none.</param>
    public Way To(WorkloadSpec workload, int node, bool loaded)
    {
        var way = Way.None;
        if (now.Alive[workload.Device])
            way = Over(way, world.Nodes[workload.Device], loaded ? LinkBytes[workload.Device] : 0, workload);
        if (node >= world.Devices)
        {
            var used = loaded ? UplinkBytes[workload.Site] : 0;
            way = Over(way, now.UplinkBytes[workload.Site], now.UplinkRtt[workload.Site], used, workload);
        }

        return Over(way, world.Nodes[node], loaded ? LinkBytes[node] : 0, workload);
    }

    /// <summary>Share of windows that a node answers within a time.</summary>
    public double Answered(WorkloadSpec workload, int node, in Way way, in NodeWait wait, double seconds)
    {
        var (core, accelerator) = Cost(workload, node);
        var answered = 0.0;
        for (var kind = 0; kind < Spread.Share.Length; kind++)
        {
            var left = seconds - (way.RttSeconds * Spread.RoundTrip[kind])
                - (way.TransferSeconds * Spread.Transfer[kind]) - ((core + accelerator) * Spread.Service[kind]);
            answered += Spread.Share[kind] * wait.Within(left, accelerator > 0);
        }

        return answered * way.Share;
    }

    private static Way Over(in Way way, NodeSpec node, double used, WorkloadSpec workload) =>
        double.IsPositiveInfinity(node.LinkBytesPerSecond)
            ? way
            : Over(way, node.LinkBytesPerSecond, node.LinkRttSeconds, used, workload);

    private static Way Over(in Way way, double bytesPerSecond, double rtt, double used, WorkloadSpec workload)
    {
        var full = used / bytesPerSecond;
        var free = bytesPerSecond * (1 - Math.Min(LinkFull, full));
        return new Way(
            way.RttSeconds + rtt, way.TransferSeconds + (workload.Spec.WindowBytes / free),
            way.Share * Math.Min(1, LinkFull / Math.Max(full, 1e-9)));
    }
}
