using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Hubs.Accounts;
using Microsoft.Data.Sqlite;

namespace LeptonEdge.Tests.Storage.Accounts;

public sealed class AuditChainTests : IDisposable
{
    private const string Unguarded =
        "DROP TRIGGER audit_in_order; DROP TRIGGER audit_unchanged; DROP TRIGGER audit_kept;";

    private readonly HubStoreFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void An_untouched_log_is_sound_and_says_its_head()
    {
        var entries = Write(5);
        var verdict = AuditChain.Verify(_fixture.Store);
        Assert.True(verdict.IsSound, verdict.Fault);
        Assert.Equal((5L, Convert.ToHexStringLower(entries[^1].Hash)), (verdict.Entries, verdict.LastHash));
        _fixture.Close();
        Assert.Equal(verdict, AuditChain.Verify(_fixture.Path));
    }

    [Fact]
    public void The_hash_is_over_what_its_description_says()
    {
        var (first, second) = (Write(2) is [var a, var b]) ? (a, b) : throw new InvalidOperationException();
        using var bytes = new MemoryStream();
        using (var text = new BinaryWriter(bytes))
        {
            text.Write(first.Hash);
            text.Write("lepton-audit-1"u8);
            text.Write(2L);
            text.Write(second.TimeMicros);
            foreach (var part in (string?[])["user-2", "session", "127.0.0.1", "plan.drain", "edge-2", "done", """{"old":true}""", """{"node":1}"""])
            {
                text.Write(part!.Length);
                text.Write(System.Text.Encoding.UTF8.GetBytes(part));
            }
        }

        Assert.Equal(System.Security.Cryptography.SHA256.HashData(bytes.ToArray()), second.Hash);
    }

    [Fact]
    public void An_empty_log_is_sound()
    {
        Assert.True(AuditChain.Verify(_fixture.Store).IsSound);
    }

    [Theory]
    [InlineData("UPDATE audit SET actor = 'other' WHERE sequence = 2")]
    [InlineData("DELETE FROM audit WHERE sequence = 2")]
    [InlineData("INSERT OR REPLACE INTO audit SELECT 2, 0, '', '', '', '', '', '', '', '', x'00'")]
    [InlineData("INSERT INTO audit SELECT 9, 0, '', '', '', '', '', '', '', '', x'00'")]
    public void The_store_itself_refuses_to_change_an_entry(string sql)
    {
        Write(3);
        _fixture.Close();
        Assert.Contains("audit entries", Assert.Throws<SqliteException>(() => Execute(sql)).Message);
        Assert.True(AuditChain.Verify(_fixture.Path).IsSound);
    }

    [Theory]
    [InlineData("time = time + 1")]
    [InlineData("time = time || 'x'")]
    [InlineData("actor = 'Ann'")]
    [InlineData("kind = kind || ' '")]
    [InlineData("address = ''")]
    [InlineData("action = 'plan.unpin'")]
    [InlineData("target = target || char(0) || 'x'")]
    [InlineData("outcome = 'refused'")]
    [InlineData("before = NULL")]
    [InlineData("before = ''")]
    [InlineData("after = replace(after, '1', '2')")]
    [InlineData("before = after, after = before")]
    [InlineData("action = action || substr(target, 1, 1), target = substr(target, 2)")]
    [InlineData("hash = zeroblob(32)")]
    [InlineData("hash = substr(hash, 1, 31)")]
    public void A_change_to_any_field_is_named(string change)
    {
        for (var sequence = 1; sequence <= 3; sequence++)
        {
            using var fixture = new HubStoreFixture();
            Write(3, fixture);
            fixture.Close();
            Execute($"{Unguarded} UPDATE audit SET {change} WHERE sequence = {sequence}", fixture);
            Assert.Equal(sequence, AuditChain.Verify(fixture.Path).FirstBroken);
        }
    }

    [Fact]
    public void A_change_to_any_byte_of_an_entry_is_named()
    {
        Write(2);
        _fixture.Close();
        Execute(Unguarded);
        foreach (var column in (string[])["actor", "kind", "address", "action", "target", "outcome", "before", "after", "hash"])
        {
            var length = Scalar($"SELECT length(CAST({column} AS BLOB)) FROM audit WHERE sequence = 1");
            for (var at = 1L; at <= length; at++)
            {
                var old = (byte[])Query($"SELECT CAST({column} AS BLOB) FROM audit WHERE sequence = 1")!;
                var changed = (byte[])old.Clone();
                changed[at - 1] ^= 1;
                Set(column, changed);
                Assert.Equal(1, AuditChain.Verify(_fixture.Path).FirstBroken);
                Set(column, old);
            }
        }

        Assert.True(AuditChain.Verify(_fixture.Path).IsSound);
    }

    [Theory]
    [InlineData("DELETE FROM audit WHERE sequence = 1", 1)]
    [InlineData("DELETE FROM audit WHERE sequence = 3", 3)]
    [InlineData("DELETE FROM audit WHERE sequence = 3; UPDATE audit SET sequence = sequence - 1 WHERE sequence > 3", 3)]
    [InlineData("UPDATE audit SET sequence = 99 WHERE sequence = 2; UPDATE audit SET sequence = 2 WHERE sequence = 3; "
        + "UPDATE audit SET sequence = 3 WHERE sequence = 99", 2)]
    [InlineData("DELETE FROM audit WHERE sequence = 5", 5)]
    [InlineData("DELETE FROM audit", 1)]
    [InlineData("INSERT INTO audit SELECT 6, time, actor, kind, address, action, target, outcome, before, after, hash "
        + "FROM audit WHERE sequence = 5", 6)]
    public void An_entry_removed_moved_or_added_is_named(string sql, long broken)
    {
        Write(5);
        _fixture.Close();
        Execute(Unguarded + sql);
        var verdict = AuditChain.Verify(_fixture.Path);
        Assert.Equal(broken, verdict.FirstBroken);
        Assert.Contains("entry", verdict.Fault);
    }

