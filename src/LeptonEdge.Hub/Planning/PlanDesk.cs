using LeptonEdge.Core;
using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Configuration;
using LeptonEdge.Placement.Planning;
using LeptonEdge.Protocol.V1;

namespace LeptonEdge.Hub.Planning;

/// <summary>The planner and what it is told, behind one lock: reports come from the planning loop, questions and controls
/// from the API.</summary>
public sealed class PlanDesk
{
    private readonly Lock _gate = new();
    private readonly FleetPlanner _planner;
    private readonly PlannedModels _models;
    private readonly IFleetSolver _solver;
    private readonly TimeProvider _clock;
    private readonly HubNodes _hub;
    private readonly long _startedMicros;
    private readonly Dictionary<DeviceId, DeviceView> _observed = [];
    private volatile PlanControls _controls = PlanControls.None;
    private volatile IReadOnlyDictionary<string, string> _distrusted = new Dictionary<string, string>();

    public PlanDesk(HubOptions options, IFleetSolver solver, HubNodes hub, TimeProvider clock)
    {
        (_solver, _clock, _startedMicros, _hub) = (solver, clock, clock.GetUnixMicros(), hub);
        _models = new PlannedModels(hub.StagesOf);
        _planner = new FleetPlanner(options.ToRules(), solver);
        _planner.SetHub(hub.Nodes());
        SetControls(PlanControls.None with { Blackouts = options.Planning.Blackouts });
    }

    /// <summary>Those in force; never waits for a round of planning.</summary>
    public PlanControls Controls => _controls;

    /// <summary>Why the last state of the fleet could not be planned with; empty when it could.</summary>
    public IReadOnlyList<string> Faults
    {
        get
        {
            lock (_gate)
                return _planner.Faults;
        }
    }

    public IReadOnlyList<DeviceStanding> Devices
    {
        get
        {
            lock (_gate)
                return [.. _planner.Devices];
        }
    }

    /// <summary>Devices that are not believed, each with the reason; replaced whole, so that readers never wait for a
    /// plan in the making.</summary>
    public IReadOnlyDictionary<string, string> Distrusted => _distrusted;

    /// <summary>Takes up the plan of an earlier run.</summary>
    public void Restore(PlanInForce plan)
    {
        lock (_gate)
            _planner.Restore(plan);
    }

    /// <summary>Reads what is new and decides.</summary>
    /// <returns>What changed, and the plan in force after it.</returns>
    public (PlanStep Step, PlanInForce Plan) Round(IEnumerable<DeviceView> devices)
    {
        lock (_gate)
        {
            _planner.SetHub(_hub.Nodes());
            foreach (var (node, busy) in _hub.Busy())
                _planner.ObserveHub(node, busy, _clock.GetUnixMicros());
            var news = _models.Refresh();
            foreach (var view in devices)
            {
                // What an earlier run of the hub heard is too old to plan with. The hub's own name is no device's.
                if (view.LastSeenMicros < _startedMicros || view.Device.Value == NodeNames.Hub
                    || ReferenceEquals(_observed.GetValueOrDefault(view.Device), view))
                    continue;
                _observed[view.Device] = view;
                var report = ReportReader.Read(view, workload => AtHub(view.Device.Value, workload));
                if (_models.Note(report, view.State) || news)
                    _planner.SetModels(_models.ToList());
                news = false;
                _planner.Observe(report, view.LastSeenMicros);
            }

            var step = _planner.Tick(_clock.GetUnixMicros());
            if (!step.Changed)
                return (step, Empty);
            _distrusted = _planner.Devices.Where(device => device.Distrust is not null)
                .ToDictionary(device => device.Device, device => device.Distrust!);
            return (step, _planner.CurrentPlan());
        }
    }

    /// <summary>Replaces the controls by what is made of them.</summary>
    /// <returns>The controls from now on.</returns>
    public PlanControls Change(Func<PlanControls, PlanControls> change)
    {
        lock (_gate)
        {
            var controls = change(_planner.Controls);
            if (controls != _planner.Controls)
                _planner.SetControls(controls);
            _controls = _planner.Controls;
            return controls;
        }
    }

    public void SetControls(PlanControls controls)
    {
        lock (_gate)
        {
            _planner.SetControls(controls);
            _controls = _planner.Controls;
        }
    }

    public PlanDecision DryRun(Func<PlanControls, PlanControls> change)
    {
        lock (_gate)
            return _planner.DryRun(_clock.GetUnixMicros(), change(_planner.Controls));
    }

    public PlaceExplanation? Explain(string device, string workload)
    {
        lock (_gate)
            return _planner.Explain(device, workload, _clock.GetUnixMicros());
    }

    /// <summary>Decides again what was decided from these inputs.</summary>
    public PlanDecision Recompute(DecisionInputs inputs) => FleetPlanner.Recompute(inputs, _solver);

    private string AtHub(string device, ReportedWorkload workload) =>
        workload.Offload == OffloadCode.Plan && _planner.PlaceOf(device, workload.Workload) is { } place
            && NodeNames.AtHub(place) is { } planned
            ? planned
            : _hub.UsualNodeOf(workload.HubModel);

    private static PlanInForce Empty { get; } = new(0, 0, [], 0, 0, 0);
}
