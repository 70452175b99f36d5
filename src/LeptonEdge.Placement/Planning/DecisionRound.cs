using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Placement.Planning;

/// <summary>One decision while it is made.</summary>
internal sealed class DecisionRound
{
    private readonly DecisionInputs _inputs;
    private readonly Proposal _proposal;
    private readonly FleetLedger _ledger;
    private readonly List<(int Site, WorkloadState Workload)> _all = [];
    private readonly Dictionary<string, NodeCalm> _calm = [];
    private readonly List<DecidedMove> _moves = [];
    private readonly List<WaitingMove> _waiting = [];
    private readonly List<Homeless> _homeless = [];
    private readonly HashSet<string> _wantedRoom = [];
    private string? _over;
    private int _choicesLeft;
    private int _forcedLeft;

    public DecisionRound(DecisionInputs inputs, Proposal proposal)
    {
        (_inputs, _proposal, _ledger) = (inputs, proposal, new FleetLedger(inputs.Fleet));
        (_choicesLeft, _forcedLeft) = (inputs.ChoicesLeft, inputs.ForcedLeft);
        foreach (var calm in inputs.Calm)
            _calm[calm.Node] = calm;
        SetFull();
        for (var site = 0; site < inputs.Fleet.Sites.Count; site++)
        {
            foreach (var workload in inputs.Fleet.Sites[site].Workloads)
            {
                _all.Add((site, workload));
                _ledger.Judge(site, workload, workload.Running!);
                _ledger.Loads.Add();
            }
        }
    }

    public PlanDecision Run()
    {
        var open = new List<int>();
        for (var at = 0; at < _all.Count; at++)
        {
            if (_proposal.Places[at] is not { } wanted)
                Shelter(at);
            else if (wanted != _all[at].Workload.Running)
                open.Add(at);
        }

        // Whoever has moved just now comes last: others may leave it room. Of the rest whoever matters most moves first,
        // and of those whoever has the least time.
        open.Sort((one, other) => Compare(one, other));
        while (TryForced(open))
        {
            // A move may have left room that another one waited for.
        }

        foreach (var at in open)
            Choose(at);
        return new PlanDecision(_moves, _waiting, _homeless, _proposal);
    }

    private int Compare(int one, int other)
    {
        var (a, b) = (_all[one].Workload, _all[other].Workload);
        var order = Settles(_inputs.Standings[one]).CompareTo(Settles(_inputs.Standings[other]));
        order = order != 0 ? order : b.Priority.CompareTo(a.Priority);
        order = order != 0 ? order : a.DeadlineSeconds.CompareTo(b.DeadlineSeconds);
        return order != 0 ? order : one.CompareTo(other);
    }

    private bool TryForced(List<int> open)
    {
        var (moved, asked) = (false, _wantedRoom.Count);
        for (var at = 0; at < open.Count && _forcedLeft > 0; at++)
        {
            var index = open[at];
            var (site, workload) = _all[index];
            var now = _ledger.Judge(site, workload, workload.Running!);
            if (Force(index, now) is not { } cause)
                continue;
            var (to, lacks) = TryMove(index);
            if (lacks is not null)
            {
                _wantedRoom.Add(lacks);
                continue;
            }

            _forcedLeft--;
            Take(index, _proposal.Places[index]!, cause, now, to);
            open.RemoveAt(at--);
            moved = true;
        }

        return moved || _wantedRoom.Count > asked;
    }

    /// <summary>What forces the workload judged last to leave; null when nothing does.</summary>
    private MoveCause? Force(int index, in Footing now)
    {
        var workload = _all[index].Workload;
        var standing = _inputs.Standings[index];
        var settles = Settles(standing);
        _over = null;
        if (now.Limit is null)
        {
            _over = _ledger.Loads.Over();
            if (_over is not null && !settles)
                return MoveCause.Threatened;
            if (standing.Missing)
                return MoveCause.Missed;
            if (settles)
                return _ledger.Loads.IsFull() ? MoveCause.Late : null;
            return _wantedRoom.Count > 0 && _ledger.Loads.Uses(_wantedRoom) ? MoveCause.Yields : null;
        }

        if (now.Limit == FleetLedger.Deadline)
        {
            return double.IsPositiveInfinity(now.LatencySeconds) ? MoveCause.LinkLost
                : settles ? MoveCause.Late : MoveCause.Threatened;
        }

        var running = workload.Running!;
        var nodes = new[] { running.Near, running.Far }.Select(_ledger.Number).Where(node => node >= 0).ToList();
        var isHeldElsewhere = (workload.PinnedTo is { } pin && pin != running.Node)
            || (workload.PinnedRecipe is { } only && only != running.Recipe);
        if (isHeldElsewhere && !standing.Held)
            return MoveCause.Pinned;
        // Whoever dies misses deadlines before it is known to be down.
        if (nodes.Any(node => _ledger.Node(node).Down))
            return MoveCause.NodeDown;
        if (isHeldElsewhere || workload.AvoidsThat(running.Recipe, running.Node))
            return MoveCause.Missed;
        return nodes.Any(node => _ledger.Node(node).Drained) ? MoveCause.Drained : MoveCause.Refused;
    }

