using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using LeptonEdge.Core.Alarms;
using LeptonEdge.Hub.Audit;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Hubs.Accounts;
using LeptonEdge.Tests.Hub.Api;
using LeptonEdge.Tests.Support;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace LeptonEdge.Tests.Hub.Accounts;

/// <summary>Walks all operations of the API's document that change something: each leaves one entry for each change, which
/// says who, what, which, how it was and how it is. An operation that is new belongs into <see cref="Requests"/>.</summary>
public sealed class EveryChangeTests(HubUnderTest hub) : IClassFixture<HubUnderTest>
{
    private const string NewPassword = "nine loud pelicans";

    // POST for the sake of its body; it changes nothing.
    private static readonly string[] s_harmless = ["dryRunPlan", "recomputeDecision", "subscribeLive"];

    private readonly HashSet<string> _asked = [];
    private long _alarm;
    private string _token = "";

    private HubStore Store => hub.Server.Services.GetRequiredService<HubStore>();

    [Fact]
    public async Task Every_change_leaves_one_entry_with_who_what_which_before_and_after()
    {
        await using var press = new ObedientDevice(hub, "press")
        {
            Lie = report => report.Workloads[0].Rules.Add(Stocked.Rule()),
        };
        using var admin = await Browser.AdminAsync(hub);
        await Eventually.True(
            async () => (await admin.SendAsync("GET", "devices/press/workloads/bearing/rules/hot")).IsSuccessStatusCode,
            "press has reported");
        hub.Store("press", 1, batch =>
        {
            for (var i = 0; i < 4_000; i++)
                batch.AddReading(new("drive-end"), 1_000_000 + (i * 1_000_000L / 12_000), Math.Sin(i));
            batch.Alarms.Add(Stocked.Alarm(AlarmTransition.Raised, 10));
            batch.Alarms.Add(Stocked.Alarm(AlarmTransition.Raised, 11, rule: "hotter"));
        });
        _alarm = (await admin.GetAsync("alarms?device=press")).GetProperty("items")[0].GetProperty("id").GetInt64();
        var operations = ApiOperation.All(await admin.GetAsync("openapi.json"))
            .ToDictionary(operation => operation.Description.GetProperty("operationId").GetString()!);
        foreach (var request in Requests(admin))
            await CheckAsync(admin, operations[request.Operation], request);

        var forgotten = operations.Where(operation => operation.Value.Method is not ("GET" or "HEAD"))
            .Select(operation => operation.Key).Except(_asked).Except(s_harmless);
        Assert.Empty(forgotten);
        NoSecretIsWrittenDown();
        Assert.True(AuditChain.Verify(Store).IsSound);
    }

    // In order: what is changed must be there.
    private IEnumerable<Request> Requests(Browser admin)
    {
        var rows = new { name = "x", datatype = "FP32", shape = new[] { 1, 1 }, raw = new byte[4] };
        yield return new("changeDevice", "devices/press", "press", new { tags = new[] { "a" } }, Before: true);
        yield return new("changeDevices", "devices/bulk", "press", new { devices = new[] { "press" }, action = "tag", tag = "b" }, Before: true);
        yield return new("setWorkloadModel", "devices/press/workloads/bearing/model", "press/bearing", new { model = "a/1.0.0" }, Before: true);
        yield return new("changeRule", "devices/press/workloads/bearing/rules/hot", "press/bearing/hot", new { raiseAt = 9.5 }, Before: true);
        yield return new("resetRule", "devices/press/workloads/bearing/rules/hot", "press/bearing/hot", Before: true, After: false);
        yield return new("startLoadDrill", "devices/press/commands/load-drill", "press",
            new { utilisation = 0.5, rampSeconds = 1, seconds = 1 }, Outcome: "asked");
        yield return new("changeSite", "sites/hall-2", "hall-2", new { title = "Hall" }, Before: true);
        yield return new("putFloorPlan", "sites/hall-2/floor-plan", "hall-2", Picture());
        yield return new("putFloorPlan", "sites/hall-2/floor-plan", "hall-2", Picture(), Before: true);
        yield return new("deleteFloorPlan", "sites/hall-2/floor-plan", "hall-2", Before: true, After: false);
        yield return new("putView", "views/mine", "mine", new { page = "fleet", content = "{}" });
        yield return new("putView", "views/mine", "mine", new { page = "fleet", content = "{\"a\":1}" }, Before: true);
        yield return new("deleteView", "views/mine", "mine", Before: true, After: false);
        yield return new("changeAlarm", $"alarms/{_alarm}", $"{_alarm}", new { assignee = "bob" }, Before: true);
        yield return new("acknowledgeAlarm", $"alarms/{_alarm}/acknowledge", $"{_alarm}", Before: true, After: false);
        yield return new("commentAlarm", $"alarms/{_alarm}/comments", $"{_alarm}", new { text = "coming" }, Before: true);
        yield return new("changeAlarms", "alarms/bulk", $"{_alarm}", new { ids = new[] { _alarm }, action = "unacknowledge" }, Before: true);
        yield return new("changeRule", "devices/press/workloads/bearing/rules/hot", "press/bearing/hot", new { raiseAt = 9 }, Before: true);
        yield return new("resetRule", "devices/press/workloads/bearing/rules/hot", "press/bearing/hot", Before: true, After: false);
        yield return new("pinWorkload", "plan/pins/press/bearing", "press/bearing", new { node = "hub" });
        yield return new("pinWorkload", "plan/pins/press/bearing", "press/bearing", new { node = "press" }, Before: true);
        yield return new("unpinWorkload", "plan/pins/press/bearing", "press/bearing", Before: true, After: false);
        yield return new("drainNode", "plan/drained/press", "press", Before: true);
        yield return new("undrainNode", "plan/drained/press", "press", Before: true);
        yield return new("beginJobInput", "jobs/inputs", "1", After: false);
        yield return new("putJobInputBlock", "jobs/inputs/1/blocks/0", "1/0", new { tensors = new[] { rows } }, After: false);
        yield return new("submitJob", "jobs", "1", new { rescore = new { device = "press", channel = "drive-end", model = "bearing-fault" } });
        yield return new("cancelJob", "jobs/1/cancel", "1", Before: true);
        yield return new("makeSignInLink", "session/links", "", After: false, AsOperator: true);
        yield return new("createAccount", "accounts", "bob", new { name = "bob", password = Browser.Password, role = "viewer" });
        yield return new("setAccountRights", "accounts/bob", "bob", new { role = "operator" }, Before: true);
        yield return new("setAccountPassword", "accounts/bob/password", "bob", new { password = NewPassword }, After: false);
        yield return new("unlockAccount", "accounts/bob/unlock", "bob", Before: true);
        yield return new("createToken", "tokens", "ann/ci", new { name = "ci", scopes = new[] { "read" } });
        yield return new("revokeToken", "tokens/1", "ann/ci", Before: true, After: false);
        yield return new("removeAccount", "accounts/bob", "bob", Before: true, After: false);
        yield return new("changeOwnPassword", "session/password", "ann",
            new { current = Browser.Password, password = NewPassword }, After: false);
        yield return new("signIn", "session", "ann", new { name = "ann", password = NewPassword }, After: false);
        yield return new("endSession", "sessions/2", "ann/2", Before: true, After: false);
        yield return new("signOut", "session", "3", After: false);
        _asked.Add("welcome");
    }

