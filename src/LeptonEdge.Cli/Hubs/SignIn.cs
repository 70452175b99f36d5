using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using LeptonEdge.Cli.Contexts;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli;

/// <summary>A personal access token that was made.</summary>
internal sealed record MadeToken(string Token, string Account, string Role, long ExpiresMicros);

/// <summary>Signs in as the dashboard does, makes a token for this machine, and signs out.</summary>
internal static class SignIn
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <param name="body">Of the token: name, scopes, days.</param>
    /// <exception cref="HubException">The hub is away, or name or password is wrong.</exception>
    public static async Task<MadeToken> MakeTokenAsync(
        HubChoice hub, string name, string password, object body, CancellationToken cancellation)
    {
        using var handler = FleetTls.CreateHandler(hub.Ca);
        handler.CookieContainer = new CookieContainer();
        using var http = new HttpClient(handler) { BaseAddress = hub.Hub, Timeout = Patience };
        var session = await AskAsync(
            http, HttpMethod.Post, "api/v1/session", new { name, password }, csrf: null, cancellation);
        var csrf = session.Text("csrf");
        try
        {
            var made = await AskAsync(http, HttpMethod.Post, "api/v1/tokens", body, csrf, cancellation);
            return new MadeToken(
                made.Text("token"), made.Text("account"), made.Text("role"), made.Long("expiresMicros") ?? 0);
        }
        finally
        {
            // The token is what stays; a session that nobody uses need not.
            await AskAsync(http, HttpMethod.Delete, "api/v1/session", null, csrf, cancellation);
        }
    }

    private static async Task<JsonElement> AskAsync(
        HttpClient http, HttpMethod method, string path, object? body, string? csrf, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = JsonContent.Create(body);
        if (!string.IsNullOrEmpty(csrf))
            request.Headers.Add("x-lepton-csrf", csrf);
        try
        {
            using var response = await http.SendAsync(request, cancellation);
            var text = await response.Content.ReadAsStringAsync(cancellation);
            if (response.StatusCode == HttpStatusCode.Unauthorized)
                throw new HubException(HubException.Words(text) ?? "name or password is wrong", ExitCodes.NotAllowed);
            if (!response.IsSuccessStatusCode)
                throw HubException.Of(path, response.StatusCode, response.ReasonPhrase, text);
            if (text.Length == 0)
                return default;
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (HttpRequestException fault)
        {
            throw new HubException($"no hub at {http.BaseAddress}: {fault.Message}", ExitCodes.Away);
        }
        catch (TaskCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new HubException($"the hub at {http.BaseAddress} did not answer in time", ExitCodes.Away);
        }
    }
}
