namespace LeptonEdge.Placement.Solving;

/// <summary>From a site's state to the table of its workloads' options.</summary>
internal static class TableBuilder
{
    /// <param name="before">An earlier plan of the site: where workloads run of which the state does not say
    /// it.</param>
    public static OptionTable Build(FleetIndex index, SiteState site, SitePlan? before)
    {
        var sites = new SiteNodes(index, site);
        var rules = new OptionRules(index, site, sites.Devices, sites.Capacity);
        var draft = new TableDraft(site.Workloads.Count);
        var prices = index.Fleet.Prices;
        var moveCost = prices.PerMove / prices.MovePaysWithinHours;
        var running = before?.Placements.ToDictionary(p => (p.Workload.Device, p.Workload.Name), p => p.Place);
        var number = 0;
        foreach (var workload in site.Workloads)
        {
            var home = sites.DeviceNumber[workload.Device];
            var model = index.Model(workload.Model);
            var now = workload.Running ?? running?.GetValueOrDefault((workload.Device, workload.Name));
            var (recipe, near, far) = sites.Find(now, model);
            rules.Take(workload, home);
            draft.Begin();
            AddOptions(rules, draft, model, sites, home, workload);
            draft.PriceMoves(recipe, near, far, now is null ? 0 : moveCost);
            draft.End(number++, prices.Unplaced(workload.Priority), now is not null);
        }

        return draft.ToTable(sites, index.SharedCapacity.Length);
    }

    private static void AddOptions(
        OptionRules rules, TableDraft draft, ModelStages model, SiteNodes sites, int home, WorkloadState workload)
    {
        var first = workload.Privacy == Privacy.Device ? home : 0;
        var end = workload.Privacy switch
        {
            Privacy.Device => home + 1,
            Privacy.Site => sites.Devices.Length,
            _ => sites.NodeCount,
        };
        for (var recipe = 0; recipe < model.Recipes.Count; recipe++)
        {
            var cut = model.Recipes[recipe].InTwoParts;
            for (var node = first; node < end; node++)
            {
                if (cut && node == home)
                    continue;
                var (near, far) = cut ? (home, node) : (node, -1);
                if (rules.Judge(model, recipe, near, far) == Limit.None)
                    draft.Add(new OptionPlace((short)recipe, near, far), rules.Cost, rules.Uses);
            }
        }
    }
}

/// <summary>The nodes that a site's workloads can name: its devices, then the hub's workers and pools.</summary>
internal sealed class SiteNodes
{
    private readonly FleetIndex _index;

    public SiteNodes(FleetIndex index, SiteState site)
    {
        _index = index;
        Devices = new Node[site.Devices.Count];
        DeviceNumber = new Dictionary<string, int>(site.Devices.Count);
        Capacity = new double[(site.Devices.Count * Resources.PerNode) + 1];
        for (var device = 0; device < Devices.Length; device++)
        {
            Devices[device] = new Node(site.Devices[device], index);
            DeviceNumber[site.Devices[device].Name] = device;
            Resources.Fill(Capacity, device, site.Devices[device]);
        }

        Capacity[^1] = site.Uplink.BytesPerSecond;
    }

    public Node[] Devices { get; }

    public Dictionary<string, int> DeviceNumber { get; }

    /// <summary>Of the site's own resources: five for each device, then the uplink.</summary>
    public double[] Capacity { get; }

    public int NodeCount => Devices.Length + _index.Hub.Length;

    /// <summary>A place in numbers; a recipe of -1 when there is no such place.</summary>
    public (int Recipe, int Near, int Far) Find(RunsAt? place, ModelStages model)
    {
        if (place is null)
            return (-1, -1, -1);
        for (var recipe = 0; recipe < model.Recipes.Count; recipe++)
        {
            if (model.Recipes[recipe].Name == place.Recipe)
                return (recipe, Number(place.Near), place.Far is null ? -1 : Number(place.Far));
        }

        return (-1, -1, -1);
    }

    private int Number(string name)
    {
        if (DeviceNumber.TryGetValue(name, out var device))
            return device;
        for (var node = 0; node < _index.Hub.Length; node++)
        {
            if (_index.Hub[node].State.Name == name)
                return Devices.Length + node;
        }

        return -2;
    }
}

