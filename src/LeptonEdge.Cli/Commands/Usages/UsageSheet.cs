using System.Globalization;
using System.Text.Json;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary>Prints what was used, with units and a total.</summary>
internal static class UsageSheet
{
    private static readonly string[] s_steps = ["minute", "hour", "day"];
    private static readonly string[] s_names = ["tenant", "site", "device", "workload", "model", "node"];

    private static CultureInfo Invariant => CultureInfo.InvariantCulture;

    public static int Write(OutputForm form, JsonElement usage)
    {
        var by = usage.Text("by").Split(',');
        if (form is OutputForm.Csv or OutputForm.Json or OutputForm.Yaml)
        {
            // The same columns whatever was asked for; steps of time come before them.
            Column[] from = by.Any(s_steps.Contains) ? [From] : [];
            return SheetWriter.Write(
                form, new Sheet(_ => "", [.. from, .. Names(s_names, "", ""), .. Exact(usage.Text("currency"))]), usage,
                [.. usage.Items("rows")]);
        }

        var rows = usage.Items("rows").ToList();
        var figures = Figures(usage.Text("currency"));
        var columns = new Sheet(_ => "", [.. Names(by, "-", ""), .. figures]).Columns;
        var total = new Sheet(_ => "", [.. Names(by, "", "total"), .. figures]).Columns;
        Console.WriteLine($"{Time(usage, "fromMicros")} to {Time(usage, "toMicros")}, "
            + $"to the {usage.Text("resolution")}");
        Console.Out.Write(TableWriter.Text(
            [.. columns.Select(column => column.Title.ToUpperInvariant())], [.. columns.Select(c => c.IsRight)],
            [
                .. rows.Select(row => columns.Select(column => column.Read(row, 0)).ToArray()),
                [.. total.Select(column => column.Read(usage.At("total"), 0))],
            ]));
        if (usage.At("incompleteBeforeMicros").ValueKind == JsonValueKind.Number)
        {
            Console.WriteLine(
                $"before {Time(usage, "incompleteBeforeMicros")} incomplete: given up for the store's limit");
        }

        return ExitCodes.Ok;
    }

    private static Column From =>
        Column.Of("from", row => row.Long("fromMicros") is { } micros ? TimeWords.Iso(micros) : "");

    private static Column StepOf(string step, string first) => Column.Of(step, row => first.Length > 0
        ? first
        : Moment(row, "fromMicros", step == "day" ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm"));

    private static IEnumerable<Column> Names(string[] by, string none, string first) =>
        by.Select((name, i) => s_steps.Contains(name)
            ? StepOf(name, first)
            : Column.Of(name, row => row.Text(name) is { Length: > 0 } text
                ? text : i == 0 && first.Length > 0 ? first : none));

    private static Column[] Figures(string currency) =>
    [
        Column.Number("inferences", "inferences", "#,0"), Column.Number("verdicts", "verdicts", "#,0"),
        Column.Number("core s", "coreSeconds", "#,0.###"),
        Column.Number("accelerator s", "acceleratorSeconds", "#,0.###"),
        Of("MB moved", row => Number(row.Number("bytes") / 1e6)), Of("Wh", row => Number(row.Number("joules") / 3600)),
        Column.Text("energy", "energy"),
        // Small amounts of money are the rule here: what is not nothing shall not look like it.
        Of($"cost {currency}", row => row.Number("cost") is > 0 and < 0.01 and var cost
            ? cost.ToString("0.######", Invariant) : (row.Number("cost") ?? 0).ToString("#,0.00", Invariant)),
    ];

    private static Column[] Exact(string currency) =>
    [
        Column.Number("inferences", "inferences"), Column.Number("verdicts", "verdicts"),
        Column.Number("core_seconds", "coreSeconds"), Column.Number("accelerator_seconds", "acceleratorSeconds"),
        Column.Number("bytes", "bytes"), Column.Number("joules", "joules"), Column.Text("energy", "energy"),
        Column.Number("cost", "cost"), Column.Of("currency", _ => currency),
    ];

    private static Column Of(string title, Func<JsonElement, Cell> read) =>
        Column.Of(title, read) with { IsRight = true };

    private static string Number(double? value) => (value ?? 0).ToString("#,0.###", Invariant);

    private static string Time(JsonElement usage, string key) => Moment(usage, key, "yyyy-MM-dd HH:mm") + " UTC";

    private static string Moment(JsonElement row, string key, string form) => DateTimeOffset.UnixEpoch
        .AddTicks((row.Long(key) ?? 0) * TimeSpan.TicksPerMicrosecond).ToString(form, Invariant);
}
