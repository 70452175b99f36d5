using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Placement.Planning;

/// <summary>What the planner knows of one workload.</summary>
internal sealed class WorkloadTrack(DeviceTrack device, WorkloadReport report, RunsAt placed)
{
    private static readonly TimeSpan UnsureConstant = TimeSpan.FromSeconds(30);
    private readonly Queue<(long Answered, long Missed)> _window = [];
    private Measured _unsure;
    private (long Answered, long Missed) _inWindow;

    public DeviceTrack Device => device;

    public WorkloadReport Report
    {
        get;
        set
        {
            if (value.RunsOn != field.RunsOn || value.Recipe != field.Recipe)
                Runs = RunsBy(device.Name, value);
            field = value;
        }
    } = report;

    /// <summary>Where it shall run by the plan in force.</summary>
    public RunsAt Placed { get; set; } = placed;

    /// <summary>Where it ran before that; null before its first move.</summary>
    public RunsAt? Before { get; set; }

    public string Reason { get; set; } = "";

    public long SinceMicros { get; set; }

    /// <summary>It runs where it shall.</summary>
    public bool Active { get; set; } = true;

    public long PreparingSinceMicros { get; set; }

    /// <summary>Its last move, forced or not; 0 never.</summary>
    public long MovedMicros { get; set; }

    /// <summary>Its last move by choice; 0 never.</summary>
    public long LastChoiceMicros { get; set; }

    /// <summary>It is away from its device because it had to leave.</summary>
    public bool HadToLeave { get; set; }

    public long ReturnedMicros { get; set; }

    public long ReturnHoldMicros { get; set; }

    /// <summary>Where it would go, and since when that is worth it.</summary>
    public RunsAt? Candidate { get; set; }

    public long CandidateSinceMicros { get; set; }

    /// <summary>The place that it stays at for now, because another one failed it; null when it is free.</summary>
    public RunsAt? HeldAt { get; set; }

    /// <summary>Until when <see cref="HeldAt"/> holds.</summary>
    public long HeldUntilMicros { get; set; }

    /// <summary>How long it was held last.</summary>
    public long HoldMicros { get; set; }

    /// <summary>Nodes that missed its deadline.</summary>
    public AvoidList Avoids { get; } = new();

    /// <summary>What the built state says of it.</summary>
    public WorkloadState? Built { get; set; }

    /// <summary>The device that carries it now, and how much of that it takes.</summary>
    public DeviceTrack? CarriedBy { get; set; }

    public double CarriedCores { get; set; }

    /// <summary>Its place misses the deadline.</summary>
    public bool Missing { get; private set; }

    /// <summary>Share of the windows counted that missed.</summary>
    public double MissedShare =>
        _inWindow.Missed / (double)Math.Max(1, Math.Max(_inWindow.Answered, _inWindow.Missed));

    /// <summary>The node that answers, or the one that answers last when it runs in two parts.</summary>
    public static string NodeOf(RunsAt place) => place.Node;

    /// <summary>Where it runs by its last report.</summary>
    public RunsAt Runs { get; private set; } = RunsBy(device.Name, report);

    public bool RunsWhereItShall => IsSame(Runs, Placed);

    public static RunsAt RunsBy(string device, WorkloadReport report) =>
        report is { RunsOn: { } node, Recipe: not PlanNames.Whole } && node != device
            ? new RunsAt(report.Recipe, device, node)
            : new RunsAt(PlanNames.Whole, report.RunsOn ?? device);

    // However a model that runs in one piece calls its recipe.
    public static bool IsSame(RunsAt one, RunsAt other) =>
        one.Node == other.Node && one.Near == other.Near && (one.Far is null || one.Recipe == other.Recipe);

    /// <summary>Share of windows that its cascade is unsure of, as of <see cref="UnsureMicros"/>.</summary>
    public double UnsureShare => _unsure.Value;

    /// <summary>When <see cref="UnsureShare"/> was measured; 0 while it is unknown.</summary>
    public long UnsureMicros => _unsure.AtMicros;

    /// <summary>Smooths the share of unsure windows; a report that knows none leaves the last one.</summary>
    public void TakeUnsure(long nowMicros)
    {
        var atMicros = nowMicros - (long)(Report.UnsureAgeSeconds * 1e6);
        if (Report.UnsureShare is { } share && atMicros > _unsure.AtMicros)
            _unsure.Take(share, atMicros, UnsureConstant);
    }

    /// <summary>Its last move was just now: only a failure moves it again.</summary>
    public bool Settles(PlannerRules rules, long nowMicros) =>
        MovedMicros > 0 && nowMicros - MovedMicros < FleetPlanner.Micros(rules.SettleTime);

    /// <summary>Counts what was answered since the report before.</summary>
    /// <returns>True when it became clear just now that its place misses the deadline.</returns>
    public bool Count(WorkloadReport now, bool sameRun, PlannerRules rules)
    {
        if (!sameRun || !Active || !IsSame(RunsBy(device.Name, now), Runs))
        {
            StartCounting();
            return false;
        }

        var next = (Answered: now.Answered - Report.Answered, Missed: now.Missed - Report.Missed);
        if (next == (0, 0) && _inWindow == (0, 0))
            return false;
        _window.Enqueue(next);
        _inWindow = (_inWindow.Answered + next.Answered, _inWindow.Missed + next.Missed);
        if (_window.Count > rules.MissReports)
        {
            var old = _window.Dequeue();
            _inWindow = (_inWindow.Answered - old.Answered, _inWindow.Missed - old.Missed);
        }

        var windows = Math.Max(_inWindow.Answered, _inWindow.Missed);
        var before = Missing;
        Missing = windows >= rules.MissWindowsMin && _inWindow.Missed > rules.MissShare * windows;
        return Missing && !before;
    }

    /// <summary>The place as the plan in force shows it.</summary>
    public PlannedPlace Show() => new(
        device.Name, Report.Name, Placed, Before, !Active, SinceMicros,
        device.Mark() is { } mark ? $"{mark}; {Reason}" : Reason);

    public void StartCounting()
    {
        _window.Clear();
        (_inWindow, Missing) = ((0, 0), false);
    }
}
