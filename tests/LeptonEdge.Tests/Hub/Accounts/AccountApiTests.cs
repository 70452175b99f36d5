using System.Net;
using System.Text;
using System.Text.Json;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Storage.Hubs.Accounts;

namespace LeptonEdge.Tests.Hub.Accounts;

public sealed class AccountApiTests(HubUnderTest hub) : IClassFixture<HubUnderTest>
{
    [Fact]
    public async Task An_account_is_made_changed_and_removed()
    {
        using var admin = await Browser.AdminAsync(hub);
        using var made = await admin.SendAsync(
            "POST", "accounts", new { name = "hal", password = Browser.Password, role = "operator", sites = new[] { "north" } });
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        Assert.Equal("/api/v1/accounts/hal", made.Headers.Location!.ToString());
        using var hal = await Browser.SignedInAsync(hub, "hal", Browser.Password);
        Assert.Equal(["north"], (await hal.GetAsync("session")).GetProperty("sites").EnumerateArray().Select(s => s.GetString()));
        using var again = await admin.SendAsync(
            "POST", "accounts", new { name = "hal", password = Browser.Password, role = "viewer" });
        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        var shown = await admin.GetAsync("accounts/hal");
        Assert.Equal(("operator", 1), (shown.GetProperty("role").GetString(), shown.GetProperty("sessions").GetInt32()));
        Assert.False(shown.TryGetProperty("hash", out _));
        using var reset = await admin.SendAsync("PUT", "accounts/hal/password", new { password = "nine loud magpies" });
        Assert.Equal(HttpStatusCode.NoContent, reset.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await hal.SendAsync("GET", "session")).StatusCode);
        using var gone = await admin.SendAsync("DELETE", "accounts/hal");
        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.SendAsync("GET", "accounts/hal")).StatusCode);
    }

    [Fact]
    public async Task A_change_of_what_somebody_else_changed_is_refused()
    {
        using var admin = await Browser.AdminAsync(hub);
        (await Browser.OfRoleAsync(hub, "viewer", "ivy")).Dispose();
        using var shown = await admin.SendAsync("GET", "accounts/ivy");
        var tag = shown.Headers.ETag!.ToString();
        using var first = await admin.SendAsync("PUT", "accounts/ivy", new { role = "operator" }, tag);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.NotEqual(tag, first.Headers.ETag!.ToString());
        using var stale = await admin.SendAsync("PUT", "accounts/ivy", new { role = "admin" }, tag);
        Assert.Equal(HttpStatusCode.PreconditionFailed, stale.StatusCode);
        using var remove = await admin.SendAsync("DELETE", "accounts/ivy", ifMatch: tag);
        Assert.Equal(HttpStatusCode.PreconditionFailed, remove.StatusCode);
        using var nonsense = await admin.SendAsync("PUT", "accounts/ivy", new { role = "admin" }, "nonsense");
        Assert.Equal(HttpStatusCode.BadRequest, nonsense.StatusCode);
        using var any = await admin.SendAsync("DELETE", "accounts/ivy", ifMatch: "*");
        Assert.Equal(HttpStatusCode.NoContent, any.StatusCode);
    }

    [Fact]
    public async Task The_last_administrator_stays()
    {
        using var admin = await Browser.AdminAsync(hub);
        using var demoted = await admin.SendAsync("PUT", "accounts/ann", new { role = "viewer" });
        Assert.Equal(HttpStatusCode.Conflict, demoted.StatusCode);
        using var removed = await admin.SendAsync("DELETE", "accounts/ann");
        Assert.Equal(HttpStatusCode.Conflict, removed.StatusCode);
        Assert.Equal("admin", (await admin.GetAsync("session")).GetProperty("role").GetString());
    }

    [Fact]
    public async Task A_viewer_who_is_an_operator_of_some_sites_is_one_there_alone()
    {
        using var admin = await Browser.AdminAsync(hub);
        using var made = await admin.SendAsync("POST", "accounts", new
        {
            name = "lea", password = Browser.Password, role = "viewer", sites = new[] { "south" }, operatorSites = new[] { "north" },
        });
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        using var lea = await Browser.SignedInAsync(hub, "lea", Browser.Password);
        var session = await lea.GetAsync("session");
        Assert.Equal("viewer", session.GetProperty("role").GetString());
        Assert.Equal(["north", "south"], session.GetProperty("sites").EnumerateArray().Select(s => s.GetString()));
        Assert.Equal(["north"], session.GetProperty("operatorSites").EnumerateArray().Select(s => s.GetString()));
        // Let in by the role, and then there is no such device.
        Assert.Equal(HttpStatusCode.NotFound, (await lea.SendAsync("DELETE", "plan/drained/nobody")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await lea.SendAsync("GET", "accounts")).StatusCode);
        string[] all = ["read", "change", "infer", "metrics"];
        using var script = Browser.Script(hub, await lea.TokenAsync(new { name = "x", role = "operator", scopes = all }));
        Assert.Equal(HttpStatusCode.NotFound, (await script.DeleteAsync("api/v1/plan/drained/nobody")).StatusCode);
        using var less = Browser.Script(hub, await lea.TokenAsync(new { name = "y", role = "viewer", scopes = all }));
        Assert.Equal(HttpStatusCode.Forbidden, (await less.DeleteAsync("api/v1/plan/drained/nobody")).StatusCode);
        using var far = Browser.Script(
            hub, await lea.TokenAsync(new { name = "z", role = "operator", scopes = all, sites = new[] { "south" } }));
        Assert.Equal(HttpStatusCode.Forbidden, (await far.DeleteAsync("api/v1/plan/drained/nobody")).StatusCode);
        // What concerns the whole hub is for who sees all of it.
        Assert.Equal(
            HttpStatusCode.Forbidden, (await script.PostAsync("v2/repository/models/bearing-fault/load", null)).StatusCode);
        using var tls = new HttpClient(hub.TlsHandler()) { BaseAddress = hub.Https };
        tls.DefaultRequestHeaders.Authorization = script.DefaultRequestHeaders.Authorization;
        Assert.Equal(HttpStatusCode.Forbidden, (await tls.GetAsync("metrics")).StatusCode);
    }

    [Theory]
    [InlineData(0, null, null, Role.Viewer, null)]
    [InlineData(0, "a,b", null, Role.Viewer, "a,b")]
    [InlineData(0, "a,b", "c", Role.Viewer, "a,b,c")]
    [InlineData(0, null, "c", Role.Viewer, null)]
    [InlineData(0, null, "c", Role.Operator, "c")]
    [InlineData(0, "a,b", "b", Role.Operator, "b")]
    [InlineData(0, "a", null, Role.Operator, "refused")]
    [InlineData(0, null, "c", Role.Admin, "refused")]
    [InlineData(1, "a", null, Role.Operator, "a")]
    [InlineData(1, null, null, Role.Admin, "refused")]
    [InlineData(2, null, null, Role.Admin, null)]
    public void A_request_sees_the_sites_where_its_role_suffices(
        int role, string? sites, string? operatorSites, Role needed, string? seen)
    {
        var account = new StoredAccount(
            1, "x", "", role, sites?.Split(','), 0, 1, 0, 0, 0, operatorSites?.Split(','));
        if (Rights.Of(account).For(needed) is not { } allowed)
            Assert.Equal("refused", seen);
        else
            Assert.Equal(seen, allowed.Sites is null ? null : string.Join(',', allowed.Sites.Order()));
    }

    [Fact]
    public async Task A_locked_account_is_unlocked()
    {
        using var admin = await Browser.AdminAsync(hub);
        (await Browser.OfRoleAsync(hub, "viewer", "jim")).Dispose();
        using var guesser = new Browser(hub);
        for (var i = 0; i < 5; i++)
            (await guesser.SignInAsync("jim", "wrong password")).Dispose();
        Assert.Equal(JsonValueKind.Number, (await admin.GetAsync("accounts/jim")).GetProperty("lockedUntilMicros").ValueKind);
        Assert.Equal(HttpStatusCode.Unauthorized, (await guesser.SignInAsync("jim", Browser.Password)).StatusCode);
        using var unlocked = await admin.SendAsync("POST", "accounts/jim/unlock");
        Assert.Equal(HttpStatusCode.OK, unlocked.StatusCode);
        (await Browser.SignedInAsync(hub, "jim", Browser.Password)).Dispose();
    }

    [Fact]
    public async Task Accounts_come_in_pages()
    {
        using var admin = await Browser.AdminAsync(hub);
        foreach (var name in (string[])["page-1", "page-2", "page-3"])
            (await Browser.OfRoleAsync(hub, "viewer", name)).Dispose();
        var names = new List<string?>();
        for (string? cursor = null; ;)
        {
            var page = await admin.GetAsync($"accounts?role=viewer&sort=-name&limit=1{(cursor is null ? "" : $"&cursor={cursor}")}");
            names.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString()));
            if ((cursor = page.GetProperty("next").GetString()) is null)
                break;
        }

        Assert.Equal(names.OrderDescending(StringComparer.Ordinal), names);
        Assert.Superset(new HashSet<string?> { "page-1", "page-2", "page-3" }, names.ToHashSet());
    }

    [Theory]
    [InlineData("POST", "accounts", """{"password":"seven quiet herons","role":"viewer"}""", "name")]
    [InlineData("POST", "accounts", """{"name":"","password":"seven quiet herons","role":"viewer"}""", "name")]
    [InlineData("POST", "accounts", """{"name":"Über","password":"seven quiet herons","role":"viewer"}""", "name")]
    [InlineData("POST", "accounts", """{"name":"operator","password":"seven quiet herons","role":"viewer"}""", "name")]
    [InlineData("POST", "accounts", """{"name":"a\n","password":"seven quiet herons","role":"viewer"}""", "name")]
    [InlineData("POST", "accounts", """{"name":7,"password":"seven quiet herons","role":"viewer"}""", "name")]
    [InlineData("POST", "accounts", """{"name":null,"password":"seven quiet herons","role":"viewer"}""", "name")]
    [InlineData("POST", "accounts", """{"name":"kim","role":"viewer"}""", "password")]
    [InlineData("POST", "accounts", """{"name":"kim","password":"kim kim kim kim","role":"viewer"}""", "password")]
    [InlineData("POST", "accounts", """{"name":"kim","password":["seven quiet herons"],"role":"viewer"}""", "password")]
    [InlineData("POST", "accounts", """{"name":"kim","password":"seven quiet herons"}""", "role")]
    [InlineData("POST", "accounts", """{"name":"kim","password":"seven quiet herons","role":"root"}""", "role")]
    [InlineData("POST", "accounts", """{"name":"kim","password":"seven quiet herons","role":2}""", "role")]
    [InlineData("POST", "accounts", """{"name":"kim","password":"seven quiet herons","role":"viewer","sites":"north"}""", "sites")]
    [InlineData("POST", "accounts", """{"name":"kim","password":"seven quiet herons","role":"viewer","sites":[]}""", "sites")]
    [InlineData("POST", "accounts", """{"name":"kim","password":"seven quiet herons","role":"viewer","sites":[""]}""", "sites")]
    [InlineData("POST", "accounts", """{"name":"kim","password":"seven quiet herons","role":"viewer","sites":[null]}""", "sites")]
    [InlineData("POST", "accounts", """{"name":"kim","password":"seven quiet herons","role":"viewer","sites":["a","a"]}""", "sites")]
    [InlineData("POST", "accounts", """{"name":"kim","password":"seven quiet herons","role":"admin","sites":["a"]}""", "sites")]
    [InlineData("POST", "accounts", """{"name":"kim","password":"seven quiet herons","role":"operator","operatorSites":["a"]}""", "operatorSites")]
    [InlineData("POST", "accounts", """{"name":"kim","password":"seven quiet herons","role":"viewer","operatorSites":[""]}""", "operatorSites")]
    [InlineData("PUT", "accounts/ann", """{}""", "role")]
    [InlineData("PUT", "accounts/ann", """{"role":"boss"}""", "role")]
    [InlineData("PUT", "accounts/ann/password", """{"password":"short"}""", "password")]
    [InlineData("PUT", "accounts/ann/password", """{"password":null}""", "password")]
    [InlineData("POST", "session", """{"password":"x"}""", "name")]
    [InlineData("POST", "session", """{"name":"ann"}""", "password")]
    [InlineData("POST", "session", """{"name":"ann","password":""}""", "password")]
    [InlineData("PUT", "session/password", """{"current":"x","password":"short"}""", "password")]
    [InlineData("PUT", "session/password", """{"password":"nine loud magpies"}""", "current")]
    [InlineData("POST", "welcome", """{"name":"x","password":"seven quiet herons"}""", "code")]
    [InlineData("POST", "tokens", """{}""", "name")]
    [InlineData("POST", "tokens", """{"name":""}""", "name")]
    [InlineData("POST", "tokens", """{"name":"x","days":0}""", "days")]
    [InlineData("POST", "tokens", """{"name":"x","days":367}""", "days")]
    [InlineData("POST", "tokens", """{"name":"x","days":1.5}""", "days")]
    [InlineData("POST", "tokens", """{"name":"x","days":"7"}""", "days")]
    [InlineData("POST", "tokens", """{"name":"x","days":99999999999}""", "days")]
    [InlineData("POST", "tokens", """{"name":"x","scopes":[]}""", "scopes")]
    [InlineData("POST", "tokens", """{"name":"x","scopes":["all"]}""", "scopes")]
    [InlineData("POST", "tokens", """{"name":"x","scopes":"read"}""", "scopes")]
    [InlineData("POST", "tokens", """{"name":"x","scopes":[null]}""", "scopes")]
    [InlineData("POST", "tokens", """{"name":"x","role":"none"}""", "role")]
    public async Task A_wrong_field_is_named(string method, string path, string body, string field)
    {
        using var admin = await Browser.AdminAsync(hub);
        using var answer = await admin.SendAsync(method, path, body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        var errors = (await HubUnderTest.JsonAsync(answer)).GetProperty("errors").EnumerateObject();
        Assert.Contains(errors, error => error.Name.Split('[', '.')[0] == field);
    }

    [Theory]
    [InlineData("POST", "session")]
    [InlineData("POST", "welcome")]
    [InlineData("PUT", "session/password")]
    [InlineData("POST", "accounts")]
    [InlineData("PUT", "accounts/ann")]
    [InlineData("PUT", "accounts/ann/password")]
    [InlineData("POST", "tokens")]
    public async Task What_is_no_json_object_is_refused(string method, string path)
    {
        using var admin = await Browser.AdminAsync(hub);
        object?[] bodies =
        [
            null, "", "{", "[]", "null", "7", "\"text\"", """{"name":"a","name":"b"}""", new string('[', 100_000),
            new byte[] { (byte)'{', (byte)'"', 0xff, 0xfe, (byte)'"', (byte)':', (byte)'1', (byte)'}' },
            "{\"name\":\"" + new string('x', 1_000_000) + "\",\"password\":\"x\",\"role\":\"viewer\",\"code\":\"x\",\"current\":\"x\"}",
        ];
        foreach (var body in bodies)
        {
            using var answer = await admin.SendAsync(method, path, body);
            var text = body?.ToString() ?? "no body";
            Assert.True((int)answer.StatusCode is >= 400 and < 500, $"{text[..Math.Min(50, text.Length)]}: {answer.StatusCode}");
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        }

        using var form = new HttpRequestMessage(new HttpMethod(method), $"api/v1/{path}");
        form.Content = new StringContent("name=ann&password=x", Encoding.UTF8, "application/x-www-form-urlencoded");
        using var script = hub.Operator();
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await script.SendAsync(form)).StatusCode);
    }

    [Theory]
    [InlineData("GET", "accounts?limit=0", 400)]
    [InlineData("GET", "accounts?limit=x", 400)]
    [InlineData("GET", "accounts?sort=hash", 400)]
    [InlineData("GET", "accounts?cursor=x", 400)]
    [InlineData("GET", "accounts?role=root", 400)]
    [InlineData("GET", "accounts/%E4%F6", 404)]
    [InlineData("GET", "sessions?limit=1001", 400)]
    [InlineData("GET", "sessions?cursor=%21", 400)]
    [InlineData("GET", "sessions?account=no-such", 404)]
    [InlineData("GET", "tokens?limit=-1", 400)]
    [InlineData("GET", "tokens?account=no-such", 404)]
    [InlineData("DELETE", "tokens/0", 404)]
    [InlineData("DELETE", "tokens/-1", 404)]
    [InlineData("DELETE", "tokens/99999999999999999999", 404)]
    [InlineData("DELETE", "tokens/x", 404)]
    [InlineData("DELETE", "sessions/x", 404)]
    [InlineData("DELETE", "accounts/no-such", 404)]
    [InlineData("POST", "accounts/no-such/unlock", 404)]
    [InlineData("GET", "audit?limit=0", 400)]
    [InlineData("GET", "audit?cursor=AAAA", 400)]
    [InlineData("GET", "audit?actor=", 400)]
    [InlineData("GET", "audit?from=-1", 400)]
    [InlineData("GET", "audit?from=x", 400)]
    [InlineData("GET", "audit?from=5&to=5", 400)]
    [InlineData("GET", "audit?target=%00", 400)]
    public async Task A_wrong_address_is_explained(string method, string path, int status)
    {
        using var admin = await Browser.AdminAsync(hub);
        using var answer = await admin.SendAsync(method, path);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
    }
}
