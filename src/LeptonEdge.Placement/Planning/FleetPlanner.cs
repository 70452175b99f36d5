using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Placement.Planning;

/// <summary>Decides where work runs, without I/O: reports in, moves out. Whoever drives it holds the connections and
/// the clock. One thread at a time.</summary>
/// <remarks>
/// Times are microseconds since 1970-01-01 UTC. <see cref="Observe"/> takes each device's report; one that says nothing
/// new may be told by <see cref="Heard"/> instead, which costs next to nothing. <see cref="Tick"/>, called about each
/// second or after a report, decides when there is something to decide. A move is in force at once in <see
/// cref="PlaceOf"/>; it is active when the device's report says that the workload runs there (make before break).
/// Equal calls give equal moves.
/// </remarks>
public sealed class FleetPlanner
{
    private readonly PlannerRules _rules;
    private readonly IFleetSolver _solver;
    private readonly ProfileBook _profiles = new();
    private readonly FleetBuilder _builder;
    private readonly Attendance _attendance;
    private readonly Reception _reception;
    private readonly MoveKeeper _moves;
    private readonly MoveRate _choices = new();
    private readonly MoveRate _forced = new();
    private readonly List<WorkloadTrack> _candidates = [];

    // What was found sound needs no second look, for it is immutable.
    private readonly HashSet<SiteState> _sound = new(ReferenceEqualityComparer.Instance);
    private long _consideredMicros;
    private long _retryMicros = long.MaxValue;
    private bool _urgent;
    private bool _soft;
    private object? _start;

    /// <param name="incremental">Each solve starts from what the last one ended with: quicker in a large fleet. Without
    /// it every decision can be recomputed from its own inputs alone.</param>
    /// <exception cref="ArgumentException">The rules are outside their limits.</exception>
    public FleetPlanner(PlannerRules rules, IFleetSolver solver, bool incremental = false)
    {
        if (rules.Faults().FirstOrDefault() is { } fault)
            throw new ArgumentException(fault, nameof(rules));
        (_rules, _solver, Incremental) = (rules, solver, incremental);
        _builder = new FleetBuilder(rules, _profiles);
        _attendance = new Attendance(rules, _builder);
        _moves = new MoveKeeper(rules);
        _reception = new Reception(rules, _profiles, _builder, _attendance, _moves);
    }

    public bool Incremental { get; }

    public PlanControls Controls { get; private set; } = PlanControls.None;

    public ulong Version { get; private set; }

    public long MadeMicros { get; private set; }

    /// <summary>The last decision; null before the first.</summary>
    public PlanDecision? Last { get; private set; }

    /// <summary>What models cost, on boards that are known; boards that are not are measured.</summary>
    public void SetModels(IReadOnlyList<ModelProfile> models)
    {
        _profiles.Give(models);
        _builder.AllDirty();
        _urgent = true;
    }

    /// <summary>The hub's machines and pools. The same ones again change nothing.</summary>
    public void SetHub(IReadOnlyList<HubNode> nodes) => _urgent |= _builder.SetHub(nodes);

    /// <summary>Takes how many cores of a machine of the hub, or places of a pool, are busy now, with all that runs
    /// there: what others ask of it leaves the plan that much less.</summary>
    public void ObserveHub(string node, double busy, long nowMicros) =>
        _soft |= _builder.ObserveHub(node, busy, nowMicros);

    /// <summary>The link between a site and the hub, where its devices share one.</summary>
    public void SetUplink(string site, LinkState uplink)
    {
        _builder.Site(site).Uplink = uplink;
        _builder.Site(site).Dirty = true;
        _soft = true;
    }

    public void SetControls(PlanControls controls)
    {
        Controls = controls;
        foreach (var device in _attendance.Devices.Values)
            device.Drained = controls.Drained.Contains(device.Name);
        _builder.AllDirty();
        _urgent = true;
    }

