using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace LeptonEdge.Cli.Demo;

/// <summary>Says at the end what the run came to.</summary>
internal static class DemoSummary
{
    public static void Print(DemoReport report, DemoFleet fleet)
    {
        var table = new Table().Border(TableBorder.Simple).HideHeaders();
        table.AddColumn("what").AddColumn("value");
        foreach (var (what, value) in Lines(report))
            table.AddRow(what, Markup.Escape(value));
        AnsiConsole.Write(table);
        if (!fleet.AllStoppedCleanly)
            AnsiConsole.MarkupLine("[red]A process did not stop by itself.[/]");
    }

    /// <exception cref="DemoException">The file cannot be written.</exception>
    public static async Task WriteAsync(DemoReport report, string file)
    {
        try
        {
            await File.WriteAllTextAsync(
                file, JsonSerializer.Serialize(report, DemoReportJson.Default.DemoReport) + "\n");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new DemoException($"--report: {fault.Message}");
        }
    }

    private static IEnumerable<(string What, string Value)> Lines(DemoReport report)
    {
        yield return ("readings from sensors", Count(report.Readings));
        yield return (
            "inferences", $"{Count(report.Inferences.Local)} on devices, {Count(report.Inferences.Hub)} on the hub");
        yield return ("alarms raised", Count(report.Alarms));
        yield return ("records appended → stored",
            $"{Count(report.Stored + report.Lost - report.Duplicated)} → {Count(report.Stored)}");
        yield return ("lost, duplicated", $"{report.Lost}, {report.Duplicated}");
        yield return ("batches", $"{Count(report.Batches)}, {Count(report.SealedBytes)} bytes sealed, "
            + $"{report.BytesPerReading} bytes a reading");
        yield return ("moves, hub restarts", $"{report.Rebalances}, {report.HubRestarts}");
        yield return ("local verdict p50, p99", Milliseconds(report.LatencyMs.Local));
        yield return ("hub verdict p50, p99", Milliseconds(report.LatencyMs.Hub));
        yield return ("sense to store p50, p99", Milliseconds(report.LatencyMs.SenseToStore));
        yield return ("resident size", string.Create(
            CultureInfo.InvariantCulture, $"agent {report.RssMiB.Agent} MiB, hub {report.RssMiB.Hub} MiB"));
    }

    private static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Milliseconds(Percentiles latency) => latency.P50 is null
        ? "none"
        : string.Create(CultureInfo.InvariantCulture, $"{latency.P50} ms, {latency.P99} ms");
}
