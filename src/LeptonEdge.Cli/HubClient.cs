using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace LeptonEdge.Cli;

/// <summary>What the command line says to a hub's API.</summary>
internal sealed class HubClient : IDisposable
{
    private readonly HttpClient _http;

    /// <param name="address">Such as http://127.0.0.1:8080 or https://hub:8443.</param>
    /// <param name="token">Contents of the hub's operator.token.</param>
    /// <param name="caFile">The fleet's authority (PEM), for https; null trusts the system's store.</param>
    /// <param name="timeout">For one answer; null: 5 s.</param>
    public HubClient(Uri address, string token, string? caFile = null, TimeSpan? timeout = null)
    {
        _http = new HttpClient(FleetTls.CreateHandler(caFile))
            { BaseAddress = address, Timeout = timeout ?? TimeSpan.FromSeconds(5) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <exception cref="HubException">The hub is not there, or refused; the message says which and what to
    /// do.</exception>
    public Task<JsonElement> GetAsync(string path, CancellationToken cancellation = default) =>
        AskAsync(path, () => _http.GetAsync(path, cancellation), cancellation);

    /// <inheritdoc cref="GetAsync"/>
    public Task<JsonElement> PostAsync<T>(string path, T body, CancellationToken cancellation = default) =>
        AskAsync(path, () => _http.PostAsJsonAsync(path, body, cancellation), cancellation);

    /// <inheritdoc cref="GetAsync"/>
    public Task<JsonElement> PutAsync<T>(string path, T body, CancellationToken cancellation = default) =>
        AskAsync(path, () => _http.PutAsJsonAsync(path, body, cancellation), cancellation);

    /// <inheritdoc cref="GetAsync"/>
    public Task<JsonElement> DeleteAsync(string path, CancellationToken cancellation = default) =>
        AskAsync(path, () => _http.DeleteAsync(path, cancellation), cancellation);

    /// <summary>Whether the hub says that it is ready.</summary>
    public async Task<bool> IsReadyAsync(CancellationToken cancellation = default)
    {
        try
        {
            using var response = await _http.GetAsync("readyz", cancellation);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonElement> AskAsync(
        string path, Func<Task<HttpResponseMessage>> ask, CancellationToken cancellation)
    {
        try
        {
            using var response = await ask();
            return await ReadAsync(path, response, cancellation);
        }
        catch (HttpRequestException fault)
        {
            throw new HubException($"no hub at {_http.BaseAddress}: {fault.Message}", isAway: true);
        }
        catch (TaskCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new HubException(
                $"the hub at {_http.BaseAddress} did not answer within {_http.Timeout.TotalSeconds} s", isAway: true);
        }
    }

    private static async Task<JsonElement> ReadAsync(
        string path, HttpResponseMessage response, CancellationToken cancellation)
    {
        var text = await response.Content.ReadAsStringAsync(cancellation);
        if (response.StatusCode == System.Net.HttpStatusCode.Unauthorized)
            throw new HubException("the hub did not accept the token: give --token-file the hub's operator.token");
        if (!response.IsSuccessStatusCode)
            throw new HubException($"{path}: {(int)response.StatusCode} {Detail(text) ?? response.ReasonPhrase}");
        if (text.Length == 0)
            return default;
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    // The hub's errors are RFC 9457 problem details; their detail is written for people.
    private static string? Detail(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.TryGetProperty("detail", out var detail) ? detail.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>The hub could not be asked, or said no; the message is for the operator.</summary>
/// <param name="isAway">Nobody answered: later may be another time.</param>
internal sealed class HubException(string message, bool isAway = false) : Exception(message)
{
    public bool IsAway => isAway;
}
