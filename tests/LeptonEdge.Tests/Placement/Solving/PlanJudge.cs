using LeptonEdge.Core.Plans;
using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Tests.Placement.Solving;

/// <summary>What a way to run a workload costs and uses, written anew from the meaning of the state: the solver's own
/// reckoning is held against it.</summary>
internal sealed class PlanJudge
{
    private readonly FleetState _fleet;
    private readonly Dictionary<string, NodeState> _nodes = [];

    public PlanJudge(FleetState fleet)
    {
        _fleet = fleet;
        foreach (var node in fleet.Sites.SelectMany(site => site.Devices).Concat(fleet.HubWorkers).Concat(fleet.Pools))
            _nodes[node.Name] = node;
    }

    /// <summary>A place with its money per hour, its latency and what it takes of each resource.</summary>
    public sealed record Option(RunsAt? Place, double Cost, double Latency, Dictionary<string, double> Uses);

    public double CapacityOf(string resource)
    {
        var (name, kind) = (resource[..resource.IndexOf('/')], resource[(resource.IndexOf('/') + 1)..]);
        if (kind == "uplink")
            return _fleet.Sites.Single(site => site.Name == name).Uplink.BytesPerSecond;
        var node = _nodes[name];
        return kind switch
        {
            "cores" => node.Capacity.Cores,
            "memory" => node.Capacity.MemoryBytes,
            "accelerators" => node.Capacity.Accelerators,
            "watts" => node.Capacity.Watts,
            _ => node.Link.BytesPerSecond,
        };
    }

    /// <summary>Every way to run a workload that its hard limits allow, and last to leave it out.</summary>
    public List<Option> Options(SiteState site, WorkloadState workload)
    {
        var model = _fleet.Models.Single(known => known.Name == workload.Model);
        var options = new List<Option>();
        foreach (var recipe in model.Recipes)
        {
            foreach (var node in site.Devices.Concat(_fleet.HubWorkers).Concat(_fleet.Pools))
            {
                var place = recipe.InTwoParts
                    ? new RunsAt(recipe.Name, workload.Device, node.Name)
                    : new RunsAt(recipe.Name, node.Name);
                if (Judge(site, workload, recipe, place) is { } option)
                    options.Add(option);
            }
        }

        var most = options.Count == 0 ? 0 : options.Max(option => option.Cost);
        var left = options.Count == 0 ? 0 : most + _fleet.Prices.Unplaced(workload.Priority);
        options.Add(new Option(null, left, 0, []));
        return options;
    }

    /// <summary>One way to run it; null when a hard limit forbids it.</summary>
    public Option? Judge(SiteState site, WorkloadState workload, Recipe recipe, RunsAt place)
    {
        var (home, near) = (_nodes[workload.Device], _nodes[place.Near]);
        var far = place.Far is null ? null : _nodes[place.Far];
        var last = far ?? near;
        if (far is not null && (far == near || near != home))
            return null;
        if (workload.Avoids.Any(failed => failed.Node == last.Name && failed.Recipe == recipe.Name))
            return null;
        if (!MayRun(site, workload, home, near, last) || !Offers(site, workload, recipe, last))
            return null;
        var option = new Draft(this, site, workload);
        if (!option.AddStage(near, recipe.Near, 1))
            return null;
        if (near != home)
            option.AddPath(home, near, workload.WindowBytes, 1);
        if (far is not null)
        {
            var own = recipe.Choice == OffloadChoices.Cascade ? workload.FarShare : null;
            var share = own ?? recipe.FarShare;
            option.AddPath(home, far, recipe.CutBytes ?? workload.WindowBytes, share);
            if (!option.AddStage(far, recipe.Far, share))
                return null;
        }

        return option.Finish(place);
    }

    private bool MayRun(SiteState site, WorkloadState workload, NodeState home, NodeState near, NodeState last)
    {
        if (workload.PinnedTo is { } pin && last.Name != pin)
            return false;
        if (home.Down && (!workload.OutlivesDevice || workload.Privacy == Privacy.Device))
            return false;
        if (near.Down || near.Drained || last.Down || last.Drained)
            return false;
        return workload.Privacy switch
        {
            Privacy.Device => last == home,
            Privacy.Site => site.Devices.Contains(last),
            _ => true,
        };
    }

    private static bool Offers(SiteState site, WorkloadState workload, Recipe recipe, NodeState last)
    {
        var way = recipe.InTwoParts ? recipe.Choice
            : site.Devices.Contains(last) ? OffloadChoices.Local
            : OffloadChoices.Hub;
        return (workload.Excluded & way) == 0
            && (workload.PinnedRecipe is null || workload.PinnedRecipe == recipe.Name);
    }

    private sealed class Draft(PlanJudge judge, SiteState site, WorkloadState workload)
    {
        private readonly Dictionary<string, double> _uses = [];
        private double _cost, _latency;

        public bool AddStage(NodeState node, IReadOnlyList<StageProfile> stages, double share)
        {
            if (stages.FirstOrDefault(known => known.Board == node.Board) is not { } stage)
                return false;
            var rate = workload.WindowsPerSecond * share;
            Use($"{node.Name}/cores", rate * stage.CoreSeconds);
            Use($"{node.Name}/memory", share > 0 ? stage.MemoryBytes : 0);
            Use($"{node.Name}/accelerators", rate * stage.AcceleratorSeconds);
            Use($"{node.Name}/watts", rate * stage.Joules);
            _latency += node.QueueSeconds + stage.ServiceSeconds;
            _cost += rate * 3600 * ((stage.CoreSeconds * node.PricePerCoreSecond)
                + (stage.AcceleratorSeconds * node.PricePerAcceleratorSecond)
                + (stage.Joules / 3.6e6 * node.PricePerKwh));
            return true;
        }

        public void AddPath(NodeState home, NodeState node, double bytes, double share)
        {
            if (!home.Down)
                AddLink($"{home.Name}/link", home.Link, bytes, share);
            if (!site.Devices.Contains(node))
                AddLink($"{site.Name}/uplink", site.Uplink, bytes, share);
            AddLink($"{node.Name}/link", node.Link, bytes, share);
        }

        public Option? Finish(RunsAt place)
        {
            if (_latency > workload.DeadlineSeconds
                || _uses.Any(use => use.Value > judge.CapacityOf(use.Key)))
                return null;
            var prices = judge._fleet.Prices;
            var late = Math.Max(0, _latency - (prices.ComfortShare * workload.DeadlineSeconds));
            _cost += workload.WindowsPerSecond * 3600 * late * prices.PerLateSecond * (1 + workload.Priority);
            if (workload.Running is { } now && now != place)
                _cost += prices.PerMove / prices.MovePaysWithinHours;
            return new Option(place, _cost, _latency, _uses);
        }

        private void AddLink(string resource, LinkState link, double bytes, double share)
        {
            var perSecond = workload.WindowsPerSecond * share * bytes;
            Use(resource, perSecond);
            _latency += link.RttSeconds + (bytes > 0 ? bytes / link.BytesPerSecond : 0);
            _cost += perSecond * 3600 / 1e9 * link.PricePerGigabyte;
        }

        private void Use(string resource, double amount)
        {
            if (amount > 0)
                _uses[resource] = _uses.GetValueOrDefault(resource) + amount;
        }
    }
}
