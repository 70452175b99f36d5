using System.Net;
using System.Net.Http.Json;
using LeptonEdge.Hub.Accounts;
using Microsoft.Extensions.DependencyInjection;

namespace LeptonEdge.Tests.Hub.Accounts;

public sealed class SessionApiTests(HubUnderTest hub) : IClassFixture<HubUnderTest>
{
    [Fact]
    public async Task The_first_link_makes_one_administrator_and_no_second()
    {
        await using var fresh = new FreshHub();
        var code = (await fresh.StartAsync()).Code!;
        using var wrong = new Browser(fresh.Hub);
        foreach (var (guess, status) in new[] { ("", 401), (code[..^1], 401), (code + "0", 401) })
            Assert.Equal(status, (int)(await Welcome(wrong, guess)).StatusCode);
        using var weak = await wrong.SendAsync("POST", "welcome", new { code, name = "ann", password = "ann is here" });
        Assert.Equal(HttpStatusCode.BadRequest, weak.StatusCode);
        using var browser = await Browser.AdminAsync(fresh.Hub);
        Assert.Equal("admin", (await browser.GetAsync("session")).GetProperty("role").GetString());
        Assert.Equal(HttpStatusCode.Conflict, (await Welcome(wrong, code)).StatusCode);
        Assert.Null(fresh.Link.Code);
    }

    [Fact]
    public async Task A_hub_with_an_account_has_no_link_when_it_starts_again()
    {
        await using var fresh = new FreshHub();
        var first = (await fresh.StartAsync()).Code;
        await fresh.Hub.StopAsync();
        var second = (await fresh.StartAsync()).Code;
        Assert.NotEqual(first, second);
        (await Browser.AdminAsync(fresh.Hub)).Dispose();
        await fresh.Hub.StopAsync();
        Assert.Null((await fresh.StartAsync()).Code);
        (await Browser.SignedInAsync(fresh.Hub, Browser.Admin, Browser.Password)).Dispose();
    }

