using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace LeptonEdge.Tests.Hub.Accounts;

public sealed class TokenApiTests(HubUnderTest hub) : IClassFixture<HubUnderTest>
{
    [Fact]
    public async Task A_token_is_shown_once_and_kept_nowhere()
    {
        using var admin = await Browser.AdminAsync(hub);
        var token = await admin.TokenAsync(new { name = "nightly report" });
        using var script = Browser.Script(hub, token);
        Assert.Equal(HttpStatusCode.OK, (await script.GetAsync("api/v1/devices")).StatusCode);
        var listed = (await admin.GetAsync("tokens")).GetProperty("items").EnumerateArray()
            .Single(item => item.GetProperty("name").GetString() == "nightly report");
        Assert.False(listed.TryGetProperty("token", out _));
        Assert.NotEqual(0, listed.GetProperty("usedMicros").GetInt64());
        var bytes = Encoding.ASCII.GetBytes(token);
        foreach (var file in Directory.GetFiles(hub.DataFolder, "hub.db*").Where(file => !file.EndsWith(".lock")))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            Assert.False(content.AsSpan().IndexOf(bytes) >= 0, file);
        }
    }

    [Fact]
    public async Task The_same_key_makes_one_token_and_one_account_and_shows_no_text_again()
    {
        using var admin = await Browser.AdminAsync(hub);
        using var script = Browser.Script(
            hub, await admin.TokenAsync(new { name = "by key", scopes = new[] { "read", "change" } }));
        script.DefaultRequestHeaders.Add("Idempotency-Key", "key-1");
        var first = await PostAsync(script, "tokens", new { name = "for the key" });
        var again = await PostAsync(script, "tokens", new { name = "for the key" });
        Assert.Equal((201, 201), (first.Status, again.Status));
        Assert.Equal(first.Body.GetProperty("id").GetInt64(), again.Body.GetProperty("id").GetInt64());
        Assert.False(again.Body.TryGetProperty("token", out _));
        Assert.Equal(422, (await PostAsync(script, "tokens", new { name = "another" })).Status);

        script.DefaultRequestHeaders.Remove("Idempotency-Key");
        script.DefaultRequestHeaders.Add("Idempotency-Key", "key-2");
        var account = new { name = "by-key", password = "as long as it must be", role = "viewer" };
        Assert.Equal(201, (await PostAsync(script, "accounts", account)).Status);
        Assert.Equal(201, (await PostAsync(script, "accounts", account)).Status);
        Assert.Equal(422, (await PostAsync(script, "accounts", account with { password = "quite another one" })).Status);
    }

    private static async Task<(int Status, JsonElement Body)> PostAsync(HttpClient client, string path, object body)
    {
        using var answer = await client.PostAsJsonAsync($"api/v1/{path}", body);
        return ((int)answer.StatusCode, await HubUnderTest.JsonAsync(answer));
    }

    [Fact]
    public async Task A_revoked_token_is_unknown_at_once()
    {
        using var admin = await Browser.AdminAsync(hub);
        using var script = Browser.Script(hub, await admin.TokenAsync(new { name = "gone soon" }));
        Assert.Equal(HttpStatusCode.OK, (await script.GetAsync("api/v1/devices")).StatusCode);
        var id = (await admin.GetAsync("tokens")).GetProperty("items")[0].GetProperty("id");
        Assert.Equal(HttpStatusCode.NoContent, (await admin.SendAsync("DELETE", $"tokens/{id}")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await script.GetAsync("api/v1/devices")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.SendAsync("DELETE", $"tokens/{id}")).StatusCode);
    }

    [Theory]
    [InlineData("read", 200, 403, 403, 200)]
    [InlineData("change", 403, 404, 403, 403)]
    [InlineData("infer", 403, 403, 200, 403)]
    [InlineData("metrics", 403, 403, 403, 200)]
    public async Task A_token_is_good_for_its_scopes_alone(string scope, int list, int change, int infer, int metrics)
    {
        using var admin = await Browser.AdminAsync(hub);
        var token = await admin.TokenAsync(new { name = $"for {scope}", scopes = new[] { scope } });
        using var script = new HttpClient(hub.TlsHandler()) { BaseAddress = hub.Https };
        script.DefaultRequestHeaders.Authorization = new("Bearer", token);
        Assert.Equal(list, (int)(await script.GetAsync("api/v1/devices")).StatusCode);
        Assert.Equal(change, (int)(await script.DeleteAsync("api/v1/plan/drained/nobody")).StatusCode);
        Assert.Equal(infer, (int)(await script.GetAsync("v2/health/live")).StatusCode);
        Assert.Equal(metrics, (int)(await script.GetAsync("metrics")).StatusCode);
    }

    [Fact]
    public async Task A_token_may_no_more_than_its_account_and_loses_what_that_loses()
    {
        using var owner = await Browser.OfRoleAsync(hub, "operator", "eve");
        using var tooMuch = await owner.SendAsync("POST", "tokens", new { name = "x", role = "admin" });
        Assert.Equal(HttpStatusCode.BadRequest, tooMuch.StatusCode);
        Assert.True((await HubUnderTest.JsonAsync(tooMuch)).GetProperty("errors").TryGetProperty("role", out _));
        using var script = Browser.Script(hub, await owner.TokenAsync(new { name = "x", scopes = new[] { "read", "change" } }));
        Assert.Equal(HttpStatusCode.NotFound, (await script.DeleteAsync("api/v1/plan/drained/nobody")).StatusCode);
        using var admin = await Browser.AdminAsync(hub);
        using var less = await admin.SendAsync("PUT", "accounts/eve", new { role = "viewer" });
        Assert.Equal(HttpStatusCode.OK, less.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await script.DeleteAsync("api/v1/plan/drained/nobody")).StatusCode);
        Assert.Equal("viewer", (await HubUnderTest.JsonAsync(script, "session")).GetProperty("role").GetString());
        using var removed = await admin.SendAsync("DELETE", "accounts/eve");
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await script.GetAsync("api/v1/session")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await owner.SendAsync("GET", "session")).StatusCode);
    }

    [Fact]
    public async Task A_token_of_some_sites_sees_those_that_its_account_sees_too()
    {
        using var owner = await Browser.OfRoleAsync(hub, "viewer", "fay", ["north", "south"]);
        using var far = await owner.SendAsync("POST", "tokens", new { name = "x", sites = new[] { "west" } });
        Assert.Equal(HttpStatusCode.BadRequest, far.StatusCode);
        using var script = Browser.Script(hub, await owner.TokenAsync(new { name = "x", sites = new[] { "north" } }));
        Assert.Equal(["north"], await SitesAsync(script));
        using var all = Browser.Script(hub, await owner.TokenAsync(new { name = "y" }));
        Assert.Equal(["north", "south"], await SitesAsync(all));
        using var admin = await Browser.AdminAsync(hub);
        (await admin.SendAsync("PUT", "accounts/fay", new { role = "viewer", sites = new[] { "south" } })).Dispose();
        Assert.Empty(await SitesAsync(script));
        Assert.Equal(["south"], await SitesAsync(all));
    }

    [Fact]
    public async Task A_token_makes_none_that_may_more_or_lasts_longer_than_itself()
    {
        using var admin = await Browser.AdminAsync(hub);
        var first = await admin.TokenAsync(new { name = "maker", role = "operator", scopes = new[] { "read", "change" }, days = 2 });
        using var script = Browser.Script(hub, first);
        using var more = await script.PostAsJsonAsync("api/v1/tokens", new { name = "x", scopes = new[] { "infer" } });
        Assert.True((await HubUnderTest.JsonAsync(more)).GetProperty("errors").TryGetProperty("scopes", out _));
        using var higher = await script.PostAsJsonAsync("api/v1/tokens", new { name = "x", role = "admin" });
        Assert.True((await HubUnderTest.JsonAsync(higher)).GetProperty("errors").TryGetProperty("role", out _));
        using var made = await script.PostAsJsonAsync("api/v1/tokens", new { name = "x", days = 300 });
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var token = await HubUnderTest.JsonAsync(made);
        Assert.Equal("operator", token.GetProperty("role").GetString());
        var days = (token.GetProperty("expiresMicros").GetInt64() - token.GetProperty("createdMicros").GetInt64()) / 86_400e6;
        Assert.InRange(days, 1.9, 2.1);
    }

    [Fact]
    public async Task The_hubs_own_token_makes_tokens_for_accounts()
    {
        using var owner = await Browser.OfRoleAsync(hub, "viewer", "gil");
        using var client = hub.Operator();
        using var unnamed = await client.PostAsJsonAsync("api/v1/tokens", new { name = "x" });
        Assert.Equal(HttpStatusCode.BadRequest, unnamed.StatusCode);
        using var unknown = await client.PostAsJsonAsync("api/v1/tokens", new { name = "x", account = "nobody-here" });
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        using var made = await client.PostAsJsonAsync("api/v1/tokens", new { name = "x", account = "gil" });
        Assert.Equal("gil", (await HubUnderTest.JsonAsync(made)).GetProperty("account").GetString());
        Assert.Single((await owner.GetAsync("tokens")).GetProperty("items").EnumerateArray());
        using var others = await owner.SendAsync("POST", "tokens", new { name = "x", account = Browser.Admin });
        Assert.Equal(HttpStatusCode.Forbidden, others.StatusCode);
    }

    private static async Task<string[]> SitesAsync(HttpClient client) =>
        [.. (await HubUnderTest.JsonAsync(client, "session")).GetProperty("sites").EnumerateArray()
            .Select(site => site.GetString()!)];
}
