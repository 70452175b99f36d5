using LeptonEdge.Hub.Planning;
using LeptonEdge.Placement.Planning;

namespace LeptonEdge.Hub.Api;

/// <summary>Changes what operators tell the planner.</summary>
internal sealed class PlanControlDesk(PlanDesk desk, PlanArchive archive, PlanningService planning)
{
    // Kept before it is in force: what an operator was told must outlive the hub's process.
    public PlanControls Change(Func<PlanControls, PlanControls> change)
    {
        var controls = desk.Change(before =>
        {
            var after = change(before);
            archive.Keep(after);
            return after;
        });
        planning.Wake();
        return controls;
    }

    /// <param name="drained">Whether they shall be empty, or used again.</param>
    public void Drain(IReadOnlyList<string> nodes, bool drained) => Change(before => nodes.Aggregate(
        before, (controls, node) => drained ? controls.WithDrained(node) : controls.WithoutDrained(node)));
}