    [Fact]
    public void A_cut_end_is_noticed_at_the_next_start_and_stays_in_the_log()
    {
        Write(5);
        _fixture.Close();
        Execute(Unguarded + "DELETE FROM audit WHERE sequence > 3");
        AuditWriter.Open(_fixture.Store, out var fault).Append(Change(9));
        Assert.Contains("entry 5", fault);
        Assert.Equal("audit.break", _fixture.Store.AuditEntryOf(4)!.Change.Action);
        Assert.True(AuditChain.Verify(_fixture.Store).IsSound);
    }

    [Fact]
    public void A_head_kept_elsewhere_shows_that_the_whole_log_was_written_anew()
    {
        var entries = Write(3);
        var head = (3L, Convert.ToHexString(entries[2].Hash));
        Assert.True(AuditChain.Verify(_fixture.Store, head).IsSound);
        _fixture.Close();
        Execute(Unguarded + "DELETE FROM audit");
        File.Delete(_fixture.Path + ".audit");
        _fixture.Clock.Advance(TimeSpan.FromHours(1));
        Write(3);
        Assert.True(AuditChain.Verify(_fixture.Store).IsSound);
        Assert.Equal(3, AuditChain.Verify(_fixture.Store, head).FirstBroken);
    }

    [Fact]
    public void Entries_are_found_by_who_what_which_and_when()
    {
        Write(12);
        var store = _fixture.Store;
        long[] Found(AuditFilter filter, int limit = 100) =>
            [.. store.AuditEntries(filter, limit).Select(entry => entry.Sequence)];
        Assert.Equal([12, 11, 10], Found(new AuditFilter(), 3));
        Assert.Equal([9, 8], Found(new AuditFilter(Before: 10), 2));
        Assert.Equal([10, 7, 4, 1], Found(new AuditFilter("user-1")));
        Assert.Equal(12, Found(new AuditFilter("user-*")).Length);
        Assert.Equal([12, 10, 8, 6, 4, 2], Found(new AuditFilter(Action: "plan.drain")));
        Assert.Equal(12, Found(new AuditFilter(Action: "plan.*")).Length);
        Assert.Empty(Found(new AuditFilter(Action: "plan")));
        Assert.Equal([12, 11, 10, 1], Found(new AuditFilter(Target: "edge-1*")));
        Assert.Equal([1], Found(new AuditFilter(Target: "edge-1")));
        var (third, fifth) = (store.AuditEntryOf(3)!.TimeMicros, store.AuditEntryOf(5)!.TimeMicros);
        Assert.Equal([4, 3], Found(new AuditFilter(From: third, To: fifth)));
        Assert.Equal([4], Found(new AuditFilter("user-1", "plan.*", "edge-4", third, fifth)));
        Assert.Null(store.AuditEntryOf(13));
    }

    [Fact]
    public void What_is_too_long_is_cut_and_what_was_written_is_proven()
    {
        var long1 = new string('ä', 100_000);
        var entry = AuditWriter.Open(_fixture.Store, out _).Append(
            new NewAuditEntry(long1, long1, long1, long1, long1, long1, long1, $"{new string('x', 8191)}😀"));
        Assert.Equal(NewAuditEntry.NameMax, entry.Change.Actor.Length);
        Assert.Equal(8191, entry.Change.After!.Length);
        Assert.Equal(entry.Change, _fixture.Store.AuditEntryOf(1)!.Change);
        Assert.True(AuditChain.Verify(_fixture.Store).IsSound);
    }

    private List<AuditEntry> Write(int count, HubStoreFixture? fixture = null)
    {
        var writer = AuditWriter.Open((fixture ?? _fixture).Store, out _);
        var entries = new List<AuditEntry>();
        for (var i = 1; i <= count; i++)
        {
            (fixture ?? _fixture).Clock.Advance(TimeSpan.FromSeconds(1));
            entries.Add(writer.Append(Change(i)));
        }

        return entries;
    }

    private static NewAuditEntry Change(int i) => new(
        $"user-{i % 3}", "session", "127.0.0.1", i % 2 == 0 ? "plan.drain" : "plan.pin", $"edge-{i}", "done",
        """{"old":true}""", """{"node":1}""");

    private void Execute(string sql, HubStoreFixture? fixture = null) => Run(sql, fixture, c => c.ExecuteNonQuery());

    private object? Query(string sql) => Run(sql, null, c => c.ExecuteScalar());

    private long Scalar(string sql) => (long)Query(sql)!;

    private void Set(string column, byte[] value) => Run(
        $"UPDATE audit SET {column} = {(column == "hash" ? "$v" : "CAST($v AS TEXT)")} WHERE sequence = 1", null, c =>
        {
            c.Parameters.AddWithValue("$v", value);
            return c.ExecuteNonQuery();
        });

    private T Run<T>(string sql, HubStoreFixture? fixture, Func<SqliteCommand, T> run)
    {
        using var connection = new SqliteConnection($"Data Source={(fixture ?? _fixture).Path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return run(command);
    }
}
