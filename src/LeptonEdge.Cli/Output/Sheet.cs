using System.Text.Json;

namespace LeptonEdge.Cli.Output;

/// <summary>How a kind of resource is shown: the one description that every format is made from.</summary>
/// <param name="Key">What tells a row from the others, for <c>--watch</c>.</param>
internal sealed record Sheet(Func<JsonElement, string> Key, params Column[] Columns)
{
    /// <param name="key">Paths of the values that name a row.</param>
    public static Func<JsonElement, string> By(params string[] key) =>
        row => string.Join('\0', key.Select(path => row.Text(path)));
}

/// <summary>The forms of an answer.</summary>
internal enum OutputForm
{
    Table,
    Wide,
    Json,
    Yaml,
    Csv,
}

/// <summary>Rows of a sheet, in the form that was asked for.</summary>
internal static class SheetWriter
{
    /// <param name="whole">What the hub answered, for JSON and YAML.</param>
    /// <param name="rows">Its rows, for tables and CSV.</param>
    public static int Write(
        OutputForm form, Sheet sheet, JsonElement whole, IReadOnlyList<JsonElement> rows, string? none = null)
    {
        switch (form)
        {
            case OutputForm.Json:
                return Print.Json(whole);
            case OutputForm.Yaml:
                return YamlWriter.Write(whole);
            case OutputForm.Csv:
                Console.Out.Write(CsvWriter.Text(sheet, rows, Now()));
                return ExitCodes.Ok;
            default:
                if (rows.Count == 0 && none is not null && Terminal.IsTerminal)
                    Console.Error.WriteLine(none);
                else
                    Console.Out.Write(TableWriter.Text(sheet, rows, form == OutputForm.Wide, Now()));
                return ExitCodes.Ok;
        }
    }

    /// <summary>Microseconds since 1970.</summary>
    public static long Now() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1000;
}