    private async Task CheckAsync(Browser admin, ApiOperation operation, Request request)
    {
        if (request.Operation == "endSession")
            await AnotherSessionAsync(admin);
        var before = Newest();
        using var client = hub.Operator();
        using var answer = request.AsOperator
            ? await client.SendAsync(new HttpRequestMessage(new HttpMethod(operation.Method), $"api/v1/{request.Path}"))
            : await admin.SendAsync(operation.Method, request.Path, request.Body);
        Assert.True(answer.IsSuccessStatusCode, $"{request.Operation}: {await answer.Content.ReadAsStringAsync()}");
        await RememberAsync(admin, request, answer);
        var entries = Store.AuditEntries(new AuditFilter(), 10).Where(entry => entry.Sequence > before).ToList();
        Assert.True(entries.Count == 1, $"{request.Operation} left {entries.Count} entries");
        var change = entries[0].Change;
        Assert.Equal(
            (request.AsOperator ? "operator" : "ann", request.AsOperator ? "operatorToken" : "session", ActionOf(operation), request.Target, request.Outcome, "127.0.0.1"),
            (change.Actor, change.Kind, change.Action, change.Target, change.Outcome, change.Address));
        Assert.True(change.Before is not null == request.Before, $"{request.Operation} was: {change.Before ?? "nothing"}");
        Assert.True(!request.After || change.After is not null, $"{request.Operation} says nothing of what is now");
        _asked.Add(request.Operation);
    }

    private async Task RememberAsync(Browser admin, Request request, HttpResponseMessage answer)
    {
        if (request.Operation == "createToken")
            _token = (await HubUnderTest.JsonAsync(answer)).GetProperty("token").GetString()!;
        if (request.Operation == "signIn")
            admin.Csrf = (await HubUnderTest.JsonAsync(answer)).GetProperty("csrf").GetString();
    }

    private async Task AnotherSessionAsync(Browser admin)
    {
        // Numbers of sessions are given in order: 1 ended when ann signed in anew.
        Assert.Equal(2, (await admin.GetAsync("sessions")).GetProperty("items")[0].GetProperty("id").GetInt64());
        using var other = await Browser.SignedInAsync(hub, "ann", NewPassword);
        (admin.Csrf, other.Csrf) = (other.Csrf, admin.Csrf);
        foreach (Cookie cookie in other.Cookies.GetCookies(hub.Http))
            admin.Cookies.SetCookies(hub.Http, $"{cookie.Name}={cookie.Value}; path=/");
    }

    private void NoSecretIsWrittenDown()
    {
        var log = JsonSerializer.Serialize(Store.AuditEntries(new AuditFilter(), 1000).Select(entry => entry.Change));
        var hash = Store.Accounts(HubUnderTest.Tenant).Single().Hash;
        foreach (var secret in (string[])[Browser.Password, NewPassword, _token, hash, hub.Token])
        {
            Assert.True(secret.Length > 10);
            Assert.DoesNotContain(secret, log);
            var digest = SHA256.HashData(Encoding.UTF8.GetBytes(secret));
            Assert.DoesNotContain(Convert.ToHexStringLower(digest), log);
            Assert.DoesNotContain(Convert.ToBase64String(digest), log);
        }
    }

    private string ActionOf(ApiOperation operation) => hub.Server.Services.GetServices<EndpointDataSource>()
        .SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
        .Single(endpoint => endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName
            == operation.Description.GetProperty("operationId").GetString())
        .Metadata.GetMetadata<AuditRule>()!.Action;

    private static ByteArrayContent Picture() => new([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 1, 2, 3])
    {
        Headers = { ContentType = new("image/png") },
    };

    private long Newest() => Store.AuditEntries(new AuditFilter(), 1) is [var newest] ? newest.Sequence : 0;

    private sealed record Request(
        string Operation, string Path, string Target, object? Body = null, bool Before = false, bool After = true,
        string Outcome = "done", bool AsOperator = false);
}
