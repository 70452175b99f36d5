namespace LeptonEdge.Serving.Models;

/// <summary>Orders version names by their numbers, so that 1.10 comes after 1.9, and 1.0.0 after 1.0.0-rc.</summary>
internal sealed class VersionOrder : IComparer<string>
{
    public static VersionOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var (left, right) = ((x ?? "").Split('-', 2), (y ?? "").Split('-', 2));
        var order = CompareParts(left[0], right[0]);
        if (order != 0)
            return order;
        // A name behind a dash marks what comes before the release itself.
        return left.Length == right.Length ? CompareParts(left[^1], right[^1]) : right.Length - left.Length;
    }

    private static int CompareParts(string x, string y)
    {
        var (left, right) = (x.Split('.', '_'), y.Split('.', '_'));
        for (var i = 0; i < Math.Min(left.Length, right.Length); i++)
        {
            var order = long.TryParse(left[i], out var a) && long.TryParse(right[i], out var b)
                ? a.CompareTo(b)
                : string.CompareOrdinal(left[i], right[i]);
            if (order != 0)
                return order;
        }

        return left.Length.CompareTo(right.Length);
    }
}
