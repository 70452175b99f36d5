using LeptonEdge.Core.Records;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Tests.Protocol;
using LeptonEdge.Tests.Support;
using Microsoft.Data.Sqlite;
using static LeptonEdge.Tests.Storage.HubStoreFixture;

namespace LeptonEdge.Tests.Storage;

public sealed class HubStoreDurabilityTests : IDisposable
{
    private readonly HubStoreFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Every_batch_that_a_killed_hub_reported_is_there_once_and_the_cursor_agrees()
    {
        ulong there = 0;
        for (var round = 0; round < 3; round++)
        {
            var reported = await KillAfter(there + (ulong)(20 + (37 * round)));
            Assert.True(reported > there, "the child must go on after what was there");
            ulong sequence = 0;
            foreach (var stored in _fixture.Store.EnumerateBatches())
            {
                // One by one from 1: nothing twice, nothing missing.
                Assert.Equal(++sequence, stored.Header.Sequence);
                Assert.Equal(HubChild.Epoch, stored.Header.Epoch);
                Assert.Equal(
                    RecordDigest.Compute(stored.Name, HubChild.Content(sequence)).Order(),
                    RecordDigest.Compute(stored.Name, stored.Records).Order());
            }

            Assert.True(sequence >= reported, $"{reported} batches were reported, {sequence} are there");
            Assert.Equal(sequence, _fixture.Store.Cursor(Tenant, Device, HubChild.Epoch));
            Assert.Equal((long)sequence, Assert.Single(_fixture.Store.Devices()).Batches);
            there = sequence;
            _fixture.Close();
        }
    }

    [Fact]
    public void A_file_that_is_not_SQLite_is_refused_by_name_and_left_as_it_was()
    {
        var text = string.Concat(Enumerable.Repeat("this is not a database\n", 400));
        File.WriteAllText(_fixture.Path, text);
        Assert.Contains(_fixture.Path, Assert.Throws<HubStoreException>(() => _fixture.Store).Message);
        Assert.Contains(
            _fixture.Path, Assert.Throws<HubStoreException>(() => HubStore.OpenReadOnly(_fixture.Path)).Message);
        Assert.Equal(text, File.ReadAllText(_fixture.Path));
        // Nor does the refusal hold the file: put right, it opens.
        File.Delete(_fixture.Path);
        Assert.Equal(new IngestOutcome.Stored(1), _fixture.Ingest(1, RandomBatches.Readings(1)));
    }

    [Theory]
    [InlineData("CREATE TABLE recipes (name TEXT)", "another program")]
    [InlineData("PRAGMA application_id = 1279608898; PRAGMA user_version = 99", "layout 99")]
    public void A_database_of_another_program_or_version_is_refused_by_name(string sql, string reason)
    {
        SQLitePCL.Batteries_V2.Init();
        using (var connection = new SqliteConnection($"Data Source={_fixture.Path};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }

        foreach (Func<object> open in new Func<object>[]
            { () => _fixture.Store, () => HubStore.OpenReadOnly(_fixture.Path) })
        {
            var message = Assert.Throws<HubStoreException>(open).Message;
            Assert.Contains(_fixture.Path, message);
            Assert.Contains(reason, message);
        }
    }

    [Fact]
    public void A_second_hub_is_refused_and_a_reader_is_not()
    {
        _fixture.Ingest(1, RandomBatches.Readings(7));
        Assert.Contains(_fixture.Path, Assert.Throws<HubStoreException>(() => Open(_fixture.Path)).Message);
        using var reader = HubStore.OpenReadOnly(_fixture.Path);
        Assert.Equal(7, Assert.Single(reader.EnumerateBatches()).Records.Count);
        _fixture.Ingest(2, RandomBatches.Readings(8));
        Assert.Equal(2, reader.EnumerateBatches().Count());
        Assert.Throws<InvalidOperationException>(() => reader.PutSetting("key", [1]));
        Assert.Contains("no such file",
            Assert.Throws<HubStoreException>(() => HubStore.OpenReadOnly(_fixture.Path + ".not")).Message);
    }

    /// <summary>Starts a child, kills it once it reported this batch, and returns the newest that it
    /// reported.</summary>
    private async Task<ulong> KillAfter(ulong target)
    {
        ulong reported = 0;
        using var child = ChildProcess.Start("ingest-until-killed", _fixture.Path);
        while (reported < target)
        {
            var line = await child.StandardOutput.ReadLineAsync();
            if (line is null)
                Assert.Fail(await child.StandardError.ReadToEndAsync());
            reported = ulong.Parse(line);
        }

        child.Kill();
        await child.WaitForExitAsync();
        var rest = await child.StandardOutput.ReadToEndAsync();
        // The last line may be cut by the kill: only what ends in a line break counts.
        foreach (var line in rest.Split('\n')[..^1])
            reported = Math.Max(reported, ulong.Parse(line));
        Assert.NotEqual(0, child.ExitCode);
        return reported;
    }
}
