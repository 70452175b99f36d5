using System.Text;
using System.Text.Json;

namespace LeptonEdge.Cli.Output;

/// <summary>RFC 4180, with one line of names; every column, exactly.</summary>
internal static class CsvWriter
{
    public static string Text(Sheet sheet, IEnumerable<JsonElement> rows, long nowMicros, bool heading = true)
    {
        var text = new StringBuilder();
        if (heading)
            Line(text, sheet.Columns.Select(column => column.Name));
        foreach (var row in rows)
            Line(text, sheet.Columns.Select(column => column.Read(row, nowMicros)).Select(c => c.Exact ?? c.Text ?? ""));
        return text.ToString();
    }

    public static void Line(StringBuilder text, IEnumerable<string> cells) =>
        text.AppendJoin(',', cells.Select(Quote)).Append("\r\n");

    public static string Quote(string cell) =>
        cell.AsSpan().ContainsAny(",\"\r\n") ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell;
}
