using System.Globalization;
using System.Text;
using System.Text.Json;
using Spectre.Console;

namespace LeptonEdge.Cli.Output;

/// <summary>Prints what was used, with units and a total.</summary>
internal static class UsageTable
{
    private const int PipedWidth = 400;

    private static readonly string[] Names = ["tenant", "site", "device", "workload", "model", "node"];

    private static CultureInfo Invariant => CultureInfo.InvariantCulture;

    public static int Write(JsonElement usage)
    {
        var by = usage.GetProperty("by").GetString()!.Split(',');
        var currency = usage.GetProperty("currency").GetString()!;
        var table = new Table().Border(TableBorder.Simple);
        foreach (var name in by)
            table.AddColumn(new TableColumn(name).NoWrap());
        foreach (var title in (string[])[
            "inferences", "verdicts", "core s", "accelerator s", "MB moved", "Wh", "energy", $"cost {currency}"])
            table.AddColumn(new TableColumn(title).NoWrap().RightAligned());
        foreach (var row in usage.GetProperty("rows").EnumerateArray())
            table.AddRow([.. by.Select(name => Name(row, name)).Concat(Figures(row)).Select(Markup.Escape)]);
        var total = usage.GetProperty("total");
        table.AddEmptyRow();
        table.AddRow([
            .. by.Select((_, i) => i == 0 ? "total" : "").Concat(Figures(total)).Select(Markup.Escape)]);
        Console.WriteLine($"{Time(usage, "fromMicros")} to {Time(usage, "toMicros")}, "
            + $"to the {usage.GetProperty("resolution").GetString()}");
        // What is piped has no edge to fit within: no figure is to lose its digits to one.
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = PipedWidth;
        AnsiConsole.Write(table);
        if (usage.GetProperty("incompleteBeforeMicros").ValueKind == JsonValueKind.Number)
            Console.WriteLine($"before {Time(usage, "incompleteBeforeMicros")} incomplete: given up for the store's limit");
        return 0;
    }

    /// <summary>RFC 4180, with one line of names; the same columns whatever was asked for.</summary>
    public static int WriteCsv(JsonElement usage)
    {
        var text = new StringBuilder(string.Join(',', Names)).Append(
            ",inferences,verdicts,core_seconds,accelerator_seconds,bytes,joules,energy,cost,currency\r\n");
        var currency = usage.GetProperty("currency").GetString()!;
        foreach (var row in usage.GetProperty("rows").EnumerateArray())
        {
            var cells = Names.Select(name => Text(row, name)).Concat([
                row.GetProperty("inferences").GetRawText(), row.GetProperty("verdicts").GetRawText(),
                row.GetProperty("coreSeconds").GetRawText(), row.GetProperty("acceleratorSeconds").GetRawText(),
                row.GetProperty("bytes").GetRawText(), row.GetProperty("joules").GetRawText(), Text(row, "energy"),
                row.GetProperty("cost").GetRawText(), currency]);
            text.AppendJoin(',', cells.Select(Quote)).Append("\r\n");
        }

        Console.Out.Write(text);
        return 0;
    }

    private static IEnumerable<string> Figures(JsonElement row)
    {
        var cost = row.GetProperty("cost").GetDouble();
        return
        [
            row.GetProperty("inferences").GetInt64().ToString("#,0", Invariant),
            row.GetProperty("verdicts").GetInt64().ToString("#,0", Invariant),
            Number(row, "coreSeconds", 1), Number(row, "acceleratorSeconds", 1), Number(row, "bytes", 1e6),
            Number(row, "joules", 3600), Text(row, "energy"),
            // Small amounts of money are the rule here: what is not nothing shall not look like it.
            cost is > 0 and < 0.01 ? cost.ToString("0.######", Invariant) : cost.ToString("#,0.00", Invariant),
        ];
    }

    private static string Number(JsonElement row, string key, double unit) =>
        (row.GetProperty(key).GetDouble() / unit).ToString("#,0.###", Invariant);

    private static string Name(JsonElement row, string key) => Text(row, key) is { Length: > 0 } name ? name : "-";

    private static string Text(JsonElement row, string key) =>
        row.TryGetProperty(key, out var value) ? value.GetString() ?? "" : "";

    private static string Quote(string cell) =>
        cell.AsSpan().ContainsAny(",\"\r\n") ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell;

    private static string Time(JsonElement usage, string key) => DateTimeOffset.UnixEpoch
        .AddTicks(usage.GetProperty(key).GetInt64() * TimeSpan.TicksPerMicrosecond)
        .ToString("yyyy-MM-dd HH:mm", Invariant) + " UTC";
}
