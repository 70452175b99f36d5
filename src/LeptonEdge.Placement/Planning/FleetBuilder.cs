using LeptonEdge.Core.Pricing;
using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Placement.Planning;

/// <summary>From what is known of devices to a fleet's state. Sites in which nothing changed keep their
/// object.</summary>
internal sealed class FleetBuilder(PlannerRules rules, ProfileBook profiles)
{
    // A window that comes once in a quarter of an hour still wants a place.
    private const double WindowsMin = 1e-3;
    private const double Noticeable = 0.1;

    private readonly Dictionary<string, SiteTrack> _sites = [];
    private readonly List<WorkloadTrack> _order = [];
    private readonly Dictionary<string, DeviceTrack> _devices = [];
    private readonly HubTrack _hub = new(rules);
    private PinKeeper? _pins;
    private PlanControls? _controls;

    public SiteTrack Site(string name)
    {
        if (!_sites.TryGetValue(name, out var site))
            _sites[name] = site = new SiteTrack(name);
        return site;
    }

    /// <returns>True when they are others than before.</returns>
    public bool SetHub(IReadOnlyList<HubNode> nodes)
    {
        if (!_hub.Set(nodes))
            return false;
        AllDirty();
        return true;
    }

    public bool IsPool(string node) => _hub.Find(node) is { IsPool: true };

    /// <summary>As <see cref="HubTrack.Observe"/>.</summary>
    public bool ObserveHub(string node, double busy, long nowMicros) => _hub.Observe(node, busy, nowMicros);

    public void AllDirty()
    {
        foreach (var site in _sites.Values)
            site.Dirty = true;
    }

    public void Dirty(DeviceTrack device)
    {
        if (device.Site is { } site)
            site.Dirty = true;
    }

    /// <summary>Puts the device where its report says that it belongs.</summary>
    public void Place(DeviceTrack device)
    {
        var report = device.Report!;
        // What does not serve its peers is no place for them: it is a site of its own.
        var name = report.ServesPeers ? report.Site : $"{report.Site}/{report.Device}";
        if (device.Site?.Name == name)
            return;
        Remove(device);
        device.Site = Site(name);
        device.Site.Devices.Add(device);
        device.Site.Devices.Sort(static (one, other) => string.CompareOrdinal(one.Name, other.Name));
        device.Site.Dirty = true;
        _devices[device.Name] = device;
    }

    public void Remove(DeviceTrack device)
    {
        _devices.Remove(device.Name);
        if (device.Site is not { } site)
            return;
        site.Devices.Remove(device);
        site.Dirty = true;
        if (site.Devices.Count == 0)
            _sites.Remove(site.Name);
        device.Site = null;
    }

    /// <summary>Whether the device's figures differ by more than noise from what was built of them. Its site is then
    /// built anew when <see cref="TakeChanged"/> says so.</summary>
    public bool Compare(DeviceTrack device, long nowMicros)
    {
        if (device.Site is not { Dirty: false, Changed: false } site)
            return true;
        if (device.Built is { } built && !device.Differs(built, rules)
            && !device.Workloads.Any(track => Differs(track, nowMicros)))
            return false;
        site.Changed = true;
        return true;
    }

    /// <summary>What changed without need of haste is built anew, too.</summary>
    public void TakeChanged()
    {
        foreach (var site in _sites.Values)
            site.Dirty |= site.Changed;
    }

    public FleetState Build(PlanControls controls, long nowMicros)
    {
        if (!ReferenceEquals(controls, _controls))
            TakeControls(controls);
        PlacedLoads.Count(_devices, _hub, profiles);
        _hub.Build(controls.Drained);
        _order.Clear();
        var sites = new List<SiteState>(_sites.Count);
        foreach (var site in _sites.Values.OrderBy(site => site.Name, StringComparer.Ordinal))
        {
            if (site.Devices.Count == 0)
                continue;
            if (site.Dirty || site.State is null)
                Build(site, controls, nowMicros);
            sites.Add(site.State!);
            _order.AddRange(site.Order);
        }

        return new FleetState(sites, _hub.Workers, _hub.Pools, profiles.Models, rules.Objective);
    }

    /// <summary>The workload at a place of the state built last.</summary>
    public WorkloadTrack At(int index) => _order[index];

    public IReadOnlyList<Standing> Standings()
    {
        var standings = new Standing[_order.Count];
        for (var at = 0; at < standings.Length; at++)
        {
            var track = _order[at];
            var hold = track.ReturnHoldMicros > 0
                ? track.ReturnHoldMicros
                : FleetPlanner.Micros(rules.ReturnHold);
            standings[at] = new Standing(
                track.LastChoiceMicros, track.Candidate, track.CandidateSinceMicros, hold, track.HadToLeave,
                track.Missing, track.HeldAt is { } held && track.Built is { } built
                    && built.PinnedTo == held.Node && built.PinnedRecipe == held.Recipe)
            {
                MovedMicros = track.MovedMicros,
            };
        }

        return standings;
    }

