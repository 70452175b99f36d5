using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Storage.Hubs.Accounts;
using LeptonEdge.Tests.Hub.Api;
using Microsoft.Data.Sqlite;
using JobsClient = LeptonEdge.Protocol.V1.Jobs.JobsClient;

namespace LeptonEdge.Tests.Hub.Accounts;

public sealed class AuditApiTests : IAsyncLifetime
{
    private readonly HubUnderTest _hub = new();

    public Task InitializeAsync() => _hub.InitializeAsync();

    public Task DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task Every_change_is_there_with_who_what_which_and_what_came_of_it()
    {
        using var admin = await Browser.AdminAsync(_hub);
        using var bob = await Browser.OfRoleAsync(_hub, "viewer", "bob");
        (await admin.SendAsync("PUT", "accounts/bob", new { role = "operator", sites = new[] { "north" } })).Dispose();
        (await admin.SendAsync("PUT", "accounts/bob", new { role = "boss" })).Dispose();
        (await admin.SendAsync("PUT", "accounts/bob", new { role = "operator" })).Dispose();
        (await admin.SendAsync("DELETE", "plan/drained/nobody")).Dispose();
        using var script = Browser.Script(_hub, await bob.TokenAsync(new { name = "ci", scopes = new[] { "change" } }));
        (await script.PostAsJsonAsync("api/v1/jobs/inputs", new { })).Dispose();
        using var guesser = new Browser(_hub);
        (await guesser.SignInAsync("bob", "seven wrong herons")).Dispose();
        (await guesser.SignInAsync("My Secret Password 1", "x")).Dispose();

        var entries = (await admin.GetAsync("audit")).GetProperty("items").EnumerateArray().Reverse().ToList();
        Assert.Equal(
            [
                "ann session account.welcome ann done", "ann session account.create bob done", "bob session session.begin bob done",
                "ann session account.rights bob done", "ann session account.rights bob refused",
                "ann session account.rights bob done",
                "ann session plan.undrain nobody refused", "bob session token.create bob/ci done",
                "bob token ci job.input 1 done", "nobody none session.begin bob refused",
                "nobody none session.begin  refused",
            ],
            entries.Select(entry => string.Join(' ', ((string[])["actor", "kind", "action", "target", "outcome"])
                .Select(field => entry.GetProperty(field).GetString()))).Where(line => line != "ann session session.begin ann done"));
        var rights = entries.First(entry => entry.GetProperty("action").GetString() == "account.rights");
        Assert.Equal("viewer", rights.GetProperty("before").GetProperty("role").GetString());
        Assert.Equal("north", rights.GetProperty("after").GetProperty("sites")[0].GetString());
        Assert.Equal("127.0.0.1", rights.GetProperty("address").GetString());
        Assert.DoesNotContain("herons", JsonSerializer.Serialize(entries));
        Assert.DoesNotContain("Secret", JsonSerializer.Serialize(entries));
    }

    [Fact]
    public async Task Models_and_jobs_are_noted_whatever_protocol_asks()
    {
        using var client = _hub.Operator();
        (await client.PostAsync("v2/repository/models/bearing-fault/load", null)).Dispose();
        (await client.PostAsync("v2/repository/models/no-such-model/load", null)).Dispose();
        using var channel = GrpcChannel.ForAddress(
            _hub.Https, new GrpcChannelOptions { HttpHandler = _hub.TlsHandler() });
        var jobs = new JobsClient(channel);
        var headers = new Metadata { { "Authorization", $"Bearer {_hub.Token}" } };
        await Assert.ThrowsAsync<RpcException>(
            () => jobs.CancelAsync(new JobReference { Id = 99 }, headers).ResponseAsync);
        await Assert.ThrowsAsync<RpcException>(
            () => jobs.CancelAsync(new JobReference { Id = 99 }).ResponseAsync);
        var entries = (await HubUnderTest.JsonAsync(client, "audit")).GetProperty("items").EnumerateArray().Reverse();
        Assert.Equal(
            [
                "model.load bearing-fault asked", "model.load no-such-model asked", "model.load no-such-model refused",
                "job.cancel 99 refused",
            ],
            entries.Select(entry => string.Join(' ', ((string[])["action", "target", "outcome"])
                .Select(field => entry.GetProperty(field).GetString()))));
    }

