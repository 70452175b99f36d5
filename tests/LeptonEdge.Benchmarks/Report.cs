using System.Globalization;

namespace LeptonEdge.Benchmarks;

/// <summary>The table that a person reads.</summary>
internal static class Report
{
    public static void WriteTable(TextWriter writer, string name, IReadOnlyList<Figure> figures)
    {
        string[] header = ["figure", "LeptonEdge", "peer", "", "ratio", "asked", "met"];
        var rows = figures.Select(figure => new[]
        {
            figure.Name,
            $"{Number(figure.Value)} {figure.Unit}",
            figure.PeerValue is { } peer ? $"{Number(peer)} {figure.Unit}" : "",
            figure.Peer ?? "",
            figure.Ratio is { } ratio ? ratio.ToString("0.000", CultureInfo.InvariantCulture) : "",
            figure.Asked ?? "",
            figure.Met switch { true => "yes", false => "NO", null => "" },
        }).Prepend(header).ToArray();
        var widths = Enumerable.Range(0, header.Length).Select(i => rows.Max(row => row[i].Length)).ToArray();
        writer.WriteLine(name);
        foreach (var row in rows)
            writer.WriteLine("  " + string.Join("  ", row.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd());
    }

    private static string Number(double value) => Math.Abs(value) switch
    {
        >= 1000 => value.ToString("#,0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => value.ToString("0.###", CultureInfo.InvariantCulture),
    };
}
