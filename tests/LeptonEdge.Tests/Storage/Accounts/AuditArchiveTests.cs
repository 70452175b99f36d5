using System.IO.Compression;
using System.Text;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Hubs.Accounts;
using LeptonEdge.Tests.Support;
using Microsoft.Data.Sqlite;

namespace LeptonEdge.Tests.Storage.Accounts;

/// <summary>Older entries lie in files beside the store, and are one chain with those in it.</summary>
public sealed class AuditArchiveTests : IDisposable
{
    private const int InFile = 50;
    private readonly TempFolder _folder = new();
    private HubStore _store;

    public AuditArchiveTests() => _store = Open();

    private string StorePath => _folder.File("hub.db");

    private IReadOnlyList<string> Files => [.. Directory.GetFiles(_folder.Path, "hub.db.audit-*.gz").Order()];

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Older_entries_go_into_files_and_the_chain_goes_on()
    {
        Write(149);
        Assert.False(_store.PutAuditAside());
        Write(131);
        PutAside();
        Assert.Equal(["000000000001-000000000050", "000000000051-000000000100", "000000000101-000000000150"],
            Files.Select(file => Path.GetFileName(file)["hub.db.audit-".Length..][..25]));
        Assert.Equal(130, _store.AuditEntries(new AuditFilter(), 1000).Count);
        Write(5);
        var verdict = AuditChain.Verify(_store);
        Assert.True(verdict.IsSound, verdict.Fault);
        Assert.Equal(285, verdict.Entries);
        var line = ReadLines(Files[1])[0];
        Assert.StartsWith("""{"sequence":51,"timeMicros":""", line);
        Assert.Contains("\"target\":\"tür \\u0000 51\",\"outcome\":\"done\",\"before\":null,\"after\":\"{\\\"n\\\":51}\"", line);
        // A head that was kept elsewhere is found in a file too.
        var hash = line[(line.IndexOf("\"hash\":\"", StringComparison.Ordinal) + 8)..][..64];
        Assert.True(AuditChain.Verify(_store, (51, hash)).IsSound);
        Assert.Equal(52, AuditChain.Verify(_store, (52, hash)).FirstBroken);
        _store.Dispose();
        Assert.Equal(verdict, AuditChain.Verify(StorePath));
        _store = Open();
        Assert.Equal(286, AuditWriter.Open(_store, out var fault).Append(Change(286)).Sequence);
        Assert.Null(fault);
    }

    [Fact]
    public void A_kill_anywhere_while_entries_are_put_aside_loses_none()
    {
        Write(200);
        // Each step is a moment at which the process may end: what is left is taken up by the next.
        for (var more = true; more;)
        {
            more = _store.PutAuditAside();
            _store.Dispose();
            var verdict = AuditChain.Verify(StorePath);
            Assert.True(verdict is { IsSound: true, Entries: 200 }, verdict.Fault);
            File.WriteAllText(StorePath + ".audit-new", "half of a file");
            _store = Open();
        }

        Assert.Equal(2, Files.Count);
    }

    [Fact]
    public void What_becomes_of_a_file_is_named()
    {
        Write(260);
        PutAside();
        var lines = ReadLines(Files[1]);
        foreach (var (what, changed, broken) in ((string, List<string>, long)[])
        [
            ("changed", [.. lines[..9], lines[9].Replace("\"user-0\"", "\"user-9\"", StringComparison.Ordinal), .. lines[10..]], 60),
            ("removed", [.. lines[..9], .. lines[10..]], 60),
            ("reordered", [.. lines[..9], lines[10], lines[9], .. lines[11..]], 60),
            ("truncated", lines[..20], 71),
            ("added", [.. lines, lines[49]], 101),
            ("no JSON", [.. lines[..9], "{", .. lines[10..]], 60),
            ("empty", [], 51),
        ])
        {
            Assert.NotEqual(lines, changed);
            WriteLines(Files[1], changed);
            Assert.True(AuditChain.Verify(_store).FirstBroken == broken, $"{what}: {AuditChain.Verify(_store)}");
        }

        WriteLines(Files[1], lines);
        Assert.True(AuditChain.Verify(_store).IsSound);
        var bytes = File.ReadAllBytes(Files[1]);
        File.WriteAllBytes(Files[1], bytes[..^20]);
        Assert.NotNull(AuditChain.Verify(_store).FirstBroken);
        File.WriteAllBytes(Files[1], bytes);
        File.Move(Files[1], _folder.File("elsewhere"));
        var missing = AuditChain.Verify(_store);
        Assert.Equal(51, missing.FirstBroken);
        Assert.Contains("entries 51 to 100 are missing", missing.Fault);
    }