    /// <summary>Of devices that have a load of their own, sorted by name.</summary>
    public IReadOnlyList<NodeCalm> Calm()
    {
        var calm = new List<NodeCalm>();
        foreach (var device in _devices.Values)
        {
            if (device.Foreign > Noticeable * device.Speed)
                calm.Add(new NodeCalm(
                    device.Name, device.CalmCores(rules), Grid.Share(device.Report!.Utilisation),
                    Grid.Share(device.Ahead / device.Speed)) { Speed = device.Speed });
        }

        calm.Sort(static (one, other) => string.CompareOrdinal(one.Node, other.Node));
        return calm;
    }

    private void TakeControls(PlanControls controls)
    {
        _controls = controls;
        _pins = new PinKeeper(controls, _devices, _hub);
        AllDirty();
    }

    private void Build(SiteTrack site, PlanControls controls, long nowMicros)
    {
        site.Order.Clear();
        site.UplinkRttSeconds = UplinkRtt(site);
        site.MostToHubBytes = site.Devices.Max(device => device.MostToHubBytes);
        var devices = new List<NodeState>(site.Devices.Count);
        var workloads = new List<WorkloadState>();
        foreach (var device in site.Devices)
        {
            var state = device.ToState(rules);
            if (state.Drained != controls.Drained.Contains(device.Name))
                state = state with { Drained = !state.Drained };
            (device.Built, device.BuiltToHubBytes) = (state, device.ToHubBytes);
            devices.Add(state);
            foreach (var track in device.Workloads)
            {
                track.Built = Describe(track, nowMicros);
                if (track.Built is not { } workload)
                    continue;
                workloads.Add(workload);
                site.Order.Add(track);
            }
        }

        site.State = new SiteState(site.Name, Uplink(site), devices, workloads);
        (site.Dirty, site.Changed) = (false, false);
    }

    /// <summary>Between devices of a site bytes cost nothing; what leaves it does. It carries what it was set to, or
    /// less: what the device that gets most through gets, beside what the others send.</summary>
    private LinkState Uplink(SiteTrack site)
    {
        var set = site.Uplink ?? new LinkState(
            double.PositiveInfinity, site.UplinkRttSeconds,
            rules.Book.For(NodeKind.Device, site.Devices[0].Report!.Site).GigabyteMoved);
        var sent = site.Devices.Sum(device => device.HubBytes);
        var bytes = site.Devices.Max(device => device.ToHubBytes + sent - device.HubBytes) ?? double.PositiveInfinity;
        return set with { BytesPerSecond = Grid.Amount(rules.LinkBusy * Math.Min(set.BytesPerSecond, bytes)) };
    }

    /// <summary>Devices measure their way to the hub alone. Of that, all but a local network's round trip lies between
    /// the site and the hub, where several devices share a site.</summary>
    private double UplinkRtt(SiteTrack site)
    {
        if (site.Uplink is { } uplink)
            return uplink.RttSeconds;
        var least = site.Devices.Count < 2
            ? 0
            : site.Devices.Where(device => device.LinkUp).Select(device => device.RttSeconds).DefaultIfEmpty().Min();
        return Math.Max(0, least - rules.SiteRtt.TotalSeconds);
    }

    /// <returns>Null for a workload that cannot be planned: its device is down and it with it, or nobody knows yet what
    /// it costs.</returns>
    private WorkloadState? Describe(WorkloadTrack track, long nowMicros)
    {
        var (report, device) = (track.Report, track.Device);
        if (device.Down && !report.OutlivesDevice)
            return null;
        var atHome = WorkloadTrack.NodeOf(track.Placed) == device.Name;
        if (!profiles.Knows(report.Model)
            || (atHome && profiles.Find(report.Model, device.Report!.Board) is null))
            return null;
        var pin = _pins!.PinOf(track, nowMicros);
        return new WorkloadState(
            report.Name, device.Name, report.Model, Math.Max(WindowsMin, report.WindowsPerSecond), report.WindowBytes,
            report.DeadlineSeconds, report.Priority, report.Privacy)
        {
            Running = track.Placed,
            PinnedTo = pin?.Node,
            PinnedRecipe = pin?.Recipe,
            Excluded = ChoiceRules.Excluded(track, nowMicros),
            FarShare = ChoiceRules.FarShare(track),
            OutlivesDevice = report.OutlivesDevice,
            Settles = track.Settles(rules, nowMicros),
            // Whoever is held has no choice.
            Avoids = pin is null ? track.Avoids.At(nowMicros) : [],
        };
    }

    private bool Differs(WorkloadTrack track, long nowMicros)
    {
        if (track.Built is not { } built)
            return profiles.Find(track.Report.Model, track.Device.Report!.Board) is not null;
        var report = track.Report;
        var rate = Math.Max(WindowsMin, report.WindowsPerSecond);
        return Math.Abs(rate - built.WindowsPerSecond) > Noticeable * built.WindowsPerSecond
            || Math.Abs(report.WindowBytes - built.WindowBytes) > Noticeable * built.WindowBytes
            || report.DeadlineSeconds != built.DeadlineSeconds || report.Priority != built.Priority
            || report.Privacy != built.Privacy || report.Model != built.Model
            || ChoiceRules.Differ(track, built, nowMicros)
            || report.OutlivesDevice != built.OutlivesDevice || built.Settles != track.Settles(rules, nowMicros);
    }
}
