using LeptonEdge.Storage.Hubs;

namespace LeptonEdge.Hub.Metering;

/// <summary>By what usage is summed.</summary>
/// <param name="Step">Of time; null: the whole range is one.</param>
internal readonly record struct UsageGrouping(
    bool Tenant, bool Site, bool Device, bool Workload, bool Model, bool Node, TimeSpan? Step)
{
    /// <summary>Steps of time in one answer, at most: a day by the minute, a year by the day.</summary>
    public const int StepsMax = 1500;

    private static readonly string[] Names = ["tenant", "site", "device", "workload", "model", "node"];

    private static readonly (string Name, TimeSpan Length)[] Steps =
        [("minute", TimeSpan.FromMinutes(1)), ("hour", TimeSpan.FromHours(1)), ("day", TimeSpan.FromDays(1))];

    private static readonly string[] Known = [.. Steps.Select(step => step.Name), .. Names];

    /// <param name="text">One of the names above, or several with commas between them.</param>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    public static string? Parse(string text, out UsageGrouping grouping)
    {
        var names = text.Split(',', StringSplitOptions.TrimEntries);
        TimeSpan[] steps = [.. Steps.Where(step => names.Contains(step.Name)).Select(step => step.Length)];
        grouping = new UsageGrouping(
            names.Contains(Names[0]), names.Contains(Names[1]), names.Contains(Names[2]), names.Contains(Names[3]),
            names.Contains(Names[4]), names.Contains(Names[5]), steps.Length > 0 ? steps[0] : null);
        if (Array.Find(names, name => !Known.Contains(name)) is { } unknown)
            return $"by: '{Short(unknown)}' is none of {string.Join(", ", Known)}";
        return steps.Length > 1 ? "by: name one of minute, hour and day" : null;
    }

    /// <returns>What is wrong with a range of time; null when nothing is.</returns>
    public string? Check(long fromMicros, long toMicros)
    {
        var steps = Step is { } step ? (toMicros - fromMicros) / step.TotalMicroseconds : 0;
        if (Step < TimeSpan.FromHours(1) && toMicros - fromMicros > MeterFilter.MinutesMax.TotalMicroseconds)
            return $"by: minute sums at most {MeterFilter.MinutesMax.TotalDays:0} days; take hour, or a shorter range";
        return steps > StepsMax
            ? $"by: that is {steps:0} steps of time, more than {StepsMax}; take longer steps, or a shorter range"
            : null;
    }

    public override string ToString()
    {
        bool[] chosen = [Tenant, Site, Device, Workload, Model, Node];
        var step = Step;
        return string.Join(
            ",", Steps.Where(each => each.Length == step).Select(each => each.Name).Concat(Names.Where((_, i) => chosen[i])));
    }

    private static string Short(string text) => text.Length <= 40 ? text : $"{text[..40]}…";
}
