namespace LeptonEdge.Benchmarks.Fleet;

/// <summary>What goes on in a site each second, from one change to the next.</summary>
internal struct SiteFlow
{
    public double Windows;
    public double Hits;
    public double Reachable;
    public double ReachableHits;
    public double Bytes;
    public double DeviceCores;
    public double DeviceAccelerators;
    public double DeviceJoules;
    public double HubCores;
    public double HubJoules;
    public double PoolCores;
    public double PoolAccelerators;
    public double PoolJoules;
    public double Money;

    public readonly double Joules => DeviceJoules + HubJoules + PoolJoules;

    public void Add(in SiteFlow flow, double seconds)
    {
        Windows += flow.Windows * seconds;
        Hits += flow.Hits * seconds;
        Reachable += flow.Reachable * seconds;
        ReachableHits += flow.ReachableHits * seconds;
        Bytes += flow.Bytes * seconds;
        DeviceCores += flow.DeviceCores * seconds;
        DeviceAccelerators += flow.DeviceAccelerators * seconds;
        DeviceJoules += flow.DeviceJoules * seconds;
        HubCores += flow.HubCores * seconds;
        HubJoules += flow.HubJoules * seconds;
        PoolCores += flow.PoolCores * seconds;
        PoolAccelerators += flow.PoolAccelerators * seconds;
        PoolJoules += flow.PoolJoules * seconds;
        Money += flow.Money * seconds;
    }
}
