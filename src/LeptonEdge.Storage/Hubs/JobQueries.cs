using LeptonEdge.Core.Identity;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs;

/// <summary>Jobs and their results. A stretch of a job and the checkpoint behind it are stored in one transaction, so
/// that no stretch is in a result twice.</summary>
public static class JobQueries
{
    /// <summary>Parts of one result; beyond, a job has too much to say.</summary>
    public const int PartsMax = 1 << HubSchema.PartBits;

    private const string Columns = """
        id, kind, state, priority, submitted, started, ended, deadline, content, checkpoint, done, total, parts, items,
        bytes, reason
        """;

    /// <summary>Adds a job, unless one of the same key is there or too many are open.</summary>
    public static JobAdded AddJob(this HubStore store, NewJob job, JobLimits limits)
    {
        var now = store.NowMicros;
        return store.Write<JobAdded>(writer =>
        {
            var database = writer.Database;
            if (job.Key is { } key && OfKey(database, job.Tenant, key, job.Digest) is { } there)
                return there;
            if (Count(database, "SELECT count(*) FROM job WHERE state <= 1") >= limits.OpenMax)
                return new JobAdded.Full();
            if (job.Input != 0 && JobInputQueries.Find(database, job.Tenant, job.Input) is null)
                return new JobAdded.NoInput();
            MakeRoom(database, limits);
            database.Cached("""
                INSERT INTO job (tenant, kind, key, digest, priority, submitted, deadline, content, checkpoint, total,
                    input)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
                """).Bind(1, job.Tenant.Value).Bind(2, job.Kind).BindOptional(3, job.Key).Bind(4, job.Digest)
                .Bind(5, (long)job.Priority).Bind(6, now).Bind(7, job.DeadlineMicros).Bind(8, job.Content)
                .Bind(9, job.Checkpoint).Bind(10, job.Total).Bind(11, job.Input).Run();
            return new JobAdded.Added(Find(database, job.Tenant, database.LastInsertId)!);
        });
    }

    /// <summary>What adding a job of this key would say; null when there is none yet.</summary>
    public static JobAdded? JobOfKey(this HubStore store, TenantId tenant, string key, byte[] digest) =>
        store.Read(database => OfKey(database, tenant, key, digest));

    /// <summary>Null when there is no such job.</summary>
    public static StoredJob? Job(this HubStore store, TenantId tenant, long id) =>
        store.Read(database => Find(database, tenant, id));

    /// <summary>Newest first.</summary>
    /// <param name="before">Only jobs with a lower id.</param>
    public static IReadOnlyList<StoredJob> Jobs(
        this HubStore store, TenantId tenant, int limit = 100, long before = long.MaxValue) => store.Read(database =>
            ReadAll(database.Cached(
                $"SELECT {Columns} FROM job WHERE tenant = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3")
                .Bind(1, tenant.Value).Bind(2, before).Bind(3, (long)limit)));

    /// <summary>Jobs that wait or run: the most urgent first, among equals the oldest.</summary>
    public static IReadOnlyList<StoredJob> OpenJobs(this HubStore store, TenantId tenant) => store.Read(database =>
        ReadAll(database.Cached($"SELECT {Columns} FROM job WHERE tenant = ?1 AND state <= 1 ORDER BY priority, id")
            .Bind(1, tenant.Value)));

    /// <summary>Notes that a job runs; false when it does not wait any more.</summary>
    public static bool BeginJob(this HubStore store, long id)
    {
        var now = store.NowMicros;
        return store.Write(
            writer =>
            {
                writer.Database.Cached("UPDATE job SET state = 1, started = ?2 WHERE id = ?1 AND state = 0")
                    .Bind(1, id).Bind(2, now).Run();
                return writer.Database.Changes == 1;
            },
            durable: false);
    }

    /// <summary>Stores a stretch and the checkpoint behind it. A power cut may take the newest stretches back, whole:
    /// the job then does them again.</summary>
    /// <param name="part">The number of the next part, as this stretch was begun.</param>
    /// <returns>False when the job has ended, or gone on, since; nothing was stored.</returns>
    public static bool CommitJob(
        this HubStore store, TenantId tenant, long id, int part, JobStretch stretch, JobLimits limits) => store.Write(
            writer =>
            {
                var database = writer.Database;
                if (Find(database, tenant, id) is not { State: JobState.Running } job || job.Parts != part)
                    return false;
                if (stretch.Data is { } data)
                    AddPart(database, job, stretch.Items, data);
                var added = stretch.Data is null ? 0 : 1;
                database.Cached("""
                    UPDATE job SET checkpoint = ?2, done = ?3, total = ?4, parts = parts + ?5, items = items + ?6,
                        bytes = bytes + ?7
                    WHERE id = ?1
                    """).Bind(1, id).Bind(2, stretch.Checkpoint).Bind(3, stretch.Done).Bind(4, stretch.Total)
                    .Bind(5, (long)added).Bind(6, (long)stretch.Items).Bind(7, (long)(stretch.Data?.Length ?? 0))
                    .Run();
                MakeRoom(database, limits);
                return true;
            },
            durable: false);

