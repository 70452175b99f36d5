using System.Text.Json;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary>Writes a job's result as it comes, some windows or one block of rows at a time.</summary>
internal static class JobResult
{
    private const int AtOnce = 1000;

    public static async Task<int> WriteAsync(
        HubClient client, long id, bool json, TextWriter output, CancellationToken cancellation)
    {
        var job = await client.GetAsync($"api/v1/jobs/{id}", cancellation);
        if (!json && job.GetProperty("kind").GetString() != "rescore")
            throw HubException.Usage(
                $"--output: job {id} gave rows of tensors, which no table holds: ask for -o json");
        if (!json)
            await output.WriteAsync("time_micros,label,score\r\n");
        return await ProgressBar.RunAsync(async tell =>
        {
            for (long? from = 0; from is { } at;)
            {
                var page = await client.GetAsync($"api/v1/jobs/{id}/result?from={at}&limit={AtOnce}", cancellation);
                foreach (var window in page.GetProperty("windows").EnumerateArray())
                    await output.WriteAsync(json ? window.GetRawText() + "\n" : Line(window));
                foreach (var rows in page.GetProperty("rows").EnumerateArray())
                    await output.WriteAsync(rows.GetRawText() + "\n");
                var next = page.GetProperty("next");
                from = next.ValueKind == JsonValueKind.Number ? next.GetInt64() : null;
                tell("result", (double)(from ?? 1) / Math.Max(1, from is null ? 1 : ItemsOf(job)));
            }

            await output.FlushAsync(cancellation);
            return 0;
        });
    }

    private static long ItemsOf(JsonElement job) => job.GetProperty("resultItems").GetInt64();

    /// <summary>RFC 4180; no score is an empty cell.</summary>
    private static string Line(JsonElement window)
    {
        var label = CsvWriter.Quote(window.GetProperty("label").GetString()!);
        var score = window.GetProperty("score") is { ValueKind: JsonValueKind.Number } given ? given.GetRawText() : "";
        return $"{window.GetProperty("timeMicros").GetRawText()},{label},{score}\r\n";
    }
}