    /// <summary>Takes up the plan of an earlier run: workloads are where it says when they report.</summary>
    public void Restore(PlanInForce plan)
    {
        (Version, MadeMicros) = (plan.Version, plan.MadeMicros);
        foreach (var place in plan.Places)
            _moves.Remember(place);
    }

    /// <summary>The device was heard, and nothing is new.</summary>
    public void Heard(string device, long nowMicros)
    {
        if (Find(device) is { } track)
            _urgent |= _attendance.Hear(track, nowMicros);
    }

    /// <summary>Takes a device's report. One that cannot be is not believed, and neither are the next ones for a
    /// while.</summary>
    /// <returns>False when the fleet is full.</returns>
    public bool Observe(DeviceReport report, long nowMicros)
    {
        if (_attendance.FindOrAdd(report.Device, Controls.Drained.Contains(report.Device)) is not { } device)
            return false;
        var news = _reception.Receive(device, report, nowMicros);
        _soft |= news.IsSoft;
        _urgent |= news.IsUrgent;
        return true;
    }

    /// <summary>The device is no longer part of the fleet.</summary>
    public void Forget(string device)
    {
        _urgent |= _attendance.Remove(device);
    }

    /// <summary>Decides what is to be decided now. Without news it does nothing.</summary>
    public PlanStep Tick(long nowMicros)
    {
        _urgent |= _attendance.Advance(nowMicros);
        _moves.FindOverdue(nowMicros);
        var consider = (_soft || nowMicros >= _retryMicros)
            && nowMicros - _consideredMicros >= Micros(_rules.ConsiderEvery);
        var due = _urgent || consider || nowMicros >= _moves.HeldUntilMicros;
        if (!due && !_attendance.HasMarks && _moves.Overdue.Count == 0)
            return PlanStep.None;
        var refused = _moves.TakeOverdue(nowMicros);
        if (!due && refused.Count == 0)
            return Marked(nowMicros);
        _moves.ReleaseHeld(nowMicros);
        if (consider)
        {
            _builder.TakeChanged();
            (_soft, _consideredMicros) = (false, nowMicros);
        }

        var inputs = Inputs(nowMicros, Controls);
        var faults = SnapshotCheck.Faults(inputs.Fleet, site => !_sound.Contains(site));
        if (faults.Count > 0)
            return Refuse(faults, refused, nowMicros);
        _sound.Clear();
        _sound.UnionWith(inputs.Fleet.Sites);
        var decision = Decider.Decide(inputs, _solver, Incremental ? _start : null);
        return Apply(inputs, decision, refused, nowMicros);
    }

    /// <summary>Why the last fleet state could not be planned with; empty when it could. The plan in force
    /// stayed.</summary>
    public IReadOnlyList<string> Faults { get; private set; } = [];

    /// <summary>What would be decided now, under these controls; nothing changes.</summary>
    public PlanDecision DryRun(long nowMicros, PlanControls? controls = null) =>
        Decider.Decide(Inputs(Math.Max(nowMicros, _attendance.NowMicros), controls ?? Controls), _solver);

    /// <summary>Decides again what was decided from these inputs.</summary>
    public static PlanDecision Recompute(DecisionInputs inputs, IFleetSolver solver) => Decider.Decide(inputs, solver);

    /// <summary>Where a workload runs by the plan in force; null when it is not known.</summary>
    public PlannedPlace? PlaceOf(string device, string workload) =>
        Find(device)?.Find(workload)?.Show();

    /// <summary>The plan in force, built anew.</summary>
    public PlanInForce CurrentPlan() => new(
        Version, MadeMicros,
        [.. _attendance.Devices.Values.SelectMany(device => device.Workloads).Select(track => track.Show())
            .Concat(_moves.Remembered).OrderBy(place => place.Device, StringComparer.Ordinal)],
        Last?.Proposal.CostPerHour ?? 0, Last?.Proposal.BoundPerHour ?? 0, Last?.Proposal.Gap ?? 0);

