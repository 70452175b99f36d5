using System.Text;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Storage.Hubs;

namespace LeptonEdge.Tests.Storage;

/// <summary>Jobs, their results and the history they read, as the hub's store keeps them.</summary>
public sealed class JobStoreTests : IDisposable
{
    private const long Period = 1_000;
    private static readonly JobLimits Limits = new(OpenMax: 3, KeptMax: 2, BytesMax: 10_000);
    private static readonly ChannelName Channel = new("drive-end");
    private readonly HubStoreFixture _fixture = new();

    private static TenantId Tenant => HubStoreFixture.Tenant;

    private HubStore Store => _fixture.Store;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void A_key_names_one_job_and_other_work_under_it_is_refused()
    {
        var first = Assert.IsType<JobAdded.Added>(Store.AddJob(New("k"), Limits)).Job;
        Assert.Equal(first.Id, Assert.IsType<JobAdded.There>(Store.AddJob(New("k"), Limits)).Job.Id);
        var other = Assert.IsType<JobAdded.OtherWork>(Store.AddJob(New("k", digest: 2), Limits));
        Assert.Equal(first.Id, other.Id);
        Assert.IsType<JobAdded.Added>(Store.AddJob(New(), Limits));
        Assert.IsType<JobAdded.Added>(Store.AddJob(New(), Limits));
        Assert.IsType<JobAdded.Full>(Store.AddJob(New(), Limits));
        Assert.IsType<JobAdded.There>(_fixture.Reopen().AddJob(New("k"), Limits));
    }

    [Fact]
    public void A_stretch_is_stored_once_with_its_checkpoint()
    {
        var id = Added();
        Assert.False(Commit(id, 0, "early"));
        Assert.True(Store.BeginJob(id));
        Assert.False(Store.BeginJob(id));
        Assert.True(Commit(id, 0, "one"));
        Assert.False(Commit(id, 0, "again"));
        Assert.True(Commit(id, 1, "two"));
        var job = _fixture.Reopen().Job(Tenant, id)!;
        Assert.Equal((JobState.Running, 2, 20L, "two"),
            (job.State, job.Parts, job.Items, Encoding.UTF8.GetString(job.Checkpoint)));
        Assert.Equal(["one", "two"], Enumerable.Range(0, 2).Select(
            part => Encoding.UTF8.GetString(Store.JobPart(id, part)!.Data)));
        Assert.Equal(10, Store.JobPart(id, 1)!.FirstItem);
        Assert.Equal([0, 0, 1, -1], new[] { 0L, 9, 10, 20 }.Select(item => Store.JobPartOf(id, item)));
    }

    [Fact]
    public void A_job_that_has_ended_takes_nothing_more_and_the_oldest_make_room()
    {
        var ids = new List<long>();
        for (var i = 0; i < 3; i++)
        {
            var id = Added();
            ids.Add(id);
            Store.BeginJob(id);
            Assert.True(Commit(id, 0, "part"));
            Assert.True(Store.EndJob(Tenant, id, i == 0 ? JobState.Cancelled : JobState.Done, "why"));
            Assert.False(Store.EndJob(Tenant, id, JobState.Failed, "late"));
            Assert.False(Commit(id, 1, "late"));
        }

        Assert.Equal(JobState.Cancelled, Store.Job(Tenant, ids[0])!.State);
        Added();
        Assert.Null(Store.Job(Tenant, ids[0]));
        Assert.NotNull(Store.JobPart(ids[0], 0));
        Assert.True(Store.TidyJobs(0));
        Assert.Null(Store.JobPart(ids[0], 0));
        Assert.NotNull(Store.JobPart(ids[1], 0));
        Assert.False(Store.TidyJobs(0));
    }

    [Fact]
    public void An_input_is_kept_block_by_block_until_no_job_names_it()
    {
        var input = Store.AddJobInput(Tenant).Id;
        Assert.Null(Block(input, 1));
        Assert.Equal(1, Block(input, 0)!.Blocks);
        Assert.Equal(1, Block(input, 0)!.Blocks);
        Assert.Equal((2, 8L), (Block(input, 1)!.Blocks, Store.JobInput(Tenant, input)!.Rows));
        Assert.Null(Store.AddJobBlock(Tenant, input, 2, 1, new byte[20_000], Limits));
        Assert.IsType<JobAdded.NoInput>(Store.AddJob(New() with { Input = input + 1 }, Limits));
        Assert.IsType<JobAdded.Added>(Store.AddJob(New() with { Input = input }, Limits));
        Assert.Null(Block(input, 2));
        Assert.False(Store.TidyJobs(long.MaxValue));
        var orphan = Store.AddJobInput(Tenant).Id;
        Block(orphan, 0);
        Assert.True(Store.TidyJobs(long.MaxValue));
        Assert.Null(Store.JobInput(Tenant, orphan));
        Assert.Null(Store.JobBlock(orphan, 0));
        Assert.NotNull(Store.JobBlock(input, 1));
    }

