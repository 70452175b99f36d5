using System.Globalization;
using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Placement.Planning;

/// <summary>Begins moves, follows them until they are made, and takes back those that were a mistake.</summary>
internal sealed class MoveKeeper(PlannerRules rules)
{
    private const double BadShare = 0.25;
    private readonly List<WorkloadTrack> _preparing = [];
    private readonly List<WorkloadTrack> _held = [];
    private readonly Dictionary<(string, string), PlannedPlace> _remembered = [];

    /// <summary>Workloads that are not where they should have been by now.</summary>
    public List<WorkloadTrack> Overdue { get; } = [];

    /// <summary>When the next hold ends.</summary>
    public long HeldUntilMicros { get; private set; } = long.MaxValue;

    /// <summary>Workloads joined or left since this was last read.</summary>
    public bool TakeJoined()
    {
        var joined = _joined;
        _joined = false;
        return joined;
    }

    private bool _joined;

    /// <summary>Places of workloads that were not reported yet.</summary>
    public IEnumerable<PlannedPlace> Remembered => _remembered.Values;

    public void Remember(PlannedPlace place) => _remembered[(place.Device, place.Workload)] = place;

    /// <summary>Takes the workloads of a report.</summary>
    /// <returns>Whether the state must be built anew; and whether a place turned out to miss a deadline.</returns>
    public (bool News, bool Missing) Take(DeviceTrack device, DeviceReport report, bool sameRun, long nowMicros)
    {
        var (news, missing) = (false, false);
        var tracks = device.Workloads;
        var same = tracks.Count == report.Workloads.Count;
        for (var at = 0; same && at < tracks.Count; at++)
            same = tracks[at].Report.Name == report.Workloads[at].Name;
        if (!same)
        {
            (news, _joined) = (true, true);
            device.Replace([.. report.Workloads.Select(workload => device.Find(workload.Name)
                ?? Join(device, workload, nowMicros))]);
            tracks = device.Workloads;
        }

        for (var at = 0; at < tracks.Count; at++)
        {
            var (track, now) = (tracks[at], report.Workloads[at]);
            if (!ReferenceEquals(track.Report, now) && FindMissing(track, now, sameRun, nowMicros))
                (news, missing) = (true, true);

            var before = track.Report;
            track.Report = now;
            news |= before.FollowsPlan != now.FollowsPlan;
            news |= Follow(track, nowMicros);
        }

        return (news, missing);
    }

    public void Begin(WorkloadTrack track, DecidedMove move, long nowMicros)
    {
        if (!move.Cause.IsChoice())
        {
            var relapsed = track.ReturnedMicros > 0
                && nowMicros - track.ReturnedMicros <= FleetPlanner.Micros(rules.RelapseWithin);
            var hold = FleetPlanner.Micros(rules.ReturnHold);
            track.ReturnHoldMicros = relapsed
                ? Math.Min(Math.Max(hold, track.ReturnHoldMicros) * 2, FleetPlanner.Micros(rules.ReturnHoldMax))
                : hold;
            track.HadToLeave = WorkloadTrack.NodeOf(move.To) != track.Device.Name;
        }
        else
        {
            track.LastChoiceMicros = nowMicros;
            if (move.Cause == MoveCause.Recovery)
                (track.HadToLeave, track.ReturnedMicros) = (false, nowMicros);
        }

        (track.Before, track.Placed, track.SinceMicros) = (track.Placed, move.To, nowMicros);
        (track.Reason, track.Candidate, track.CandidateSinceMicros) = (move.Reason, null, 0);
        // When an operator's word is taken back, what it moved need not wait.
        if (move.Cause is not (MoveCause.Pinned or MoveCause.Drained))
            track.MovedMicros = nowMicros;
        track.StartCounting();
        track.Active = track.RunsWhereItShall;
        if (track.Active)
            return;
        track.PreparingSinceMicros = nowMicros;
        if (!_preparing.Contains(track))
            _preparing.Add(track);
    }

    public void FindOverdue(long nowMicros)
    {
        Overdue.Clear();
        var within = FleetPlanner.Micros(rules.PrepareWithin);
        for (var at = _preparing.Count - 1; at >= 0; at--)
        {
            var track = _preparing[at];
            if (track.Active || track.Device.Site is null)
                _preparing.RemoveAt(at);
            else if (nowMicros - track.PreparingSinceMicros > within && !track.Device.Down
                && track.Device.Distrust is null)
                Overdue.Add(track);
        }
    }

    /// <summary>Lets what did not get to its place stay where it is, and avoids that place for a while.</summary>
    public IReadOnlyList<DecidedMove> TakeOverdue(long nowMicros)
    {
        if (Overdue.Count == 0)
            return [];
        var moves = new List<DecidedMove>(Overdue.Count);
        foreach (var track in Overdue)
        {
            var runs = track.Runs;
            var to = track.Before is { } before && WorkloadTrack.IsSame(runs, before) ? before : runs;
            var reason = string.Create(CultureInfo.InvariantCulture,
                $"stays on {to.Say()}: {track.Placed.Say()} was not ready for it within "
                + $"{rules.PrepareWithin.TotalSeconds:0.#} s");
            var move = new DecidedMove(
                -1, track.Device.Name, track.Report.Name, track.Placed, to, MoveCause.Refused, 0, reason);
            Begin(track, move, nowMicros);
            Hold(track, to, nowMicros);
            if (track.Device.Site is { } site)
                site.Dirty = true;
            moves.Add(move);
        }

        Overdue.Clear();
        return moves;
    }