    [Fact]
    public async Task A_session_lives_on_when_the_hub_starts_again()
    {
        await using var fresh = new FreshHub();
        await fresh.StartAsync();
        using var browser = await Browser.AdminAsync(fresh.Hub);
        var cookie = Assert.Single(browser.Cookies.GetAllCookies());
        await fresh.Hub.StopAsync();
        await fresh.StartAsync();
        using var client = fresh.Hub.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/v1/session");
        request.Headers.Add("Cookie", $"{cookie.Name}={cookie.Value}");
        using var answer = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task The_cookie_is_out_of_reach_for_scripts_and_other_sites()
    {
        (await Browser.AdminAsync(hub)).Dispose();
        var body = new { name = Browser.Admin, password = Browser.Password };
        using var plain = hub.Client();
        using var overHttp = await plain.PostAsJsonAsync("api/v1/session", body);
        var cookie = Assert.Single(overHttp.Headers.GetValues("Set-Cookie"));
        Assert.StartsWith("lepton=", cookie);
        Assert.Matches("(?i); path=/; samesite=strict; httponly$", cookie);
        Assert.DoesNotContain("domain", cookie, StringComparison.OrdinalIgnoreCase);
        using var tls = new HttpClient(hub.TlsHandler()) { BaseAddress = hub.Https };
        using var overHttps = await tls.PostAsJsonAsync("api/v1/session", body);
        Assert.Matches(
            "(?i)^__Host-lepton=.*; path=/; secure; samesite=strict; httponly$",
            Assert.Single(overHttps.Headers.GetValues("Set-Cookie")));
        // The one of plain HTTP counts for nothing where there is TLS.
        using var crossed = new HttpRequestMessage(HttpMethod.Get, "api/v1/session");
        crossed.Headers.Add("Cookie", cookie.Split(';')[0]);
        using var bare = new HttpClient(hub.TlsHandler()) { BaseAddress = hub.Https };
        Assert.Equal(HttpStatusCode.Unauthorized, (await bare.SendAsync(crossed)).StatusCode);
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_name_get_the_same_answer()
    {
        (await Browser.AdminAsync(hub)).Dispose();
        using var browser = new Browser(hub);
        using var wrong = await browser.SignInAsync(Browser.Admin, "not it at all");
        using var unknown = await browser.SignInAsync("nobody-here", Browser.Password);
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, unknown.StatusCode);
        Assert.Equal(await wrong.Content.ReadAsStringAsync(), await unknown.Content.ReadAsStringAsync());
        Assert.Empty(browser.Cookies.GetAllCookies());
    }

    [Fact]
    public async Task Another_site_signs_nobody_in()
    {
        (await Browser.AdminAsync(hub)).Dispose();
        using var client = hub.Client();
        foreach (var (site, status) in new[] { ("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "api/v1/session");
            request.Content = JsonContent.Create(new { name = Browser.Admin, password = Browser.Password });
            request.Headers.Add("Sec-Fetch-Site", site);
            using var answer = await client.SendAsync(request);
            Assert.Equal(status, (int)answer.StatusCode);
            Assert.Equal(status == 200, answer.Headers.Contains("Set-Cookie"));
        }
    }

    [Fact]
    public async Task A_change_without_the_word_against_forgery_is_refused()
    {
        using var browser = await Browser.AdminAsync(hub);
        var csrf = browser.Csrf!;
        foreach (var presented in (string?[])[null, "", "wrong", csrf + "0", csrf.ToUpperInvariant()])
        {
            browser.Csrf = presented;
            using var answer = await browser.SendAsync("POST", "tokens", new { name = "forged" });
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.Contains("x-lepton-csrf", await answer.Content.ReadAsStringAsync());
        }

        browser.Csrf = null;
        Assert.Equal(csrf, (await browser.GetAsync("session")).GetProperty("csrf").GetString());
        using var other = await Browser.SignedInAsync(hub, Browser.Admin, Browser.Password);
        Assert.NotEqual(csrf, other.Csrf);
        browser.Csrf = other.Csrf;
        using var others = await browser.SendAsync("POST", "tokens", new { name = "forged" });
        Assert.Equal(HttpStatusCode.Forbidden, others.StatusCode);
    }

    [Fact]
    public async Task Who_signed_out_is_not_known_any_more()
    {
        using var browser = await Browser.AdminAsync(hub);
        var cookie = Assert.Single(browser.Cookies.GetAllCookies());
        using var out1 = await browser.SendAsync("DELETE", "session");
        Assert.Equal(HttpStatusCode.NoContent, out1.StatusCode);
        Assert.Empty(browser.Cookies.GetAllCookies());
        browser.Cookies.Add(hub.Http, new Cookie(cookie.Name, cookie.Value));
        using var after = await browser.SendAsync("GET", "session");
        Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
    }

    [Fact]
    public async Task Another_password_ends_the_other_sessions_and_the_old_one_is_wrong()
    {
        using var here = await Browser.OfRoleAsync(hub, "viewer", "cara");
        using var there = await Browser.SignedInAsync(hub, "cara", Browser.Password);
        const string Next = "nine loud magpies";
        using var wrong = await here.SendAsync("PUT", "session/password", new { current = "no such one", password = Next });
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        using var changed = await here.SendAsync(
            "PUT", "session/password", new { current = Browser.Password, password = Next });
        Assert.Equal(HttpStatusCode.NoContent, changed.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await here.SendAsync("GET", "session")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await there.SendAsync("GET", "session")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await there.SignInAsync("cara", Browser.Password)).StatusCode);
        (await Browser.SignedInAsync(hub, "cara", Next)).Dispose();
    }

    [Fact]
    public async Task Sessions_are_listed_and_ended_by_their_owner_and_by_administrators()
    {
        using var here = await Browser.OfRoleAsync(hub, "operator", "dora");
        using var there = await Browser.SignedInAsync(hub, "dora", Browser.Password);
        var mine = (await here.GetAsync("sessions")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(2, mine.Count);
        Assert.All(mine, session => Assert.Equal("dora", session.GetProperty("account").GetString()));
        var current = mine.Single(session => session.GetProperty("current").GetBoolean());
        var other = mine.Single(session => !session.GetProperty("current").GetBoolean());
        using var ended = await here.SendAsync("DELETE", $"sessions/{other.GetProperty("id")}");
        Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await there.SendAsync("GET", "session")).StatusCode);

        using var admin = await Browser.AdminAsync(hub);
        var all = (await admin.GetAsync("sessions?account=*")).GetProperty("items").EnumerateArray()
            .Select(session => session.GetProperty("account").GetString()).Distinct();
        Assert.Superset(new HashSet<string?> { "ann", "dora" }, all.ToHashSet());
        var admins = (await admin.GetAsync("sessions")).GetProperty("items")[0].GetProperty("id");
        // Another's does not exist for who may not see it.
        Assert.Equal(HttpStatusCode.NotFound, (await here.SendAsync("DELETE", $"sessions/{admins}")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await here.SendAsync("GET", "sessions?account=ann")).StatusCode);
        using var byAdmin = await admin.SendAsync("DELETE", $"sessions/{current.GetProperty("id")}");
        Assert.Equal(HttpStatusCode.NoContent, byAdmin.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await here.SendAsync("GET", "session")).StatusCode);
    }

