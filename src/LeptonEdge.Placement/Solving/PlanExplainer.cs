namespace LeptonEdge.Placement.Solving;

/// <summary>Makes the <see cref="Explanation"/> of one workload from a plan's tables and loads.</summary>
internal sealed class PlanExplainer
{
    private readonly FleetPlan _plan;
    private readonly SitePlan _site;
    private readonly OptionTable _table;
    private readonly int _item;
    private readonly WorkloadState _workload;

    public PlanExplainer(FleetPlan plan, int site, int item)
    {
        (_plan, _site, _table, _item) = (plan, plan.Sites[site], plan.Sites[site].Table, item);
        _workload = _site.Site.Workloads[item];
    }

    public Explanation Explain()
    {
        var now = _site.Choice[_item];
        var others = new List<OtherPlace>();
        for (var option = _table.OptionStart[_item]; option < _table.Unplaced(_item); option++)
        {
            if (option != now)
                others.Add(new OtherPlace(
                    _site.Name(_item, option)!, _table.Cost[option] - _table.Cost[now], Lacks(now, option)));
        }

        others.Sort((one, other) => one.MorePerHour.CompareTo(other.MorePerHour));
        var (why, toMove) = _site.PlaceOf(_item) switch
        {
            null when _table.Stranded(_item) => new StrandedReason(_site, _workload).Sentences(),
            null => NoRoom(others),
            { } place => (Why(place, now, others), ToMove(others)),
        };
        if (others.Count > Explanation.OthersMax)
            others.RemoveRange(Explanation.OthersMax, others.Count - Explanation.OthersMax);
        return new Explanation(_workload, _site.PlaceOf(_item), why, toMove, others);
    }

    private string Why(RunsAt place, int now, List<OtherPlace> others)
    {
        var latency = _site.LatencyOf(_item, now);
        var start = $"At {Wording.Of(place)} it costs {Wording.Money(_table.Cost[now])} and answers within"
            + $" {Wording.Seconds(latency)} of its deadline of {Wording.Seconds(_workload.DeadlineSeconds)}";
        if (others.Count == 0)
            return $"{start}; its limits allow no other place.";
        var first = others[0];
        if (first.MorePerHour >= 0)
            return $"{start}; no other place is cheaper: next is {Wording.Of(first.Place)},"
                + $" {Wording.Money(first.MorePerHour)} more.";
        return first.Lacks is { } lacks
            ? $"{start}; {Wording.Of(first.Place)} would be {Wording.Money(-first.MorePerHour)} cheaper but has no"
                + $" room: {lacks} missing."
            : $"{start}; {Wording.Of(first.Place)} would be {Wording.Money(-first.MorePerHour)} cheaper, and the room"
                + " there is kept for others.";
    }

    // What comes first: room where it would be cheaper, or a lower price where there is room.
    private string ToMove(List<OtherPlace> others)
    {
        if (others.Count == 0)
            return new StrandedReason(_site, _workload).Nearest();
        var ways = new List<string>();
        if (others.Find(other => other is { MorePerHour: < 0, Lacks: not null }) is { } full)
            ways.Add($"to {Wording.Of(full.Place)} if {full.Lacks} became free");
        if (others.Find(other => other.Lacks is null && other.MorePerHour >= 0) is { } dear)
            ways.Add($"to {Wording.Of(dear.Place)} if that became {Wording.Money(dear.MorePerHour)} cheaper than here");
        if (ways.Count == 0 && others.Find(other => other.Lacks is not null) is { } last)
            ways.Add($"to {Wording.Of(last.Place)} if {last.Lacks} became free and it became"
                + $" {Wording.Money(last.MorePerHour)} cheaper than here");
        return ways.Count == 0
            ? $"It would move to {Wording.Of(others[0].Place)} when the fleet is solved as a whole."
            : $"It would move {string.Join(", or ", ways)}.";
    }

    private (string Why, string ToMove) NoRoom(List<OtherPlace> others)
    {
        var lacking = others.Find(other => other.Lacks is not null);
        return lacking is null
            ? ($"It runs nowhere: what {Wording.Of(others[0].Place)} has left is kept for others.",
                "It would be placed when the fleet is solved as a whole.")
            : ($"It runs nowhere: no place has room left beside the workloads that are kept (its priority is"
                + $" {_workload.Priority}); at {Wording.Of(lacking.Place)} {lacking.Lacks} are missing.",
                $"It would be placed at {Wording.Of(lacking.Place)} if {lacking.Lacks} became free.");
    }

    // The first resource that an option lacks, what the present one frees counted.
    private string? Lacks(int now, int option)
    {
        for (var k = _table.UseStart[option]; k < _table.UseStart[option + 1]; k++)
        {
            var (r, amount) = (_table.Uses[k].Resource, _table.Uses[k].Amount);
            var (load, capacity) = r < _table.Locals
                ? (_site.Load[r], _table.Capacity[r])
                : (_plan.SharedLoad[r - _table.Locals], _plan.Index.SharedCapacity[r - _table.Locals]);
            for (var u = _table.UseStart[now]; u < _table.UseStart[now + 1]; u++)
            {
                if (_table.Uses[u].Resource == r)
                    load -= _table.Uses[u].Amount;
            }

            if (load + amount > capacity * (1 + SiteSearch.Tolerance))
                return _site.Missing(r, load + amount - capacity);
        }

        return null;
    }
}
