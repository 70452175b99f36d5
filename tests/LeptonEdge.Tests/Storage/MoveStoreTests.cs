using System.Text;
using LeptonEdge.Storage.Hubs;
using Microsoft.Data.Sqlite;

namespace LeptonEdge.Tests.Storage;

public sealed class MoveStoreTests : IDisposable
{
    private static readonly MoveFilter All = new(HubStoreFixture.Tenant);
    private readonly HubStoreFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Moves_are_found_by_device_workload_cause_and_time_the_newest_first()
    {
        var store = _fixture.Store;
        store.AppendPlan(HubStoreFixture.Tenant, 1, [1], [Move(10, "a", "w1", "gain"), Move(10, "b", "w1", "pinned")]);
        store.AppendPlan(HubStoreFixture.Tenant, 2, [2], [Move(20, "a", "w2", "pinned"), Move(20, "c", "w1", "gain")]);
        Assert.Equal(["c20", "a20", "b10", "a10"], Told(All));
        Assert.Equal(["a20", "a10"], Told(All with { Device = "a" }));
        Assert.Equal(["a10"], Told(All with { Device = "a", Workload = "w1", Cause = "gain" }));
        Assert.Equal(["a20", "b10"], Told(All with { Cause = "pinned" }));
        Assert.Equal(["b10", "a10"], Told(All with { Workload = "w1", FromMicros = 10, ToMicros = 20 }));
        Assert.Equal(["c20", "b10"], Told(All with { Devices = new([new("b"), new("c")], AreFew: true) }));
        Assert.Equal(["c20", "b10"], Told(All with { Devices = new([new("b"), new("c")], AreFew: false) }));
        Assert.Empty(Told(All with { Devices = new([], AreFew: true) }));
        Assert.Empty(Told(new MoveFilter(new("other"))));
        var second = store.Moves(All, 2)[1];
        Assert.Equal(["b10", "a10"], Told(All with { BeforeMicros = second.TimeMicros, BeforeId = second.Id }));
    }

    [Fact]
    public void A_store_of_layout_8_is_brought_up_with_the_moves_of_its_plans()
    {
        // As the hub of that layout wrote them: a plan holds moves of earlier ones too, the newest first.
        const string Older = """
            {"device":"a","workload":"w","from":{"recipe":"whole","node":"a"},"to":{"recipe":"whole","node":"hub"},
            "cause":"Threatened","reason":"it's late","timeMicros":10}
            """;
        var store = _fixture.Store;
        store.AppendPlan(HubStoreFixture.Tenant, 1, Plan(10, Older));
        store.AppendPlan(HubStoreFixture.Tenant, 2, Plan(
            20, Older.Replace("\"a\"", "\"c\"").Replace("10}", "20}"), Older.Replace("\"a\"", "\"b\"").Replace("10}", "20}"),
            Older));
        store.AppendPlan(HubStoreFixture.Tenant, 3, "not a plan"u8);
        _fixture.Close();
        using (var connection = new SqliteConnection($"Data Source={_fixture.Path};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = HubStoreFixture.DropLayout9 + "PRAGMA user_version = 8;";
            command.ExecuteNonQuery();
        }

        Assert.Equal(["c20", "b20", "a10"], Told(All));
        var move = _fixture.Store.Moves(All with { Device = "a" }, 1)[0];
        Assert.Equal(("threatened", "a", "hub", "it's late"), (move.Cause, move.FromNode, move.ToNode, move.Reason));
    }

    private static byte[] Plan(long made, params string[] moves) => Encoding.UTF8.GetBytes(
        $$"""{"plan":{"version":1,"madeMicros":{{made}},"places":[]},"moves":[{{string.Join(',', moves)}}]}""");

    private static StoredMove Move(long time, string device, string workload, string cause) =>
        new(0, time, device, workload, cause, device, "whole", "hub", "whole", "because");

    private IEnumerable<string> Told(MoveFilter filter) =>
        _fixture.Store.Moves(filter, 100).Select(move => $"{move.Device}{move.TimeMicros}");
}