    public void ReleaseHeld(long nowMicros)
    {
        HeldUntilMicros = long.MaxValue;
        for (var at = _held.Count - 1; at >= 0; at--)
        {
            var track = _held[at];
            if (nowMicros >= NextOf(track))
            {
                if (nowMicros >= track.HeldUntilMicros)
                    track.HeldAt = null;
                track.Avoids.At(nowMicros);
                if (track.Device.Site is { } site)
                    site.Dirty = true;
            }

            var next = track.Device.Site is null ? long.MaxValue : NextOf(track);
            if (next == long.MaxValue)
                _held.RemoveAt(at);
            HeldUntilMicros = Math.Min(HeldUntilMicros, next);
        }
    }

    private static long NextOf(WorkloadTrack track) =>
        Math.Min(track.HeldAt is null ? long.MaxValue : track.HeldUntilMicros, track.Avoids.NextMicros);

    private WorkloadTrack Join(DeviceTrack device, WorkloadReport report, long nowMicros)
    {
        if (_remembered.Remove((device.Name, report.Name), out var kept))
        {
            return new WorkloadTrack(device, report, kept.At)
            {
                Before = kept.Before,
                SinceMicros = kept.SinceMicros,
                // What moved just before the planner was started again is to settle all the same.
                MovedMicros = kept.Before is null ? 0 : kept.SinceMicros,
                LastChoiceMicros = kept.Before is null ? 0 : kept.SinceMicros,
                Reason = kept.Reason,
                // Whoever was away had its reason, which nobody remembers: it returns as one that had to leave.
                HadToLeave = kept.Node != device.Name,
            };
        }

        var runs = WorkloadTrack.RunsBy(device.Name, report);
        return new WorkloadTrack(device, report, runs)
        {
            SinceMicros = nowMicros,
            HadToLeave = runs.Node != device.Name,
            Reason = report.Privacy == Privacy.Device
                ? $"stays on {device.Name}: its windows must not leave the device"
                : $"starts on {runs.Say()}",
        };
    }

    /// <summary>Looks whether the workload is where it shall be.</summary>
    private bool Follow(WorkloadTrack track, long nowMicros)
    {
        if (!track.Report.FollowsPlan && !track.RunsWhereItShall)
        {
            track.Placed = track.Runs;
            track.SinceMicros = nowMicros;
            _joined = true;
        }

        var active = track.RunsWhereItShall;
        if (active == track.Active)
            return false;
        track.Active = active;
        track.StartCounting();
        if (active)
        {
            _joined = true;
            return true;
        }

        track.PreparingSinceMicros = nowMicros;
        _preparing.Add(track);
        return true;
    }

    /// <returns>True when its place turned out to miss its deadline, or is worse by now than it seemed.</returns>
    private bool FindMissing(WorkloadTrack track, WorkloadReport now, bool sameRun, long nowMicros)
    {
        var found = track.Count(now, sameRun, rules);
        var worse = track.Missing && track.MissedShare >= BadShare && track.Placed.Node != track.Device.Name
            && !track.Avoids.Has(track.Placed, nowMicros);
        return (found || worse) && (Avoid(track, nowMicros) || found);
    }

    /// <summary>Its place misses its deadline, and is not tried again for a while.</summary>
    /// <returns>False when another one would not be better.</returns>
    private bool Avoid(WorkloadTrack track, long nowMicros)
    {
        var (home, node) = (track.Device, WorkloadTrack.NodeOf(track.Placed));
        // What nobody else may answer stays; and a device that is full would miss more, so that work goes back to it
        // only from a place that is bad indeed.
        var stays = node == home.Name
            ? track.Report.Privacy == Privacy.Device
            : home.IsFull && track.MissedShare < BadShare;
        if (stays)
            return false;
        var again = track.Avoids.AddedMicros > 0
            && nowMicros - track.Avoids.AddedMicros <= FleetPlanner.Micros(rules.RelapseWithin);
        track.Avoids.Add(track.Placed, nowMicros, rules);
        if (node == home.Name)
            track.HeldAt = null;
        else if ((again || LeftHomeByChoice(track)) && !track.Report.Excluded.HasFlag(OffloadChoices.Local))
            // After two places in a row it is the way there that is at fault; and where it was well it is well again.
            Hold(track, new RunsAt(ProfileBook.Whole, home.Name), nowMicros);
        Watch(track);
        return true;
    }

    private static bool LeftHomeByChoice(WorkloadTrack track) =>
        !track.HadToLeave && track.Before?.Node == track.Device.Name && !track.Device.IsFull;

    private void Hold(WorkloadTrack track, RunsAt place, long nowMicros)
    {
        var (first, most) = (FleetPlanner.Micros(rules.AvoidFor), FleetPlanner.Micros(rules.AvoidForMax));
        var recent = track.HoldMicros > 0 && nowMicros - track.HeldUntilMicros < most;
        track.HoldMicros = recent ? Math.Min(track.HoldMicros * 2, most) : first;
        (track.HeldAt, track.HeldUntilMicros) = (place, nowMicros + track.HoldMicros);
        Watch(track);
    }

    private void Watch(WorkloadTrack track)
    {
        if (!_held.Contains(track))
            _held.Add(track);
        HeldUntilMicros = Math.Min(HeldUntilMicros, NextOf(track));
    }
}
