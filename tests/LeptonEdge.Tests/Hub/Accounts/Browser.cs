using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using LeptonEdge.Hub.Accounts;
using Microsoft.Extensions.DependencyInjection;

namespace LeptonEdge.Tests.Hub.Accounts;

/// <summary>The page as the hub sees it: keeps cookies, and sends the word against forgery along once it has it.</summary>
internal sealed class Browser : IDisposable
{
    public const string Admin = "ann";
    public const string Password = "seven quiet herons";

    private readonly HttpClient _client;

    public Browser(HubUnderTest hub)
    {
        Cookies = new CookieContainer();
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = Cookies })
        {
            BaseAddress = hub.Http,
        };
    }

    public CookieContainer Cookies { get; }

    public string? Csrf { get; set; }

    /// <summary>Signed in as the administrator, whose account it makes if there is none.</summary>
    public static async Task<Browser> AdminAsync(HubUnderTest hub)
    {
        if (hub.Server.Services.GetRequiredService<FirstLink>().Code is not { } code)
            return await SignedInAsync(hub, Admin, Password);
        var browser = new Browser(hub);
        using var answer = await browser.SendAsync("POST", "welcome", new { code, name = Admin, password = Password });
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        await browser.TakeCsrfAsync(answer);
        return browser;
    }

    public static async Task<Browser> SignedInAsync(HubUnderTest hub, string name, string password)
    {
        var browser = new Browser(hub);
        using var answer = await browser.SignInAsync(name, password);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await browser.TakeCsrfAsync(answer);
        return browser;
    }

    /// <summary>A new account of this role, signed in.</summary>
    public static async Task<Browser> OfRoleAsync(HubUnderTest hub, string role, string name, string[]? sites = null)
    {
        using var admin = await AdminAsync(hub);
        using var made = await admin.SendAsync("POST", "accounts", new { name, password = Password, role, sites });
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        return await SignedInAsync(hub, name, Password);
    }

    public Task<HttpResponseMessage> SignInAsync(string name, string password) =>
        SendAsync("POST", "session", new { name, password });

    public Task<HttpResponseMessage> SendAsync(string method, string path, object? body = null, string? ifMatch = null)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), $"api/v1/{path}");
        if (body is HttpContent content)
            request.Content = content;
        else if (body is string text)
            request.Content = new StringContent(text, Encoding.UTF8, "application/json");
        else if (body is byte[] bytes)
            request.Content = new ByteArrayContent(bytes) { Headers = { ContentType = new("application/json") } };
        else if (body is not null)
            request.Content = JsonContent.Create(body);
        if (Csrf is not null)
            request.Headers.Add("x-lepton-csrf", Csrf);
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        return _client.SendAsync(request);
    }

    /// <summary>An answer that does not end.</summary>
    public Task<Stream> OpenAsync(string path) => OpenAsync(_client, path);

    /// <inheritdoc cref="OpenAsync(string)"/>
    public static async Task<Stream> OpenAsync(HttpClient client, string path)
    {
        var answer = await client.GetAsync($"api/v1/{path}", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStreamAsync();
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await SendAsync("GET", path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await HubUnderTest.JsonAsync(answer);
    }

    /// <returns>The token's text.</returns>
    public async Task<string> TokenAsync(object wish)
    {
        using var answer = await SendAsync("POST", "tokens", wish);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return (await HubUnderTest.JsonAsync(answer)).GetProperty("token").GetString()!;
    }

    /// <summary>A script with a token.</summary>
    public static HttpClient Script(HubUnderTest hub, string token)
    {
        var client = hub.Client();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    public void Dispose() => _client.Dispose();

    private async Task TakeCsrfAsync(HttpResponseMessage answer) =>
        Csrf = (await HubUnderTest.JsonAsync(answer)).GetProperty("csrf").GetString();
}