    [Fact]
    public void History_comes_in_order_and_once_however_it_was_stored()
    {
        // The second batch overlaps the first, and holds one time again.
        _fixture.Ingest(1, HubStoreFixture.Readings(Channel, Readings(0, 100).Concat(Readings(150, 200))));
        _fixture.Ingest(2, HubStoreFixture.Readings(Channel, Readings(90, 160)));
        var range = Range(Store.NewestBatch());
        _fixture.Ingest(3, HubStoreFixture.Readings(Channel, Readings(200, 300)));
        var buffer = new HistoryBuffer(70);
        var times = new List<long>();
        var from = range.FromMicros;
        do
        {
            Store.ReadReadings(range, from, Period, buffer);
            Assert.InRange(buffer.Count, 1, 70);
            times.AddRange(buffer.Times);
            Assert.All(buffer.Times.ToArray().Zip(buffer.Values.ToArray()),
                pair => Assert.Equal(pair.First / (double)Period, pair.Second));
            from = times[^1] + (Period / 2);
        }
        while (buffer.HasMore);
        Assert.Equal(Enumerable.Range(0, 200).Select(i => i * Period), times);
        Assert.Equal(220, Store.CountReadings(range));
    }

    [Fact]
    public void Raw_windows_are_one_history_and_one_stored_twice_counts_once()
    {
        var batch = new RecordBatch(RecordClass.Event);
        foreach (var start in new[] { 0, 0, 64, 128, 1000 })
            batch.RawWindows.Add(new RawWindow(Channel, start * Period, 1000, [.. Samples(start, 64)], "rule"));
        batch.RawWindows.Add(new RawWindow(Channel, 300 * Period, 500, new float[64], "slow"));
        _fixture.Ingest(1, batch);
        var range = Range(Store.NewestBatch());
        var buffer = new HistoryBuffer(1000);
        Store.ReadRawWindows(range, range.FromMicros, range.FromMicros, 1000, buffer);
        Assert.Equal(Enumerable.Range(0, 192).Concat(Enumerable.Range(1000, 64)).Select(i => i * Period),
            buffer.Times.ToArray());
        Assert.All(buffer.Times.ToArray().Zip(buffer.Values.ToArray()),
            pair => Assert.Equal(pair.First / (double)Period, pair.Second));
        Assert.Equal(1000, Store.RawRate(range));
        Assert.Equal(64 * Period, Store.RawWindowStart(range, range.FromMicros, 100 * Period));
        Assert.Equal(range.ToMicros, Store.RawWindowStart(range, 0, 2000 * Period));
        Store.ReadRawWindows(range, 64 * Period, 100 * Period, 1000, buffer);
        Assert.Equal(100 * Period, buffer.Times[0]);
    }

    [Fact]
    public void A_store_of_layout_2_is_brought_up_and_keeps_everything()
    {
        _fixture.Ingest(1, HubStoreFixture.Readings(Channel, Readings(0, 100)));
        _fixture.Close();
        using (var connection = new Microsoft.Data.Sqlite.SqliteConnection(
            $"Data Source={_fixture.Path};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = HubStoreFixture.DropLayout7 + """
                DROP TABLE job; DROP TABLE job_part; DROP TABLE job_input; DROP TABLE job_block;
                DROP TABLE usage; DROP TABLE meter_minute; DROP TABLE meter_hour; DROP TABLE decision;
                DROP TABLE chart; ALTER TABLE channel DROP COLUMN folded;
                PRAGMA user_version = 2;
                """;
            command.ExecuteNonQuery();
        }

        Assert.Throws<HubStoreException>(() => HubStore.OpenReadOnly(_fixture.Path));
        Added();
        Assert.Equal(100, Store.CountReadings(Range(Store.NewestBatch())));
    }

    private static HistoryRange Range(long through) =>
        new(Tenant, HubStoreFixture.Device, Channel, long.MinValue, long.MaxValue, through);

    private static IEnumerable<Reading> Readings(int from, int to) =>
        Enumerable.Range(from, to - from).Select(i => new Reading(i * Period, i));

    private static IEnumerable<float> Samples(int from, int count) =>
        Enumerable.Range(from, count).Select(i => (float)i);

    private static NewJob New(string? key = null, byte digest = 1) =>
        new(Tenant, "rescore", key, [digest], 5, 0, [1, 2], [], 100);

    private long Added() => Assert.IsType<JobAdded.Added>(Store.AddJob(New(), Limits)).Job.Id;

    private bool Commit(long id, int part, string text) => Store.CommitJob(
        Tenant, id, part,
        new JobStretch(Encoding.UTF8.GetBytes(text), 10, Encoding.UTF8.GetBytes(text), 1, 2), Limits);

    private StoredJobInput? Block(long input, int block) =>
        Store.AddJobBlock(Tenant, input, block, 4, new byte[100], Limits);
}