    [Theory]
    [InlineData("DELETE FROM audit WHERE sequence = 120")]
    [InlineData("DELETE FROM audit_archive")]
    [InlineData("UPDATE audit_archive SET last = 60")]
    [InlineData("INSERT INTO audit_archive SELECT 101, 101, x'00', 1, 1")]
    [InlineData("INSERT INTO audit_archive SELECT 102, sequence, hash, 1, 1 FROM audit WHERE sequence = 110")]
    public void The_store_lets_no_entry_go_that_is_in_no_file(string sql)
    {
        Write(220);
        PutAside();
        Assert.Contains("audit entries", Assert.Throws<SqliteException>(() => Execute(sql)).Message);
        Assert.True(AuditChain.Verify(_store).IsSound);
    }

    [Fact]
    public void A_log_without_its_files_is_no_log()
    {
        Write(220);
        PutAside();
        Execute("DROP TRIGGER audit_archive_kept; DELETE FROM audit_archive");
        Assert.Equal(1, AuditChain.Verify(_store).FirstBroken);
    }

    [Fact]
    public void What_is_not_as_it_was_written_is_not_put_aside()
    {
        Write(160);
        Execute("DROP TRIGGER audit_unchanged; UPDATE audit SET actor = 'eve' WHERE sequence = 7");
        Assert.Contains("entry 7", Assert.Throws<HubStoreException>(() => _store.PutAuditAside()).Message);
        Assert.Empty(Files);
        Assert.Equal(7, AuditChain.Verify(_store).FirstBroken);
    }

    [Fact]
    public void A_store_of_layout_9_is_brought_up_with_its_log()
    {
        Write(160);
        _store.Dispose();
        Execute(HubStoreFixture.DropLayout10 + "PRAGMA user_version = 9;");
        _store = Open();
        PutAside();
        Assert.Single(Files);
        Assert.Equal(160, AuditChain.Verify(_store).Entries);
    }

    private HubStore Open() => HubStore.Open(
        new HubStoreOptions { Path = StorePath, AuditEntriesMax = 100, AuditArchiveEntries = InFile }, TimeProvider.System);

    private void PutAside()
    {
        while (_store.PutAuditAside())
        {
        }
    }

    private void Write(int count)
    {
        var newest = _store.AuditEntries(new AuditFilter(), 1) is [var entry] ? entry.Sequence : 0;
        var scope = new Many(Enumerable.Range((int)newest + 1, count).Select(Change));
        using (scope.Enter())
            _store.PutSetting("test", [1]);
    }

    private static NewAuditEntry Change(int i) => new(
        $"user-{i % 3}", "session", "127.0.0.1", "plan.pin", $"tür \0 {i}", "done", null, $$"""{"n":{{i}}}""");

    private static List<string> ReadLines(string file)
    {
        using var lines = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
        return [.. lines.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    private static void WriteLines(string file, IEnumerable<string> lines)
    {
        using var packed = new GZipStream(File.Create(file), CompressionLevel.Fastest);
        packed.Write(Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n"))));
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={StorePath};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private sealed class Many(IEnumerable<NewAuditEntry> entries) : StoreScope
    {
        protected internal override StoredAlong? Along(object? result) => new([.. entries]);

        protected internal override void Committed(StoredAlong along)
        {
        }
    }
}