    /// <summary>Its last move is to settle: only a failure moves it again.</summary>
    private bool Settles(in Standing standing) =>
        standing.MovedMicros > 0 && _inputs.NowMicros - standing.MovedMicros < _inputs.Rules.SettleMicros;

    /// <summary>Moves it in the ledger if there is room.</summary>
    private (Footing To, string? Lacks) TryMove(int index)
    {
        var (site, workload) = _all[index];
        _ledger.Judge(site, workload, workload.Running!);
        _ledger.Loads.Remove();
        var to = _ledger.Judge(site, workload, _proposal.Places[index]!);
        var lacks = to.Limit ?? _ledger.Loads.Lacks();
        if (lacks is null)
        {
            _ledger.Loads.Add();
            return (to, null);
        }

        _ledger.Judge(site, workload, workload.Running!);
        _ledger.Loads.Add();
        return (to, lacks);
    }

    private void Choose(int index)
    {
        var (site, workload) = _all[index];
        var from = _ledger.Judge(site, workload, workload.Running!);
        if (Force(index, from) is { } forced)
        {
            Wait(index, from, default, $"room ({forced})", 0, 0);
            return;
        }

        var to = _ledger.Judge(site, workload, _proposal.Places[index]!);
        var gain = from.CostPerHour - to.CostPerHour;
        var prices = _inputs.Fleet.Prices;
        if (to.Limit is not null || !(gain > prices.PerMove / prices.MovePaysWithinHours))
            return;
        var standing = _inputs.Standings[index];
        if (Calm(index, from, to) is { } restless)
        {
            Wait(index, from, to, restless, 0, 0);
            return;
        }

        var since = standing.Candidate == _proposal.Places[index] && standing.CandidateSinceMicros > 0
            ? standing.CandidateSinceMicros
            : _inputs.NowMicros;
        var returns = standing.HadToLeave && Returns(workload, _proposal.Places[index]!);
        var moved = Math.Max(standing.LastChoiceMicros, standing.MovedMicros);
        var settled = moved + _inputs.Rules.SettleMicros;
        var hold = returns ? standing.ReturnHoldMicros : _inputs.Rules.HoldMicros;
        if (_inputs.NowMicros - since < hold)
            Wait(index, from, to, FormattableString.Invariant($"{hold / 1e6:0.#} s of it"), since, since + hold);
        else if (moved > 0 && _inputs.NowMicros < settled)
            Wait(index, from, to, "its last move to have settled", since, settled);
        else if (_inputs.Blackout)
            Wait(index, from, to, "the end of the blackout", since, _inputs.NowMicros + Minute);
        else if (_choicesLeft <= 0)
            Wait(index, from, to, "its turn: enough has moved this minute", since, _inputs.NowMicros + Second);
        else if (TryMove(index).Lacks is { } lacks)
            Wait(index, from, to, $"room ({lacks})", since, _inputs.NowMicros + Second);
        else
        {
            _choicesLeft--;
            var cause = returns ? MoveCause.Recovery : MoveCause.Gain;
            Take(index, _proposal.Places[index]!, cause, from, to);
        }
    }

    /// <summary>All of it is at home then, or at least a part where nothing was.</summary>
    private static bool Returns(WorkloadState workload, RunsAt place) =>
        place.Near == workload.Device && (place.Far is null || workload.Running!.Near != workload.Device);

