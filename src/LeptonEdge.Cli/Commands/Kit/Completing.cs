using System.CommandLine;
using System.CommandLine.Completions;
using System.Net.Http.Headers;
using System.Text.Json;
using LeptonEdge.Cli.Contexts;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary>Names for the shell to complete. A hub that is slow or away completes nothing, and says nothing.</summary>
internal static class Completing
{
    // Whoever presses Tab waits for it.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(1500);
    private const int NamesMax = 1000;

    // Help asks for completions as well; it shall neither wait for a hub nor list a fleet.
    private static readonly bool s_isAsked =
        Array.Exists(Environment.GetCommandLineArgs(), word => word.StartsWith("[suggest", StringComparison.Ordinal));

    public static IEnumerable<CompletionItem> Devices(CompletionContext context) =>
        Names(context, "api/v1/devices", row => row.Text("device"));

    public static IEnumerable<CompletionItem> Jobs(CompletionContext context) =>
        Names(context, "api/v1/jobs", row => row.Text("id"));

    public static IEnumerable<CompletionItem> Workloads(CompletionContext context) =>
        Names(context, "api/v1/workloads", row => $"{row.Text("device")}/{row.Text("workload")}");

    public static IEnumerable<CompletionItem> Contexts()
    {
        try
        {
            return [.. ContextFile.Read().Contexts.Select(context => new CompletionItem(context.Name))];
        }
        catch (HubException)
        {
            return [];
        }
    }

    /// <param name="path">A list of the API.</param>
    public static IEnumerable<CompletionItem> Names(
        CompletionContext context, string path, Func<JsonElement, string> name)
    {
        if (!s_isAsked)
            return [];
        try
        {
            var choice = HubChoice.Of(WishOf(context.ParseResult), Environment.GetEnvironmentVariable);
            if (choice.Token is null)
                return [];
            using var http = new HttpClient(FleetTls.CreateHandler(choice.Ca)) { Timeout = Patience };
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(choice.Hub, $"{path}?limit={NamesMax}"));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", choice.Token);
            // The shell's question is a function that returns: there is nothing to wait beside.
            using var response = http.Send(request);
            if (!response.IsSuccessStatusCode)
                return [];
            using var document = JsonDocument.Parse(response.Content.ReadAsStream());
            return [.. Paging.RowsOf(document.RootElement).Select(name).Where(text => text.Length > 0).Distinct()
                .Where(text => text.StartsWith(context.WordToComplete, StringComparison.Ordinal))
                .Select(text => new CompletionItem(text))];
        }
        catch (Exception fault) when (fault is HubException or HttpRequestException or TaskCanceledException
            or JsonException or IOException or UnauthorizedAccessException
            or System.Security.Cryptography.CryptographicException)
        {
            return [];
        }
    }

    private static HubWish WishOf(ParseResult parsed)
    {
        string? Value(string option) => parsed.CommandResult.Command.Options
            .OfType<Option<string?>>().FirstOrDefault(known => known.Name == option) is { } found
                ? parsed.GetValue(found) : null;
        return new HubWish(Value("--context"), Value("--hub"), Value("--token-file"), Value("--ca"));
    }
}
