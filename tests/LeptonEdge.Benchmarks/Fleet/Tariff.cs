using LeptonEdge.Core.Pricing;
using LeptonEdge.Placement.Planning;

namespace LeptonEdge.Benchmarks.Fleet;

/// <summary>What a site's work costs: the planner's standard prices, and mobile links that are dear.</summary>
internal sealed class Tariff
{
    private const double MobileGigabyte = 0.5;
    private readonly Prices[] _devices;
    private readonly Prices _hub;
    private readonly Prices _pool;

    public Tariff(World world)
    {
        Book = new PriceBook(
            PlannerRules.Nominal.Currency, PlannerRules.Nominal.Default,
            [
                .. PlannerRules.Nominal.Overrides,
                .. world.Sites.Where(site => site.Mobile)
                    .Take(PriceBook.OverridesMax - PlannerRules.Nominal.Overrides.Count)
                    .Select(site => new PriceOverride(null, site.Name, GigabyteMoved: MobileGigabyte)),
            ]);
        _devices = [.. world.Sites.Select(site => Book.For(NodeKind.Device, site.Name))];
        (_hub, _pool) = (Book.For(NodeKind.Hub, ""), Book.For(NodeKind.Pool, ""));
    }

    public PriceBook Book { get; }

    /// <summary>Price of a gigabyte over a site's uplink.</summary>
    public double Gigabyte(int site) => _devices[site].GigabyteMoved;

    public double Cost(int site, in SiteFlow flow) =>
        _devices[site].Cost(new Consumption(flow.DeviceCores, flow.DeviceAccelerators, flow.Bytes, flow.DeviceJoules))
        + _hub.Cost(new Consumption(flow.HubCores, 0, 0, flow.HubJoules))
        + _pool.Cost(new Consumption(flow.PoolCores, flow.PoolAccelerators, 0, flow.PoolJoules));
}
