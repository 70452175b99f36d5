using System.Text.Json;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary>Changes of many: each tells what became of it.</summary>
internal static class Bulks
{
    private static readonly Sheet s_rows = new(
        Sheet.By("target"),
        Column.Text("name", "target"), Column.Flag("done", "ok", "yes", "no"), Column.Text("why not", "detail"));

    public static string QueryOf(Dictionary<string, string> asked) =>
        "?" + string.Join('&', asked.Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value)}"));

    /// <returns>Not 0 where any of them failed.</returns>
    public static Task<int> SendAsync(HubCall call, Change change) => SendAsync(call, [change]);

    /// <inheritdoc cref="SendAsync(HubCall, Change)"/>
    public static async Task<int> SendAsync(HubCall call, IReadOnlyList<Change> changes)
    {
        var (results, done, failed) = (new List<JsonElement>(), 0L, 0L);
        foreach (var change in changes)
        {
            var answer = await ChangeVerb.SendAsync(call.Client, change, call.Cancellation);
            results.AddRange(answer.Items("results"));
            (done, failed) = (done + (answer.Long("done") ?? 0), failed + (answer.Long("failed") ?? 0));
        }

        SheetWriter.Write(call.Form, s_rows, JsonSerializer.SerializeToElement(new { done, failed, results }), results);
        return failed > 0 ? ExitCodes.Failed : ExitCodes.Ok;
    }
}