    public IEnumerable<DeviceStanding> Devices =>
        _attendance.Devices.Values.OrderBy(device => device.Name, StringComparer.Ordinal)
            .Select(device => new DeviceStanding(
            device.Name, device.Down, device.Drained, device.Distrust, device.SeenMicros, device.MeasuredMicros,
            device.Foreign, device.PlacedCores, device.Speed));

    /// <summary>Why a workload is where it is, and what else there would be; null when it is not known.</summary>
    public PlaceExplanation? Explain(string device, string workload, long nowMicros)
    {
        if (Find(device)?.Find(workload) is not { } track)
            return null;
        var inputs = Inputs(Math.Max(nowMicros, _attendance.NowMicros), Controls);
        return Explainer.Explain(inputs, Decider.Decide(inputs, _solver), track.Show());
    }

    private DeviceTrack? Find(string device) => _attendance.Devices.GetValueOrDefault(device);

    private DecisionInputs Inputs(long nowMicros, PlanControls controls)
    {
        var fleet = _builder.Build(controls, nowMicros);
        return new DecisionInputs(
            nowMicros, fleet, _builder.Standings(), _builder.Calm(), controls.IsBlackout(nowMicros),
            _choices.Left(_rules.MovesPerMinute, nowMicros), _forced.Left(_rules.ForcedMovesPerMinute, nowMicros),
            DecisionRules.Of(_rules));
    }

    private PlanStep Marked(long nowMicros)
    {
        NoteMarks(nowMicros);
        return new PlanStep(true, [], null, null);
    }

    private void NoteMarks(long nowMicros)
    {
        if (_attendance.TakeMarks())
            NewVersion(nowMicros);
    }

    private void NewVersion(long nowMicros) => (Version, MadeMicros) = (Version + 1, nowMicros);

    private PlanStep Refuse(IReadOnlyList<string> faults, IReadOnlyList<DecidedMove> refused, long nowMicros)
    {
        Faults = faults;
        (_urgent, _retryMicros) = (false, long.MaxValue);
        var before = Version;
        NoteMarks(nowMicros);
        if (refused.Count > 0)
            NewVersion(nowMicros);
        return new PlanStep(Version != before, refused, null, null);
    }

    private PlanStep Apply(
        DecisionInputs inputs, PlanDecision decision, IReadOnlyList<DecidedMove> refused, long nowMicros)
    {
        (Last, Faults, _start) = (decision, [], decision.Proposal.End);
        (_urgent, _retryMicros) = (false, long.MaxValue);
        var before = Version;
        if (_moves.TakeJoined() | (decision.Moves.Count + refused.Count > 0))
            NewVersion(nowMicros);
        foreach (var move in decision.Moves)
        {
            var track = _builder.At(move.Index);
            (move.Cause.IsChoice() ? _choices : _forced).Count(nowMicros);
            _moves.Begin(track, move, nowMicros);
            _builder.Dirty(track.Device);
        }

        NoteMarks(nowMicros);
        NoteWaiting(decision.Waiting);
        return new PlanStep(
            Version != before, refused.Count == 0 ? decision.Moves : [.. refused, .. decision.Moves], inputs, decision);
    }

    private void NoteWaiting(IReadOnlyList<WaitingMove> waiting)
    {
        foreach (var track in _candidates)
            (track.Candidate, track.CandidateSinceMicros) = (null, 0);
        _candidates.Clear();
        foreach (var wait in waiting)
        {
            if (wait.RetryMicros > 0)
                _retryMicros = Math.Min(_retryMicros, wait.RetryMicros);
            if (wait.SinceMicros == 0)
                continue;
            var track = _builder.At(wait.Index);
            (track.Candidate, track.CandidateSinceMicros) = (wait.To, wait.SinceMicros);
            _candidates.Add(track);
        }
    }

    internal static long Micros(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;
}
