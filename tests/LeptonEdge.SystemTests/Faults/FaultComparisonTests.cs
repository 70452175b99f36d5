using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Tests.Support;
using Microsoft.Data.Sqlite;

namespace LeptonEdge.SystemTests.Faults;

/// <summary>The comparison finds what it is for: each test tampers with a real store, or with what is put into
/// it.</summary>
public sealed class FaultComparisonTests : IDisposable
{
    private const int Batches = 20;
    private const int Records = 5;
    private const ulong Epoch = 7;
    private static readonly TenantId Tenant = new("plant");
    private static readonly DeviceId Device = new("edge-1");
    private static readonly ChannelName Channel = new("pressure");

    private readonly TempFolder _folder = new();
    private readonly AppendLedgerWriter _ledger;
    private readonly HubStore _store;

    public FaultComparisonTests()
    {
        _ledger = new AppendLedgerWriter(
            new FileStream(_folder.File("ledger"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read));
        _store = HubStore.Open(new HubStoreOptions { Path = _folder.File("hub.db") }, TimeProvider.System);
    }

    public void Dispose()
    {
        _ledger.Dispose();
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_sound_store_shows_nothing()
    {
        for (ulong sequence = 1; sequence <= Batches; sequence++)
            Put(sequence, Batch(sequence));

        var result = Compare();

        Assert.Empty(result.Findings);
        Assert.Equal(
            $"kills=3 appended={Batches * Records} stored={Batches * Records} lost=0 duplicated=0 gaps=0",
            result.Line(3));
    }

    [Fact]
    public void A_deleted_batch_is_lost()
    {
        for (ulong sequence = 1; sequence <= Batches; sequence++)
            Put(sequence, Batch(sequence));
        Execute("DELETE FROM batch WHERE sequence = 9");

        var result = Compare();

        Assert.Equal((Records, 0), (result.Lost, result.Duplicated));
        Assert.Contains("/9 is not stored", Assert.Single(result.Findings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_deleted_batch_that_no_ledger_lists_leaves_a_hole()
    {
        for (ulong sequence = 1; sequence <= Batches; sequence++)
            Put(sequence, Batch(sequence), list: sequence != 9);
        Execute("DELETE FROM batch WHERE sequence = 9");

        var result = Compare();

        Assert.True(result.Lost > 0);
        Assert.Contains("/9 left no trace", Assert.Single(result.Findings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_that_no_ledger_lists_counts_as_appended()
    {
        for (ulong sequence = 1; sequence <= Batches; sequence++)
            Put(sequence, Batch(sequence), list: sequence != 9);

        var result = Compare();

        Assert.Empty(result.Findings);
        Assert.Equal(1, result.UnlistedBatches);
        Assert.Equal(Batches * Records, result.Appended);
    }

    [Fact]
    public void A_batch_stored_twice_under_one_name_is_doubled()
    {
        for (ulong sequence = 1; sequence <= Batches; sequence++)
            Put(sequence, Batch(sequence));
        // The store's own key would refuse the second one: a store without it is as easily read.
        var result = Compare(stored => stored.Concat(stored.Where(batch => batch.Name.Sequence == 9)));

        Assert.Equal((0, Records), (result.Lost, result.Duplicated));
        Assert.Contains("stored twice", Assert.Single(result.Findings), StringComparison.Ordinal);
    }

    [Fact]
    public void Records_stored_under_two_names_are_doubled()
    {
        for (ulong sequence = 1; sequence <= Batches; sequence++)
            Put(sequence, Batch(sequence));
        Put(Batches + 1, Batch(9));

        var result = Compare();

        Assert.Equal((0, Records), (result.Lost, result.Duplicated));
        Assert.Contains("repeats", Assert.Single(result.Findings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_value_is_lost_and_another_was_never_appended()
    {
        for (ulong sequence = 1; sequence <= Batches; sequence++)
            Put(sequence, Batch(sequence), stored: sequence == 9 ? Batch(sequence, changed: 1e-9) : null);

        var result = Compare();

        Assert.Equal((1, 1), (result.Lost, result.Duplicated));
    }

    [Fact]
    public void A_name_given_to_two_batches_loses_the_second()
    {
        for (ulong sequence = 1; sequence <= Batches; sequence++)
            Put(sequence, Batch(sequence));
        var second = Batch(1_000);
        _ledger.Append(new BatchName(Device, Epoch, 9), second, 100);

        Assert.Equal(Records, Compare().Lost);
    }

    [Fact]
    public void What_a_gap_names_is_not_lost()
    {
        for (ulong sequence = 1; sequence <= Batches; sequence++)
        {
            if (sequence is < 5 or > 9)
                Put(sequence, Batch(sequence));
            else
                _ledger.Append(new BatchName(Device, Epoch, sequence), Batch(sequence), 100);
            if (sequence != 9)
                continue;
            var gap = new RecordBatch(RecordClass.Event);
            gap.Gaps.Add(new Gap(RecordClass.Telemetry, 5, 9, 5 * Records, 0, "the outbox was full"));
            Store(5, 9, gap);
        }

        var result = Compare();

        Assert.Empty(result.Findings);
        Assert.Equal((1, 5 * Records), (result.Gaps, result.Named));
    }

    private static RecordBatch Batch(ulong sequence, double changed = 0)
    {
        var batch = new RecordBatch(RecordClass.Telemetry);
        for (var i = 0; i < Records; i++)
            batch.AddReading(Channel, ((long)sequence * 1_000) + i, i == 2 ? i + changed : i);
        return batch;
    }

    private void Put(ulong sequence, RecordBatch batch, RecordBatch? stored = null, bool list = true)
    {
        if (list)
            _ledger.Append(new BatchName(Device, Epoch, sequence), batch, 100);
        Store(sequence, sequence, stored ?? batch);
    }

    private void Store(ulong first, ulong last, RecordBatch batch) => Assert.IsType<IngestOutcome.Stored>(_store.Ingest(
        Tenant, new BatchHeader(Device, Epoch, first, last, batch.Class, batch.Count, 0), batch, 100));

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_folder.File("hub.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        Assert.Equal(1, command.ExecuteNonQuery());
    }

    private FaultComparison Compare(Func<IEnumerable<StoredBatch>, IEnumerable<StoredBatch>>? tamper = null)
    {
        var comparison = new FaultComparison();
        comparison.AddLedger(_folder.File("ledger"));
        using var store = HubStore.OpenReadOnly(_folder.File("hub.db"));
        var stored = store.EnumerateBatches();
        foreach (var batch in tamper is null ? stored : tamper(stored))
            comparison.AddStored(batch);
        return comparison.Judge();
    }
}
