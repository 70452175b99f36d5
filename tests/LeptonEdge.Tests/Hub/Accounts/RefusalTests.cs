using System.Net;
using System.Text.RegularExpressions;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Api;
using LeptonEdge.Hub.Audit;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Hubs.Accounts;
using LeptonEdge.Tests.Hub.Api;
using LeptonEdge.Tests.Support;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using LeptonEdge.Tests.Storage;

namespace LeptonEdge.Tests.Hub.Accounts;

/// <summary>What the gate refuses is counted, and written down who was refused what, however often they ask.</summary>
public sealed class RefusalTests(HubUnderTest hub) : IClassFixture<HubUnderTest>
{
    private HubStore Store => hub.Server.Services.GetRequiredService<HubStore>();

    [Fact]
    public async Task Refusals_are_counted_and_the_first_few_of_each_caller_are_written_down()
    {
        using var viewer = await Browser.OfRoleAsync(hub, "viewer", "rolf");
        for (var i = 0; i < 20; i++)
            Assert.Equal(HttpStatusCode.Forbidden, (await viewer.SendAsync("PUT", "plan/drained/press")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await viewer.SendAsync("GET", "audit")).StatusCode);
        using var script = Browser.Script(hub, await viewer.TokenAsync(new { name = "reads", scopes = new[] { "read" } }));
        Assert.Equal(HttpStatusCode.Forbidden, (await script.PutAsync("api/v1/views/a", null)).StatusCode);
        viewer.Csrf = "no such word";
        Assert.Equal(HttpStatusCode.Forbidden, (await viewer.SendAsync("PUT", "views/a", new { })).StatusCode);
        using var nobody = hub.Client();
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync("api/v1/devices")).StatusCode);

        var entries = Store.AuditEntries(new AuditFilter("rolf"), 100).Select(entry => entry.Change)
            .Where(change => change.Outcome == "refused").Reverse().Select(change => $"{change.Kind} {change.Action} {change.Target} {change.After}");
        Assert.Equal(
            [
                .. Enumerable.Repeat("""session plan.drain PUT /api/v1/plan/drained/press {"reason":"role"}""", RefusalBook.SinglesMax),
                """session access GET /api/v1/audit {"reason":"role"}""",
                """token reads view.put PUT /api/v1/views/a {"reason":"scope"}""",
                """session view.put PUT /api/v1/views/a {"reason":"csrf"}""",
            ],
            entries);
        Assert.Empty(Store.AuditEntries(new AuditFilter("nobody", "access"), 10));
        var page = await nobody.GetStringAsync("metrics");
        foreach (var (reason, least) in ((string, int)[])[("role", 21), ("scope", 1), ("csrf", 1), ("unknown", 1), ("rate", 0)])
        {
            var count = Regex.Match(page, $"lepton_hub_requests_refused_total\\{{reason=\"{reason}\"\\}} (\\d+)");
            Assert.True(count.Success && int.Parse(count.Groups[1].Value) >= least, $"{reason}: {count.Value}");
        }
    }

    [Fact]
    public void A_flood_of_refusals_fills_no_log()
    {
        using var fixture = new HubStoreFixture();
        var log = new AuditLog(fixture.Store, Options.Create(new JsonOptions()), NullLogger<AuditLog>.Instance);
        using var book = new RefusalBook(log, fixture.Clock, NullLogger<RefusalBook>.Instance);
        for (var i = 0; i < 10_000; i++)
            book.Add(Refused("mallory", "198.51.100.7"));
        Assert.Equal(RefusalBook.SinglesMax, Entries().Count);
        fixture.Clock.Advance(TimeSpan.FromMinutes(1));
        var more = Entries()[0].Change;
        Assert.Equal(("mallory", "plan.pin", "refused", $$"""{"more":{{10_000 - RefusalBook.SinglesMax}}}"""), (more.Actor, more.Action, more.Outcome, more.After));

        for (var i = 0; i < 10_000; i++)
            book.Add(Refused("nobody", $"10.0.{i / 256}.{i % 256}"));
        fixture.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(RefusalBook.SinglesMax + 1 + RefusalBook.KindsMax + 1, Entries().Count);
        Assert.Equal($$"""{"more":{{10_000 - RefusalBook.KindsMax}}}""", Entries()[0].Change.After);
        // A quiet minute says nothing.
        fixture.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(RefusalBook.SinglesMax + 1 + RefusalBook.KindsMax + 1, Entries().Count);

        IReadOnlyList<AuditEntry> Entries() => fixture.Store.AuditEntries(new AuditFilter(), 1000);
    }

    [Fact]
    public async Task A_locked_account_and_a_wrong_password_answer_the_same_and_are_told_apart_in_the_log()
    {
        (await Browser.OfRoleAsync(hub, "viewer", "lola")).Dispose();
        using var guesser = new Browser(hub);
        var answers = new HashSet<string>();
        for (var i = 0; i <= LockRule.FreeTries; i++)
        {
            using var answer = await guesser.SignInAsync("lola", i < LockRule.FreeTries ? "some wrong words" : Browser.Password);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            answers.Add(await answer.Content.ReadAsStringAsync());
        }

        Assert.Single(answers);
        var entries = Store.AuditEntries(new AuditFilter(Target: "lola", Action: "session.begin"), 10)
            .Where(entry => entry.Change.Outcome == "refused").Select(entry => entry.Change.After).ToList();
        Assert.Equal(["""{"locked":true}""", .. Enumerable.Repeat("""{"locked":false}""", LockRule.FreeTries)], entries);
    }

    [Fact]
    public async Task Every_change_with_a_cookie_needs_the_word_against_forgery()
    {
        using var admin = await Browser.AdminAsync(hub);
        admin.Csrf = null;
        var asked = 0;
        foreach (var endpoint in Changes())
        {
            using var answer = await admin.SendAsync(endpoint.Method, PathOf(endpoint.Endpoint), new { });
            Assert.True(answer.StatusCode == HttpStatusCode.Forbidden, $"{endpoint}: {answer.StatusCode}");
            Assert.Contains("x-lepton-csrf", await answer.Content.ReadAsStringAsync());
            asked++;
        }

        Assert.True(asked > 30, $"{asked} changes");
    }

    [Fact]
    public async Task An_administrators_token_of_less_can_change_nothing()
    {
        using var admin = await Browser.AdminAsync(hub);
        string[] all = ["read", "change", "infer", "metrics"];
        using var viewing = Browser.Script(hub, await admin.TokenAsync(new { name = "looks", role = "viewer", scopes = all }));
        using var reading = Browser.Script(hub, await admin.TokenAsync(new { name = "reads", scopes = new[] { "read" } }));
        foreach (var (method, endpoint) in Changes())
        {
            foreach (var client in AccessRules.RoleFor(endpoint, method) == Role.Viewer ? [reading] : (HttpClient[])[viewing, reading])
            {
                using var answer = await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), $"api/v1/{PathOf(endpoint)}"));
                Assert.True(answer.StatusCode == HttpStatusCode.Forbidden, $"{method} {endpoint}: {answer.StatusCode}");
            }
        }
    }

    [Fact]
    public async Task Who_signs_in_anew_has_another_session_and_the_one_before_is_over()
    {
        using var browser = await Browser.OfRoleAsync(hub, "viewer", "rosa");
        var before = browser.Cookies.GetCookies(hub.Http).Single().Value;
        using var again = await browser.SignInAsync("rosa", Browser.Password);
        Assert.NotEqual(before, browser.Cookies.GetCookies(hub.Http).Single().Value);
        using var old = new Browser(hub);
        old.Cookies.SetCookies(hub.Http, $"lepton={before}; path=/");
        Assert.Equal(HttpStatusCode.Unauthorized, (await old.SendAsync("GET", "session")).StatusCode);
        Assert.Single((await browser.GetAsync("sessions")).GetProperty("items").EnumerateArray());
    }

    [Theory]
    [InlineData("own", null, true)]
    [InlineData("own", true, false)]
    [InlineData("reset", null, false)]
    [InlineData("reset", false, true)]
    public async Task Another_password_revokes_tokens_where_it_should(string how, bool? revoke, bool stays)
    {
        var name = $"kim-{Guid.NewGuid():n}";
        const string Next = "nine loud magpies";
        using var kim = await Browser.OfRoleAsync(hub, "viewer", name);
        using var script = Browser.Script(hub, await kim.TokenAsync(new { name = "x" }));
        using var events = await Browser.OpenAsync(script, "live?topics=alarms");
        using var admin = await Browser.AdminAsync(hub);
        var body = new Dictionary<string, object> { ["password"] = Next };
        if (revoke is { } said)
            body["revokeTokens"] = said;
        if (how == "own")
            body["current"] = Browser.Password;
        using var changed = how == "own"
            ? await kim.SendAsync("PUT", "session/password", body)
            : await admin.SendAsync("PUT", $"accounts/{name}/password", body);
        Assert.Equal(HttpStatusCode.NoContent, changed.StatusCode);
        Assert.Equal(
            stays ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, (await script.GetAsync("api/v1/session")).StatusCode);
        Assert.Equal(how == "own", (await kim.SendAsync("GET", "session")).IsSuccessStatusCode);
        if (!stays)
            await Assert.ThrowsAnyAsync<IOException>(() => events.CopyToAsync(Stream.Null));
    }

    [Fact]
    public async Task A_removed_accounts_token_acts_no_more_nor_does_what_it_follows()
    {
        using var gone = await Browser.OfRoleAsync(hub, "operator", "gone");
        using var script = Browser.Script(hub, await gone.TokenAsync(new { name = "x" }));
        using var events = await Browser.OpenAsync(script, "live?topics=alarms");
        using var admin = await Browser.AdminAsync(hub);
        Assert.Equal(HttpStatusCode.NoContent, (await admin.SendAsync("DELETE", "accounts/gone")).StatusCode);
        await Assert.ThrowsAnyAsync<IOException>(() => events.CopyToAsync(Stream.Null));
        Assert.Equal(HttpStatusCode.Unauthorized, (await script.GetAsync("api/v1/session")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await gone.SendAsync("GET", "session")).StatusCode);
        // Another account of that name is another account.
        using var again = await Browser.OfRoleAsync(hub, "operator", "gone");
        Assert.Equal(HttpStatusCode.Unauthorized, (await script.GetAsync("api/v1/session")).StatusCode);
    }

    [Fact]
    public async Task Counts_over_all_sites_are_for_who_sees_all_sites()
    {
        string[] infer = ["infer"];
        using var here = await Browser.OfRoleAsync(hub, "operator", "here-infers", ["south"]);
        using var all = await Browser.OfRoleAsync(hub, "viewer", "all-infer");
        using var narrow = Browser.Script(hub, await here.TokenAsync(new { name = "x", scopes = infer }));
        using var wide = Browser.Script(hub, await all.TokenAsync(new { name = "x", scopes = infer }));
        foreach (var path in (string[])["v2/models/stats", "v2/models/bearing-fault/stats", "v2/models/bearing-fault/versions/1.0.0/stats"])
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await narrow.GetAsync(path)).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await wide.GetAsync(path)).StatusCode);
        }

        Assert.Equal(HttpStatusCode.OK, (await narrow.GetAsync("v2/models/bearing-fault")).StatusCode);
    }

    private static NewAuditEntry Refused(string actor, string address) =>
        new(actor, "none", address, "plan.pin", "press/bearing", "refused", null, null);

    private static string PathOf(RouteEndpoint endpoint) => Regex.Replace(
        endpoint.RoutePattern.RawText!["/api/v1/".Length..], @"\{([^}:]+)(:[^}]*)?\}",
        match => match.Groups[2].Length > 0 || match.Groups[1].Value == "version" ? "1" : "some");

    private List<(string Method, RouteEndpoint Endpoint)> Changes() =>
    [
        .. hub.Server.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/api/v1/")
                && AccessRules.AccessOf(endpoint) == Access.Role)
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
                .Where(method => !AccessRules.Reads(method)).Select(method => (method, endpoint))),
    ];
}
