using System.Globalization;
using System.Text.Json;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary>How jobs are shown.</summary>
internal static class JobSheet
{
    public static readonly Sheet Rows = new(
        Sheet.By("id"),
        Column.Text("job", "id") with { Name = "id" },
        Column.Text("state", "state", state => state switch
        {
            "done" => Tone.Good,
            "failed" or "expired" => Tone.Bad,
            _ => Tone.None,
        }),
        Column.Of("done", row => new Cell(Done(row), ShareOf(row).ToString("0.####", CultureInfo.InvariantCulture)))
            with { IsRight = true },
        Column.Text("kind", "kind"),
        Column.Text("model", "model"),
        Column.Of("of", row => $"{row.Text("device")} {row.Text("channel")}".Trim()),
        Column.Text("priority", "priority"),
        Column.Time("submitted", "submittedMicros"),
        Column.Time("started", "startedMicros").Wide,
        Column.Time("ended", "endedMicros").Wide,
        Column.Number("in the result", "resultItems", "0").Wide,
        Column.Bytes("result", "resultBytes").Wide,
        Column.Text("why", "reason"));

    /// <summary>One job, for reading.</summary>
    public static int Tell(JsonElement job)
    {
        var reason = job.Text("reason");
        Console.WriteLine(
            $"job {job.Text("id")} {job.Text("state")}{(reason.Length > 0 ? $": {reason}" : "")}; "
            + $"{job.Text("kind")} with {job.Text("model")}, {Done(job)} done, "
            + $"{job.Text("resultItems")} in the result");
        return job.At("findings").ValueKind == JsonValueKind.Object ? Print.Tree(job.At("findings")) : ExitCodes.Ok;
    }

    public static int Write(OutputForm form, JsonElement job) => form == OutputForm.Table
        ? Tell(job) : SheetWriter.Write(form, Rows, job, [job]);

    /// <summary>How far it is, 0 to 1.</summary>
    public static double ShareOf(JsonElement job) =>
        Math.Min(1, (job.Number("done") ?? 0) / Math.Max(1, job.Number("total") ?? 1));

    private static string Done(JsonElement job) => ShareOf(job).ToString("P0", CultureInfo.InvariantCulture);
}
