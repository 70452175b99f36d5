using LeptonEdge.Hub.Audit;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Placement.Planning;

namespace LeptonEdge.Hub.Api;

/// <summary>Changes what operators tell the planner.</summary>
internal sealed class PlanControlDesk(PlanDesk desk, PlanArchive archive, PlanningService planning)
{
    /// <param name="change">Also tells how it was to the request's <see cref="AuditNote"/>: nobody else changes it
    /// meanwhile.</param>
    public PlanControls Change(Func<PlanControls, PlanControls> change)
    {
        var controls = desk.Change(before =>
        {
            var after = change(before);
            // Before it is in force: what an operator was told must outlive the hub's process.
            archive.Keep(after);
            return after;
        });
        planning.Wake();
        return controls;
    }

    /// <param name="drained">Whether they shall be empty, or used again.</param>
    public PlanControls Drain(IReadOnlyList<string> nodes, bool drained, AuditNote note) => Change(before =>
    {
        foreach (var node in nodes)
            note.Also(node, new AuditedDrain(before.Drained.Contains(node)), new AuditedDrain(drained));
        return nodes.Aggregate(
            before, (controls, node) => drained ? controls.WithDrained(node) : controls.WithoutDrained(node));
    });

    /// <param name="after">Null: it is unpinned.</param>
    public PlanControls Pin(string device, string workload, Pin? after, AuditNote note) => Change(before =>
    {
        (note.Before, note.After) = (Shown(before.Pins.FirstOrDefault(
            pin => pin.Device == device && pin.Workload == workload)), Shown(after));
        return after is null ? before.Without(device, workload) : before.With(after);
    });

    private static AuditedPin? Shown(Pin? pin) => pin is null ? null : new AuditedPin(pin.Workload, pin.Node, pin.Recipe);
}
