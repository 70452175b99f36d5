using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;
using LeptonEdge.Core.Signals;

namespace LeptonEdge.Agent.Configuration;

/// <summary>One workload: which channels feed which model, how soon, and what follows from the answer.</summary>
public sealed record WorkloadConfiguration
{
    public required WorkloadId Id { get; init; }

    /// <summary>One channel for a model over samples, several for a model over rows of readings; patterns with '*'
    /// stand for every channel that fits, in the sensor's order.</summary>
    public required IReadOnlyList<string> Channels { get; init; }

    public required ModelReference Model { get; init; }

    /// <summary>What the hub runs in the device's stead; null when it may not go there.</summary>
    public ModelReference? HubModel { get; init; }

    /// <summary>Who is asked; standard is what the plan says.</summary>
    public OffloadMode Offload { get; init; }

    /// <summary>What a plan may choose from; of no use without one.</summary>
    public OffloadChoices Choices { get; init; } = OffloadChoices.Local | OffloadChoices.Hub;

    /// <summary>Its windows may be answered by a cascade, be it the plan's choice or its own configuration's.</summary>
    public bool OffersCascade => Offers(OffloadChoices.Cascade, OffloadMode.Cascade);

    /// <summary>Its windows may be answered by a split model, be it the plan's choice or its own
    /// configuration's.</summary>
    public bool OffersSplit => Offers(OffloadChoices.Split, OffloadMode.Split);

    /// <summary>When a cascade asks the hub.</summary>
    public CascadeRule Cascade { get; init; } = CascadeRule.Default;

    /// <summary>Samples from one window to the next; null takes the manifest's.</summary>
    public int? Hop { get; init; }

    public TimeSpan Deadline { get; init; } = TimeSpan.FromMilliseconds(25);

    /// <summary>How far its windows may travel.</summary>
    public Privacy Privacy { get; init; }

    /// <summary>Urgency for the hub's workers, 0 (can wait) to 9.</summary>
    public int Priority { get; init; } = 5;

    /// <summary>Statistics of each window that become channels of their own.</summary>
    public IReadOnlyList<WindowFeature> Features { get; init; } = [];

    public IReadOnlyList<AlarmConfiguration> Alarms { get; init; } = [];

    private bool Offers(OffloadChoices choice, OffloadMode mode) =>
        Offload == OffloadMode.Plan ? Choices.HasFlag(choice) : Offload == mode;
}

/// <summary>A statistic of one window.</summary>
public enum WindowFeature
{
    Rms,
    Kurtosis,
    CrestFactor,
    Peak,
    Mean,
    Skewness,
}

/// <summary>One alarm rule, what it watches, and what it switches.</summary>
/// <param name="Feature">The statistic that the rule watches; null watches the model's score.</param>
/// <param name="Lamp">A GPIO output that is on while the alarm is; null for none.</param>
public sealed record AlarmConfiguration(AlarmRule Rule, WindowFeature? Feature, LampConfiguration? Lamp);

/// <summary>An output line of a GPIO chip.</summary>
/// <param name="Line">Logical line number.</param>
/// <param name="ActiveLow">The lamp is on while the line is low.</param>
public sealed record LampConfiguration(int Line, bool ActiveLow);

/// <summary>Names of window features as they stand in the configuration and at the end of derived channels.</summary>
public static class WindowFeatures
{
    public static IReadOnlyDictionary<string, WindowFeature> ByName { get; } = new Dictionary<string, WindowFeature>
    {
        ["rms"] = WindowFeature.Rms,
        ["kurtosis"] = WindowFeature.Kurtosis,
        ["crest_factor"] = WindowFeature.CrestFactor,
        ["peak"] = WindowFeature.Peak,
        ["mean"] = WindowFeature.Mean,
        ["skewness"] = WindowFeature.Skewness,
    };

    /// <summary>The channel that carries the feature of another channel, such as <c>drive-end.rms</c>.</summary>
    public static ChannelName ChannelOf(ChannelName channel, WindowFeature feature) =>
        new($"{channel}.{NameOf(feature)}");

    public static string NameOf(WindowFeature feature) => ByName.First(pair => pair.Value == feature).Key;

    public static double Of(in WindowStatistics statistics, WindowFeature feature) => feature switch
    {
        WindowFeature.Rms => statistics.Rms,
        WindowFeature.Kurtosis => statistics.Kurtosis,
        WindowFeature.CrestFactor => statistics.CrestFactor,
        WindowFeature.Peak => statistics.Peak,
        WindowFeature.Mean => statistics.Mean,
        WindowFeature.Skewness => statistics.Skewness,
        _ => throw new ArgumentOutOfRangeException(nameof(feature), feature, "no such window feature"),
    };
}