/// <summary>A table while it grows.</summary>
internal sealed class TableDraft(int items)
{
    private readonly int[] _optionStart = new int[items + 1];
    private readonly int[] _running = new int[items];
    private readonly bool[] _wasRunning = new bool[items];
    private double[] _cost = new double[Math.Max(16, items * 16)];
    private OptionPlace[] _places = new OptionPlace[Math.Max(16, items * 16)];
    private int[] _useStart = new int[Math.Max(16, items * 16) + 1];
    private Use[] _uses = new Use[Math.Max(64, items * 64)];
    private int _options, _useCount, _first, _now;

    public void Begin() => (_first, _now) = (_options, -1);

    public void Add(OptionPlace place, double cost, ReadOnlySpan<Use> uses)
    {
        if (_options == _cost.Length)
        {
            Array.Resize(ref _cost, _options * 2);
            Array.Resize(ref _places, _options * 2);
            Array.Resize(ref _useStart, (_options * 2) + 1);
        }

        if (_useCount + uses.Length > _uses.Length)
            Array.Resize(ref _uses, Math.Max(_uses.Length * 2, _useCount + uses.Length));
        (_cost[_options], _places[_options]) = (cost, place);
        uses.CopyTo(_uses.AsSpan(_useCount));
        _useCount += uses.Length;
        _useStart[++_options] = _useCount;
    }

    /// <summary>Every option of the item but the one in force costs a move.</summary>
    public void PriceMoves(int recipe, int near, int far, double moveCost)
    {
        for (var option = _first; option < _options; option++)
        {
            if (_places[option] == new OptionPlace((short)recipe, near, far))
                _now = option;
            else
                _cost[option] += moveCost;
        }
    }

    public void End(int item, double unplacedCost, bool wasRunning)
    {
        // Dearer than any option of its own: a workload that can be placed alone is.
        var dearest = 0.0;
        for (var option = _first; option < _options; option++)
            dearest = Math.Max(dearest, _cost[option]);
        // One that has no option at all is no part of the choice, nor of the gap: it is named, and costs nothing.
        Add(new OptionPlace(-1, -1, -1), _options == _first ? 0 : dearest + unplacedCost, []);
        (_running[item], _wasRunning[item]) = (_now, wasRunning);
        _optionStart[item + 1] = _options;
    }

    // A resource that holds the largest use of every workload at once limits nothing: its uses are left out.
    private void DropLoose(double[] capacity)
    {
        var most = new double[capacity.Length];
        var largest = new double[capacity.Length];
        for (var item = 0; item < items; item++)
        {
            Array.Clear(largest);
            foreach (var use in _uses.AsSpan(_useStart[_optionStart[item]].._useStart[_optionStart[item + 1]]))
            {
                if (use.Resource < capacity.Length)
                    largest[use.Resource] = Math.Max(largest[use.Resource], use.Amount);
            }

            for (var r = 0; r < most.Length; r++)
                most[r] += largest[r];
        }

        var (kept, from) = (0, 0);
        for (var option = 0; option < _options; option++)
        {
            var end = _useStart[option + 1];
            for (; from < end; from++)
            {
                var r = _uses[from].Resource;
                if (r >= capacity.Length || most[r] > capacity[r])
                    _uses[kept++] = _uses[from];
            }

            _useStart[option + 1] = kept;
        }

        _useCount = kept;
    }

    public OptionTable ToTable(SiteNodes sites, int shared)
    {
        DropLoose(sites.Capacity);
        return Make(sites, shared);
    }

    private OptionTable Make(SiteNodes sites, int shared) => new()
    {
        Items = items,
        Locals = sites.Capacity.Length,
        ResourceCount = sites.Capacity.Length + shared,
        OptionStart = _optionStart,
        Cost = _cost.AsSpan(0, _options).ToArray(),
        UseStart = _useStart.AsSpan(0, _options + 1).ToArray(),
        Uses = _uses.AsSpan(0, _useCount).ToArray(),
        Capacity = sites.Capacity,
        Running = _running,
        WasRunning = _wasRunning,
        Places = _places.AsSpan(0, _options).ToArray(),
    };
}
