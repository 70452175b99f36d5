using LeptonEdge.Core.Plans;

namespace LeptonEdge.Agent.Configuration;

/// <summary>Reads who is asked about a workload's windows.</summary>
internal static class OffloadReader
{
    private static readonly Dictionary<string, OffloadMode> Modes = new()
    {
        ["plan"] = OffloadMode.Plan,
        ["local"] = OffloadMode.Local,
        ["hub"] = OffloadMode.Hub,
        ["cascade"] = OffloadMode.Cascade,
        ["split"] = OffloadMode.Split,
        ["quickest"] = OffloadMode.Quickest,
    };

    /// <param name="mayLeave">The workload's windows may leave the device.</param>
    public static OffloadMode ReadMode(YamlSection section, bool mayLeave)
    {
        var mode = section.Choice("offload", OffloadMode.Plan, Modes);
        if (mode is OffloadMode.Plan or OffloadMode.Local || mayLeave)
            return mode;
        section.Fault(
            "offload",
            $"'{section.Text("offload")}' sends windows to the hub: set may_leave_device: true, or offload: local");
        return OffloadMode.Local;
    }

    public static CascadeRule ReadCascade(YamlSection section, OffloadMode mode)
    {
        if (section.Section("cascade") is not { } cascade)
            return CascadeRule.Default;
        if (mode != OffloadMode.Cascade)
            section.Fault("cascade", "is of no use without offload: cascade");
        var rule = new CascadeRule
        {
            UnsureBelow = cascade.Has("unsure_below") ? cascade.Number("unsure_below", 0.9, 0, 1) : null,
        };
        if (ReadBand(cascade) is var (from, to))
            rule = rule with { ScoreFrom = from, ScoreTo = to };
        else if (rule.UnsureBelow is null && !cascade.Has("unsure_between"))
            section.Fault(
                "cascade",
                "says nothing: give unsure_below (a probability) or unsure_between (two scores, such as [0.3, 0.7])");
        cascade.Complete();
        return rule;
    }

    private static (double From, double To)? ReadBand(YamlSection cascade)
    {
        const string Key = "unsure_between";
        if (!cascade.Has(Key))
            return null;
        var texts = cascade.Texts(Key);
        if (texts.Count == 2 && Quantities.TryNumber(texts[0], out var from)
            && Quantities.TryNumber(texts[1], out var to) && from < to)
            return (from, to);
        cascade.Fault(Key, $"[{string.Join(", ", texts)}] is not two scores, the lower first, such as [0.3, 0.7]");
        return null;
    }
}
