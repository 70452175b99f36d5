using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace LeptonEdge.Cli.Output;

/// <summary>Prints jobs.</summary>
internal static class JobTable
{
    private const int PipedWidth = 400;

    public static int Write(JsonElement jobs)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var title in (string[])["job", "state", "done", "kind", "model", "of", "priority", "submitted", "why"])
            table.AddColumn(new TableColumn(title).NoWrap());
        foreach (var job in jobs.EnumerateArray())
            table.AddRow([.. Cells(job).Select(Markup.Escape)]);
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = PipedWidth;
        AnsiConsole.Write(table);
        return 0;
    }

    /// <summary>One job, for reading.</summary>
    public static int Tell(JsonElement job)
    {
        var reason = Text(job, "reason");
        Console.WriteLine(
            $"job {job.GetProperty("id")} {Text(job, "state")}{(reason.Length > 0 ? $": {reason}" : "")}; "
            + $"{Text(job, "kind")} with {Text(job, "model")}, {Done(job)} done, "
            + $"{job.GetProperty("resultItems")} in the result");
        return job.GetProperty("findings").ValueKind == JsonValueKind.Object
            ? Print.Tree(job.GetProperty("findings")) : 0;
    }

    /// <summary>How far it is, 0 to 1.</summary>
    public static double ShareOf(JsonElement job) => Math.Min(
        1, job.GetProperty("done").GetInt64() / (double)Math.Max(1, job.GetProperty("total").GetInt64()));

    private static string[] Cells(JsonElement job) =>
    [
        job.GetProperty("id").GetRawText(), Text(job, "state"), Done(job), Text(job, "kind"), Text(job, "model"),
        $"{Text(job, "device")} {Text(job, "channel")}".Trim(), job.GetProperty("priority").GetRawText(),
        DateTimeOffset.FromUnixTimeMilliseconds(job.GetProperty("submittedMicros").GetInt64() / 1000)
            .ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        Text(job, "reason"),
    ];

    private static string Done(JsonElement job) => ShareOf(job).ToString("P0", CultureInfo.InvariantCulture);

    private static string Text(JsonElement job, string name) =>
        job.GetProperty(name) is { ValueKind: JsonValueKind.String } value ? value.GetString()! : "";
}
