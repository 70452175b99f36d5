using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace LeptonEdge.Cli;

/// <summary>What the command line says to a hub's API.</summary>
internal sealed class HubClient : IDisposable
{
    private readonly HttpClient _http;

    /// <param name="address">Such as http://127.0.0.1:8080 or https://hub:8443.</param>
    /// <param name="token">Contents of the hub's operator.token, or a personal access token; null: none.</param>
    /// <param name="caFile">The fleet's authority (PEM), for https; null trusts the system's store.</param>
    /// <param name="timeout">For one answer; null: 5 s.</param>
    public HubClient(Uri address, string? token, string? caFile = null, TimeSpan? timeout = null)
    {
        _http = new HttpClient(FleetTls.CreateHandler(caFile))
            { BaseAddress = address, Timeout = timeout ?? TimeSpan.FromSeconds(5) };
        if (token is not null)
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    public Uri Address => _http.BaseAddress!;

    /// <exception cref="HubException">The hub is not there, or refused; the message says which and what to
    /// do.</exception>
    public Task<JsonElement> GetAsync(string path, CancellationToken cancellation = default) =>
        AskAsync(path, () => _http.GetAsync(path, cancellation), cancellation);

    /// <summary>A resource, and its ETag for a change that is to be of this very state; null where it has
    /// none.</summary>
    /// <exception cref="HubException">As for <see cref="GetAsync"/>.</exception>
    public async Task<(JsonElement Resource, string? Tag)> GetTaggedAsync(
        string path, CancellationToken cancellation = default)
    {
        using var response = await ReachAsync(() => _http.GetAsync(path, cancellation), cancellation);
        return (await ReadAsync(path, response, cancellation), response.Headers.ETag?.ToString());
    }

    /// <inheritdoc cref="GetAsync"/>
    public Task<JsonElement> PostAsync<T>(string path, T body, CancellationToken cancellation = default) =>
        AskAsync(path, () => _http.PostAsJsonAsync(path, body, cancellation), cancellation);

    /// <inheritdoc cref="GetAsync"/>
    public Task<JsonElement> PutAsync<T>(string path, T body, CancellationToken cancellation = default) =>
        AskAsync(path, () => _http.PutAsJsonAsync(path, body, cancellation), cancellation);

    /// <inheritdoc cref="GetAsync"/>
    public Task<JsonElement> DeleteAsync(string path, CancellationToken cancellation = default) =>
        AskAsync(path, () => _http.DeleteAsync(path, cancellation), cancellation);

    /// <summary>Any request, with headers of its own.</summary>
    /// <exception cref="HubException">As for <see cref="GetAsync"/>.</exception>
    public Task<JsonElement> SendAsync(
        string path, Func<HttpRequestMessage> request, CancellationToken cancellation = default) =>
        AskAsync(path, async () =>
        {
            using var message = request();
            return await _http.SendAsync(message, cancellation);
        }, cancellation);

    /// <summary>An answer that is no JSON, such as a picture.</summary>
    /// <exception cref="HubException">As for <see cref="GetAsync"/>.</exception>
    public async Task<byte[]> ReadBytesAsync(string path, CancellationToken cancellation)
    {
        using var response = await ReachAsync(() => _http.GetAsync(path, cancellation), cancellation);
        if (!response.IsSuccessStatusCode)
            await ReadAsync(path, response, cancellation);
        return await response.Content.ReadAsByteArrayAsync(cancellation);
    }

    /// <summary>An answer of lines, such as an export, as they come.</summary>
    /// <exception cref="HubException">As for <see cref="GetAsync"/>.</exception>
    public async IAsyncEnumerable<string> ReadLinesAsync(
        string path, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var response = await ReachAsync(
            () => _http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, cancellation), cancellation);
        if (!response.IsSuccessStatusCode)
            await ReadAsync(path, response, cancellation);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation));
        while (await lines.ReadLineAsync(cancellation) is { } line)
            yield return line;
    }

    /// <summary>The hub's clock, from an answer that anyone may have, and how long that took.</summary>
    /// <exception cref="HubException">The hub is away.</exception>
    public async Task<(DateTimeOffset? Date, int Status)> ReadDateAsync(CancellationToken cancellation)
    {
        using var response = await ReachAsync(() => _http.GetAsync("healthz", cancellation), cancellation);
        return (response.Headers.Date, (int)response.StatusCode);
    }

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
        using var response = await ReachAsync(ask, cancellation);
        return await ReadAsync(path, response, cancellation);
    }

    private async Task<HttpResponseMessage> ReachAsync(
        Func<Task<HttpResponseMessage>> ask, CancellationToken cancellation)
    {
        try
        {
            return await ask();
        }
        catch (HttpRequestException fault)
        {
            throw new HubException(fault.HttpRequestError == HttpRequestError.ResponseEnded
                ? $"the answer of {Address} broke off" : $"no hub at {Address}: {Cause(fault)}", ExitCodes.Away);
        }
        catch (TaskCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new HubException(
                $"the hub at {Address} did not answer within {_http.Timeout.TotalSeconds} s", ExitCodes.Away);
        }
    }

    // What TLS has to say stands in the inner exception.
    private static string Cause(HttpRequestException fault) =>
        fault.InnerException is System.Security.Authentication.AuthenticationException inner
            ? $"{inner.Message} (is --ca the fleet's ca.crt?)"
            : fault.InnerException is IOException broken ? $"{broken.Message} (is it http where https is spoken?)"
            : fault.Message;

    private static async Task<JsonElement> ReadAsync(
        string path, HttpResponseMessage response, CancellationToken cancellation)
    {
        var text = await response.Content.ReadAsStringAsync(cancellation);
        if (!response.IsSuccessStatusCode)
            throw HubException.Of(path, response.StatusCode, response.ReasonPhrase, text);
        if (text.Length == 0)
            return default;
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            throw new HubException($"{path}: the answer is not JSON: is a LeptonEdge hub at this address?");
        }
    }
}
