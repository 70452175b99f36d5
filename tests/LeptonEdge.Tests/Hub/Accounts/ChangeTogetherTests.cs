using System.Net;
using System.Net.Http.Json;
using LeptonEdge.Core.Alarms;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Hubs.Accounts;
using LeptonEdge.Tests.Hub.Api;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace LeptonEdge.Tests.Hub.Accounts;

/// <summary>A change, its entry in the audit log, and the answer kept for its Idempotency-Key are one.</summary>
public sealed class ChangeTogetherTests(HubUnderTest hub) : IClassFixture<HubUnderTest>
{
    private HubStore Store => hub.Server.Services.GetRequiredService<HubStore>();

    [Theory]
    [InlineData("audit", "the entry")]
    [InlineData("alarm_comment", "the change")]
    [InlineData("answer", "the kept answer")]
    public async Task When_one_of_them_cannot_be_written_none_is(string table, string what)
    {
        using var client = hub.Operator();
        var path = await AlarmAsync(client, $"together-{table.Replace('_', '-')}");
        var entries = Store.AuditEntries(new AuditFilter(), 1000).Count(Done);
        Execute($"CREATE TRIGGER no_more BEFORE INSERT ON {table} BEGIN SELECT raise(ABORT, 'no more'); END");
        using (var refused = await CommentAsync(client, path, "key-1"))
            Assert.True((int)refused.StatusCode >= 500, $"{what}: {refused.StatusCode}");
        Execute("DROP TRIGGER no_more");
        Assert.Equal(0, (await HubUnderTest.JsonAsync(client, path)).GetProperty("comments").GetInt32());
        Assert.Equal(entries, Store.AuditEntries(new AuditFilter(), 1000).Count(Done));
        Assert.Null(Answer("key-1"));

        // The key is as free as before, and creates once.
        for (var i = 0; i < 2; i++)
        {
            using var done = await CommentAsync(client, path, "key-1");
            Assert.Equal(HttpStatusCode.Created, done.StatusCode);
        }

        Assert.Equal(1, (await HubUnderTest.JsonAsync(client, path)).GetProperty("comments").GetInt32());
        Assert.Equal(entries + 1, Store.AuditEntries(new AuditFilter(), 1000).Count(Done));
        Assert.True(AuditChain.Verify(Store).IsSound);
        Execute("DELETE FROM answer");
    }

    [Fact]
    public async Task Of_many_with_one_key_at_once_one_creates_and_all_hear_of_it()
    {
        using var client = hub.Operator();
        var path = await AlarmAsync(client, "together-many");
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            while (true)
            {
                using var answer = await CommentAsync(client, path, "key-2");
                if (answer.StatusCode != HttpStatusCode.Conflict)
                    return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
                Assert.NotNull(answer.Headers.RetryAfter);
            }
        }));
        Assert.Equal(HttpStatusCode.Created, Assert.Single(answers.Distinct()).StatusCode);
        Assert.Equal(1, (await HubUnderTest.JsonAsync(client, path)).GetProperty("comments").GetInt32());
    }

    [Fact]
    public async Task A_bulk_change_has_an_entry_for_each_that_changed_and_none_for_the_others()
    {
        using var client = hub.Operator();
        var path = await AlarmAsync(client, "together-bulk");
        var id = long.Parse(path.Split('/')[^1]);
        var before = Store.AuditEntries(new AuditFilter(), 1)[0].Sequence;
        using var answer = await client.PostAsJsonAsync(
            "api/v1/alarms/bulk", new { ids = new[] { id, 99_999_999 }, action = "acknowledge" });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var entry = Assert.Single(Store.AuditEntries(new AuditFilter(), 10), entry => entry.Sequence > before).Change;
        Assert.Equal((id.ToString(), "alarm.bulk"), (entry.Target, entry.Action));
        Assert.Contains("\"acknowledgedBy\":null", entry.Before);
        Assert.Contains("\"acknowledgedBy\":\"operator\"", entry.After);
    }

    [Fact]
    public void What_is_done_together_is_done_or_not_and_a_scope_takes_part_once()
    {
        var scope = new Told();
        using (scope.Enter())
        {
            Assert.Throws<InvalidOperationException>(() => Store.Together(() =>
            {
                Store.PutSetting("together-1", [1]);
                throw new InvalidOperationException("half-way");
#pragma warning disable CS0162 // What is returned gives the lambda its type.
                return 0;
#pragma warning restore CS0162
            }));
            Assert.Null(Store.Setting("together-1"));
            Assert.Equal(0, scope.Asked);
            Store.Together(() =>
            {
                Store.PutSetting("together-1", [1]);
                Store.PutSetting("together-2", [2]);
                return 0;
            });
            Assert.Equal((1, 1), (scope.Asked, scope.Kept));
            // Nothing changes, and what the hub notes for itself is nobody's change.
            Store.Together(() => 0);
            Store.Probe();
            Assert.Equal(1, scope.Asked);
        }

        Store.PutSetting("together-1", [3]);
        Assert.Equal(1, scope.Asked);
    }

    private static bool Done(AuditEntry entry) => entry.Change.Outcome == "done";

    private async Task<string> AlarmAsync(HttpClient client, string device)
    {
        hub.Report(device);
        hub.Store(device, 1, batch => batch.Alarms.Add(Stocked.Alarm(AlarmTransition.Raised, 10)));
        var alarm = (await HubUnderTest.JsonAsync(client, $"alarms?device={device}")).GetProperty("items")[0];
        return $"alarms/{alarm.GetProperty("id").GetInt64()}";
    }

    private static Task<HttpResponseMessage> CommentAsync(HttpClient client, string path, string key) =>
        client.SendAsync(new HttpRequestMessage(HttpMethod.Post, $"api/v1/{path}/comments")
        {
            Content = JsonContent.Create(new { text = "on my way" }),
            Headers = { { "Idempotency-Key", key } },
        });

    private object? Answer(string key) => Run($"SELECT id FROM answer WHERE key = '{key}'", c => c.ExecuteScalar());

    private void Execute(string sql) => Run(sql, c => c.ExecuteNonQuery());

    private T Run<T>(string sql, Func<SqliteCommand, T> run)
    {
        using var connection =
            new SqliteConnection($"Data Source={Path.Combine(hub.DataFolder, "hub.db")};Pooling=False;Default Timeout=10");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return run(command);
    }

    private sealed class Told : StoreScope
    {
        public int Asked { get; private set; }

        public int Kept { get; private set; }

        protected internal override StoredAlong? Along(object? result)
        {
            Asked++;
            return new StoredAlong([new NewAuditEntry("ann", "hub", "", "a.b", "c", "done", null, null)]);
        }

        protected internal override void Committed(StoredAlong along) => Kept++;
    }
}