    /// <summary>Says how much nodes could do, were they filled until nothing waits in bounds any more.</summary>
    private void SetFull()
    {
        var rules = _inputs.Rules;
        for (var node = 0; node < _ledger.Nodes; node++)
        {
            var (state, busy) = (_ledger.Node(node), node < _ledger.Devices ? rules.LaneBusy : rules.HubBusy);
            var cores = _calm.TryGetValue(state.Name, out var calm) && calm.Speed > 0
                ? Math.Max(state.Capacity.Cores, (Full - calm.Ahead) * calm.Speed)
                : state.Capacity.Cores * Full / busy;
            _ledger.Loads.SetFull(node, cores, state.Capacity.Accelerators * Full / busy);
        }
    }

    // A node as busy as this keeps nobody's deadline.
    private const double Full = 0.95;
    private const long Second = 1_000_000;
    private const long Minute = 60 * Second;

    /// <summary>Why the target is no place to go to by choice yet; null when it is calm.</summary>
    private string? Calm(int index, in Footing from, in Footing to)
    {
        var workload = _all[index].Workload;
        if (to.LatencySeconds > _inputs.Rules.ReturnShare * workload.DeadlineSeconds
            && to.LatencySeconds > from.LatencySeconds)
            return "quicker answers there";
        var place = _proposal.Places[index]!;
        return Restless(index, place.Near) ?? (place.Far is { } far ? Restless(index, far) : null);
    }

    private string? Restless(int index, string name)
    {
        var node = _ledger.Number(name);
        if (node >= _ledger.Devices)
            return null;
        var (site, workload) = _all[index];
        var loads = _ledger.Loads;
        // What it takes there already is no news to the device.
        _ledger.Judge(site, workload, workload.Running!);
        var (cores, accelerators) = (-loads.CoresOf(node), -loads.AcceleratorsOf(node));
        _ledger.Judge(site, workload, _proposal.Places[index]!);
        (cores, accelerators) = (cores + loads.CoresOf(node), accelerators + loads.AcceleratorsOf(node));
        var capacity = _ledger.Node(node).Capacity.Cores;
        var calm = _calm.TryGetValue(name, out var known)
            ? Math.Min(known.Cores, capacity)
            : capacity * _inputs.Rules.CalmShare;
        if (cores > 0 && loads.CoresTaken(node) + cores > calm)
            return "the device to be calm";
        var most = _ledger.Node(node).Capacity.Accelerators * _inputs.Rules.CalmShare;
        return accelerators > 0 && loads.AcceleratorsTaken(node) + accelerators > most
            ? "its accelerator to be calm"
            : null;
    }

    private void Take(int index, RunsAt place, MoveCause cause, in Footing from, in Footing to)
    {
        var workload = _all[index].Workload;
        _moves.Add(new DecidedMove(
            index, workload.Device, workload.Name, workload.Running!, place, cause,
            from.CostPerHour - to.CostPerHour is var gain && double.IsFinite(gain) ? gain : 0,
            MoveSentences.Say(workload, place, cause, from, to, LoadOf(workload.Running!), _over)));
    }

    private NodeCalm? LoadOf(RunsAt place) => _calm.TryGetValue(place.Near, out var load) ? load : null;

    private void Wait(int index, in Footing from, in Footing to, string waitsFor, long since, long retry)
    {
        var workload = _all[index].Workload;
        var gain = from.CostPerHour - to.CostPerHour;
        _waiting.Add(new WaitingMove(
            index, workload.Device, workload.Name, workload.Running!, _proposal.Places[index]!,
            double.IsFinite(gain) ? gain : 0, waitsFor, since, retry));
    }

    /// <summary>A workload that fits nowhere still has to be somewhere: where its pin says, or where it is late by far
    /// the least, or else on its own device, which answers as well as it can.</summary>
    private void Shelter(int index)
    {
        var (site, workload) = _all[index];
        var now = _ledger.Judge(site, workload, workload.Running!);
        NoteHomeless(index, now);
        if (Force(index, now) is not { } cause)
            return;
        var (place, to) = Refuge.Find(_inputs.Fleet, _ledger, site, workload);
        if (place != workload.Running)
            Take(index, place, cause, now, to);
    }

    private void NoteHomeless(int index, in Footing now)
    {
        var workload = _all[index].Workload;
        var limit = _proposal.Explain?.Invoke(index)
            ?? (now.Limit is { } reason ? $"where it is: {reason}" : "no place has room for it");
        _homeless.Add(new Homeless(workload.Device, workload.Name, limit));
    }
}
