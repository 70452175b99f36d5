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

    private static readonly Dictionary<string, OffloadChoices> Ways = new()
    {
        ["local"] = OffloadChoices.Local,
        ["hub"] = OffloadChoices.Hub,
        ["cascade"] = OffloadChoices.Cascade,
        ["split"] = OffloadChoices.Split,
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

    /// <summary>What a plan may choose from; without a word of it, the device and, where windows may leave it, the
    /// hub.</summary>
    /// <param name="mayLeave">The workload's windows may leave the device.</param>
    public static OffloadChoices ReadChoices(YamlSection section, OffloadMode mode, bool mayLeave)
    {
        const string Key = "choices";
        var standard = mayLeave ? OffloadChoices.Local | OffloadChoices.Hub : OffloadChoices.Local;
        if (!section.Has(Key))
            return standard;
        var chosen = OffloadChoices.None;
        foreach (var text in section.Texts(Key))
        {
            if (!Ways.TryGetValue(text, out var way))
                section.Fault(Key, YamlSectionValues.NotOneOf(text, Ways.Keys));
            else if (way != OffloadChoices.Local && !mayLeave)
                section.Fault(Key, $"'{text}' sends windows to the hub: set may_leave_device: true, or leave it out");
            else
                chosen |= way;
        }

        if (mode != OffloadMode.Plan)
            section.Fault(Key, "is of no use without offload: plan");
        else if (section.Texts(Key).Count == 0)
            section.Fault(Key, $"names none: give one or more of {string.Join(", ", Ways.Keys)}");
        return chosen == OffloadChoices.None ? standard : chosen;
    }

    /// <summary>The words of some choices, as the configuration has them.</summary>
    public static string Words(OffloadChoices choices) =>
        string.Join(", ", Ways.Where(way => choices.HasFlag(way.Value)).Select(way => way.Key));

    public static CascadeRule ReadCascade(YamlSection section, bool offersCascade)
    {
        if (section.Section("cascade") is not { } cascade)
            return CascadeRule.Default;
        if (!offersCascade)
            section.Fault("cascade", "is of no use without offload: cascade, or cascade among the choices of a plan");
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
