using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Tests.Placement.Solving;

/// <summary>The least cost of a tiny fleet, by trying every plan that is not already dearer than the best.</summary>
internal sealed class BruteForce
{
    private readonly PlanJudge _judge;
    private readonly List<List<PlanJudge.Option>> _options = [];
    private readonly Dictionary<string, double> _room = [];
    private readonly double[] _leastAfter;

    private BruteForce(FleetState fleet)
    {
        _judge = new PlanJudge(fleet);
        foreach (var site in fleet.Sites)
        {
            foreach (var workload in site.Workloads)
                _options.Add([.. _judge.Options(site, workload).OrderBy(option => option.Cost)]);
        }

        foreach (var resource in _options.SelectMany(all => all).SelectMany(option => option.Uses.Keys).Distinct())
            _room[resource] = _judge.CapacityOf(resource) * (1 + 1e-9);
        _leastAfter = new double[_options.Count + 1];
        for (var item = _options.Count - 1; item >= 0; item--)
            _leastAfter[item] = _leastAfter[item + 1] + _options[item][0].Cost;
    }

    public static double LeastCost(FleetState fleet) => new BruteForce(fleet).Search(0, 0, double.PositiveInfinity);

    private double Search(int item, double cost, double best)
    {
        if (cost + _leastAfter[item] >= best)
            return best;
        if (item == _options.Count)
            return cost;
        foreach (var option in _options[item])
        {
            if (option.Uses.Any(use => _room[use.Key] < use.Value))
                continue;
            foreach (var (resource, amount) in option.Uses)
                _room[resource] -= amount;
            best = Search(item + 1, cost + option.Cost, best);
            foreach (var (resource, amount) in option.Uses)
                _room[resource] += amount;
        }

        return best;
    }
}