    /// <summary>Ends a job; false when it has ended already.</summary>
    public static bool EndJob(this HubStore store, TenantId tenant, long id, JobState state, string reason)
    {
        var now = store.NowMicros;
        return store.Write(writer =>
        {
            writer.Database.Cached("""
                UPDATE job SET state = ?3, reason = ?4, ended = ?5, total = CASE WHEN ?3 = 2 THEN done ELSE total END
                WHERE tenant = ?1 AND id = ?2 AND state <= 1
                """).Bind(1, tenant.Value).Bind(2, id).Bind(3, (long)state).Bind(4, reason).Bind(5, now).Run();
            return writer.Database.Changes == 1;
        });
    }

    /// <summary>One part; null when it is not there.</summary>
    public static StoredJobPart? JobPart(this HubStore store, long id, int part) => store.Read(database =>
    {
        var row = database.Cached("SELECT first_item, items, data FROM job_part WHERE id = ?1")
            .Bind(1, (id << HubSchema.PartBits) + part);
        return row.Step() ? new StoredJobPart(part, row.Int64(0), row.Int32(1), row.Blob(2).ToArray()) : null;
    });

    /// <summary>The number of the part that holds an item; -1 when none does.</summary>
    public static int JobPartOf(this HubStore store, long id, long item) => store.Read(database =>
    {
        var row = database.Cached("""
            SELECT id - ?1 FROM job_part WHERE id >= ?1 AND id < ?2 AND first_item <= ?3 AND first_item + items > ?3
            """).Bind(1, id << HubSchema.PartBits).Bind(2, (id + 1) << HubSchema.PartBits).Bind(3, item);
        return row.Step() ? row.Int32(0) : -1;
    });

    /// <summary>Removes some of what belongs to no job any more; false when there is nothing left.</summary>
    /// <param name="inputsBefore">Inputs that no job names are kept if they were made after that; hub time.</param>
    public static bool TidyJobs(this HubStore store, long inputsBefore, int rowsMax = 64) => store.Write(
        writer =>
        {
            var database = writer.Database;
            database.Cached("""
                DELETE FROM job_input WHERE created < ?1 AND id NOT IN (SELECT input FROM job)
                """).Bind(1, inputsBefore).Run();
            var removed = 0L;
            foreach (var (table, owner) in new[] { ("job_part", "job"), ("job_block", "job_input") })
            {
                database.Cached($"""
                    DELETE FROM {table} WHERE id IN (SELECT id FROM {table}
                        WHERE id >> {HubSchema.PartBits} NOT IN (SELECT id FROM {owner}) LIMIT ?1)
                    """).Bind(1, (long)rowsMax).Run();
                removed += database.Changes;
            }

            return removed > 0;
        },
        durable: false);

    internal static long Count(Database database, string sql)
    {
        var row = database.Cached(sql);
        var count = row.Step() ? row.Int64(0) : 0;
        row.Reset();
        return count;
    }

    internal static long Bytes(Database database) => Count(database, "SELECT coalesce(sum(bytes), 0) FROM job")
        + Count(database, "SELECT coalesce(sum(bytes), 0) FROM job_input");

    private static void AddPart(Database database, StoredJob job, int items, byte[] data)
    {
        if (job.Parts >= PartsMax)
            throw new HubStoreException(
                $"job {job.Id}: its result has {PartsMax} parts, and no more are kept", HubStoreFault.Refused);
        database.Cached("INSERT INTO job_part (id, first_item, items, data) VALUES (?1, ?2, ?3, ?4)")
            .Bind(1, (job.Id << HubSchema.PartBits) + job.Parts).Bind(2, job.Items).Bind(3, (long)items).Bind(4, data)
            .Run();
    }

    /// <summary>Gives up the oldest jobs that have ended. Their parts go little by little: see
    /// <see cref="TidyJobs"/>.</summary>
    private static void MakeRoom(Database database, JobLimits limits)
    {
        while (Count(database, "SELECT count(*) FROM job WHERE state > 1") > limits.KeptMax
            || Bytes(database) > limits.BytesMax)
        {
            database.Cached("DELETE FROM job WHERE id = (SELECT min(id) FROM job WHERE state > 1)").Run();
            if (database.Changes == 0)
                return;
        }
    }

    private static StoredJob? Find(Database database, TenantId tenant, long id)
    {
        var row = database.Cached($"SELECT {Columns} FROM job WHERE tenant = ?1 AND id = ?2")
            .Bind(1, tenant.Value).Bind(2, id);
        var job = row.Step() ? Read(row) : null;
        row.Reset();
        return job;
    }

    private static JobAdded? OfKey(Database database, TenantId tenant, string key, byte[] digest)
    {
        var row = database.Cached("SELECT id, digest FROM job WHERE tenant = ?1 AND key = ?2")
            .Bind(1, tenant.Value).Bind(2, key);
        if (!row.Step())
            return null;
        var (id, same) = (row.Int64(0), row.Blob(1).SequenceEqual(digest));
        row.Reset();
        return same ? new JobAdded.There(Find(database, tenant, id)!) : new JobAdded.OtherWork(id);
    }

    private static List<StoredJob> ReadAll(Statement rows)
    {
        var jobs = new List<StoredJob>();
        while (rows.Step())
            jobs.Add(Read(rows));
        return jobs;
    }

    private static StoredJob Read(Statement row) => new(
        row.Int64(0), row.Text(1), (JobState)row.Int32(2), row.Int32(3), row.Int64(4), row.Int64(5), row.Int64(6),
        row.Int64(7), row.Blob(8).ToArray(), row.Blob(9).ToArray(), row.Int64(10), row.Int64(11), row.Int32(12),
        row.Int64(13), row.Int64(14), row.Text(15));
}