    [Fact]
    public async Task The_log_comes_in_pages_and_by_filters()
    {
        using var client = _hub.Operator();
        foreach (var node in (string[])["node-0", "node-1"])
            _hub.Report(node);
        for (var i = 0; i < 7; i++)
            (await client.PatchAsJsonAsync($"api/v1/devices/node-{i % 2}", new { note = $"{i}" })).Dispose();
        var targets = new List<string?>();
        for (string? cursor = null; ;)
        {
            var page = await HubUnderTest.JsonAsync(client, $"audit?limit=3&action=device.*{(cursor is null ? "" : $"&cursor={cursor}")}");
            targets.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("target").GetString()));
            if ((cursor = page.GetProperty("next").GetString()) is null)
                break;
        }

        Assert.Equal(["node-0", "node-1", "node-0", "node-1", "node-0", "node-1", "node-0"], targets);
        Assert.Equal(3, (await HubUnderTest.JsonAsync(client, "audit?target=node-1&actor=operator")).GetProperty("items").GetArrayLength());
        var third = (await HubUnderTest.JsonAsync(client, "audit")).GetProperty("items")[2].GetProperty("timeMicros");
        Assert.Equal(3, (await HubUnderTest.JsonAsync(client, $"audit?from={third}")).GetProperty("items").GetArrayLength());
        // A cursor holds for the filters that it came with.
        var first = await HubUnderTest.JsonAsync(client, "audit?limit=1&actor=operator");
        using var other = await client.GetAsync($"api/v1/audit?limit=1&cursor={first.GetProperty("next")}");
        Assert.Equal(HttpStatusCode.BadRequest, other.StatusCode);
    }

    [Fact]
    public async Task A_log_that_was_changed_on_the_disk_is_found_by_the_running_hub_and_offline()
    {
        using var client = _hub.Operator();
        for (var i = 0; i < 3; i++)
            (await client.DeleteAsync($"api/v1/plan/drained/node-{i}")).Dispose();
        var sound = await HubUnderTest.JsonAsync(client, "audit/verify");
        Assert.True(sound.GetProperty("sound").GetBoolean(), sound.ToString());
        Assert.Equal(3, sound.GetProperty("entries").GetInt64());
        var store = Path.Combine(_hub.DataFolder, "hub.db");
        using (var connection = new SqliteConnection($"Data Source={store};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "DROP TRIGGER audit_unchanged; UPDATE audit SET actor = 'ann' WHERE sequence = 2";
            command.ExecuteNonQuery();
        }

        var broken = await HubUnderTest.JsonAsync(client, "audit/verify");
        Assert.False(broken.GetProperty("sound").GetBoolean());
        Assert.Equal(2, broken.GetProperty("firstBroken").GetInt64());
        Assert.Equal(2, AuditChain.Verify(store).FirstBroken);
    }

    [Fact]
    public async Task The_log_goes_on_when_the_hub_starts_again()
    {
        using (var client = _hub.Operator())
            (await client.DeleteAsync("api/v1/plan/drained/node-1")).Dispose();
        await _hub.StopAsync();
        await _hub.StartAsync();
        using (var client = _hub.Operator())
        {
            (await client.DeleteAsync("api/v1/plan/drained/node-2")).Dispose();
            var verdict = await HubUnderTest.JsonAsync(client, "audit/verify");
            Assert.Equal((true, 2), (verdict.GetProperty("sound").GetBoolean(), verdict.GetProperty("entries").GetInt32()));
        }
    }
}
