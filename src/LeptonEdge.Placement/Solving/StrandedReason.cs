namespace LeptonEdge.Placement.Solving;

/// <summary>Which hard limit keeps a workload from the places where it may not run.</summary>
internal sealed class StrandedReason
{
    private readonly SitePlan _site;
    private readonly WorkloadState _workload;
    private readonly double[] _margin = new double[Enum.GetValues<Limit>().Length];
    private readonly string?[] _sentence = new string?[Enum.GetValues<Limit>().Length];

    public StrandedReason(SitePlan site, WorkloadState workload)
    {
        (_site, _workload) = (site, workload);
        site.JudgeAll(workload, Note);
    }

    /// <summary>Of a workload that fits nowhere.</summary>
    public (string Why, string ToMove) Sentences()
    {
        var nearest = Text();
        var meanwhile = _workload.Running is { } place ? $" Until it fits, it stays at {Wording.Of(place)}." : "";
        return ($"It fits nowhere: {nearest}.{meanwhile}", $"It would be placed if this limit were gone: {nearest}.");
    }

    /// <summary>Of a workload that has one place only.</summary>
    public string Nearest() => Text() is { } text
        ? $"It would move if this limit were gone: {text}."
        : "There is no other place in the fleet.";

    // The limit that an option met last is the nearest to being possible.
    private string? Text()
    {
        for (var limit = _sentence.Length - 1; limit > 0; limit--)
        {
            if (_sentence[limit] is { } sentence)
                return sentence;
        }

        return null;
    }

    private void Note(Limit limit, RunsAt place, OptionRules rules)
    {
        if (limit == Limit.None)
            return;
        var margin = limit switch
        {
            Limit.Deadline => rules.LatencySeconds / _workload.DeadlineSeconds,
            Limit.Capacity => rules.TooSmall.Amount / Math.Max(1e-300, rules.TooSmallCapacity),
            _ => 1,
        };
        if (_sentence[(int)limit] is not null && margin >= _margin[(int)limit])
            return;
        _margin[(int)limit] = margin;
        _sentence[(int)limit] = Sentence(limit, place, rules);
    }

    private string Sentence(Limit limit, RunsAt place, OptionRules rules) => limit switch
    {
        Limit.NotPinnedThere => _workload.PinnedRecipe is { } only
            ? $"it is pinned to {_workload.PinnedTo} by recipe {only}"
            : $"it is pinned to {_workload.PinnedTo}",
        Limit.NotChosen => $"{Wording.Of(place)} is not among the choices that its device offers and has"
            + " measured",
        Limit.Avoided => $"{Wording.Of(place)} missed its deadline lately",
        Limit.NodeAway => $"{Wording.Of(place)} is down, drained or of a board that no model knows",
        Limit.DeviceAway => $"its device {_workload.Device} is down, and its windows reach nobody else",
        Limit.Privacy => _workload.Privacy == Privacy.Device
            ? $"its data stays on its device {_workload.Device}"
            : "its data stays on its site",
        Limit.NoProfile => $"model {_workload.Model} has no profile for the board of {Wording.Of(place)}",
        Limit.Deadline => $"its deadline of {Wording.Seconds(_workload.DeadlineSeconds)} is too short for"
            + $" {Wording.Of(place)}, which needs {Wording.Seconds(rules.LatencySeconds)}",
        _ => $"at {Wording.Of(place)} {_site.Missing(rules.TooSmall.Resource,
            rules.TooSmall.Amount - rules.TooSmallCapacity)} are missing even when nobody else is there",
    };
}
