namespace LeptonEdge.Hub.Metering;

/// <summary>By what usage is summed.</summary>
internal readonly record struct UsageGrouping(
    bool Tenant, bool Site, bool Device, bool Workload, bool Model, bool Node)
{
    private static readonly string[] Known = ["tenant", "site", "device", "workload", "model", "node"];

    /// <param name="text">One of the names above, or several with commas between them.</param>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    public static string? Parse(string text, out UsageGrouping grouping)
    {
        var names = text.Split(',', StringSplitOptions.TrimEntries);
        grouping = new UsageGrouping(
            names.Contains(Known[0]), names.Contains(Known[1]), names.Contains(Known[2]), names.Contains(Known[3]),
            names.Contains(Known[4]), names.Contains(Known[5]));
        var unknown = Array.Find(names, name => !Known.Contains(name));
        return unknown is null ? null : $"by: '{Short(unknown)}' is none of {string.Join(", ", Known)}";
    }

    public override string ToString()
    {
        bool[] chosen = [Tenant, Site, Device, Workload, Model, Node];
        return string.Join(",", Known.Where((_, i) => chosen[i]));
    }

    private static string Short(string text) => text.Length <= 40 ? text : $"{text[..40]}…";
}