    [Theory]
    [InlineData("DELETE", "accounts/", null)]
    [InlineData("PUT", "accounts/", """{"role":"viewer","sites":["north"]}""")]
    [InlineData("PUT", "accounts/", """{"role":"viewer"}""")]
    public async Task Live_events_end_when_who_watches_may_no_more(string method, string path, string? body)
    {
        var name = $"watcher-{Guid.NewGuid():n}";
        using var watcher = await Browser.OfRoleAsync(hub, "operator", name);
        using var events = await watcher.OpenAsync("live?topics=jobs");
        using var kept = await Browser.AdminAsync(hub);
        using var others = await kept.OpenAsync("live?topics=jobs");
        await ReadSomeAsync(events);
        (await kept.SendAsync(method, path + name, body)).Dispose();
        await Assert.ThrowsAnyAsync<IOException>(() => ReadAllAsync(events));
        await ReadSomeAsync(others);
    }

    [Fact]
    public async Task Live_events_end_with_their_session()
    {
        using var watcher = await Browser.OfRoleAsync(hub, "viewer", "watcher");
        using var events = await watcher.OpenAsync("live?topics=jobs");
        await ReadSomeAsync(events);
        using var ended = await watcher.SendAsync("DELETE", "session");
        Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
        await Assert.ThrowsAnyAsync<IOException>(() => ReadAllAsync(events));
    }

    [Fact]
    public async Task The_operators_token_is_an_administrator()
    {
        using var client = hub.Operator();
        var session = await HubUnderTest.JsonAsync(client, "session");
        Assert.Equal(
            ("operator", "admin", "operatorToken", "plant-7"),
            (session.GetProperty("name").GetString(), session.GetProperty("role").GetString(),
                session.GetProperty("kind").GetString(), session.GetProperty("tenant").GetString()));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("api/v1/accounts")).StatusCode);
    }

    [Fact]
    public async Task The_page_opened_with_the_operators_token_is_guarded_too()
    {
        using var browser = new Browser(hub);
        browser.Cookies.Add(hub.Http, new Cookie("lepton_operator", hub.Token));
        using var forged = await browser.SendAsync("POST", "jobs/inputs");
        Assert.Equal(HttpStatusCode.Forbidden, forged.StatusCode);
        browser.Csrf = (await browser.GetAsync("session")).GetProperty("csrf").GetString();
        using var meant = await browser.SendAsync("POST", "jobs/inputs");
        Assert.Equal(HttpStatusCode.Created, meant.StatusCode);
    }

    private static async Task ReadSomeAsync(Stream events) =>
        Assert.NotEqual(0, await events.ReadAsync(new byte[16]));

    private static async Task ReadAllAsync(Stream events)
    {
        var buffer = new byte[4096];
        while (await events.ReadAsync(buffer) > 0)
        {
        }
    }

    private static Task<HttpResponseMessage> Welcome(Browser browser, string code) =>
        browser.SendAsync("POST", "welcome", new { code, name = "mallory", password = Browser.Password });

    /// <summary>A hub that nobody else of the class uses.</summary>
    private sealed class FreshHub : IAsyncDisposable
    {
        public HubUnderTest Hub { get; } = new();

        public FirstLink Link => Hub.Server.Services.GetRequiredService<FirstLink>();

        public async Task<FirstLink> StartAsync()
        {
            await Hub.InitializeAsync();
            return Link;
        }

        public async ValueTask DisposeAsync() => await Hub.DisposeAsync();
    }
}
