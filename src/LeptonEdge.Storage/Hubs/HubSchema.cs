using LeptonEdge.Storage.Hubs.Accounts;
using LeptonEdge.Storage.Hubs.Alarms;
using LeptonEdge.Storage.Hubs.Documents;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs;

/// <summary>The tables of the hub's store.</summary>
/// <remarks>The id of a record is that of its batch times 2^20 plus its place in the batch: one key serves both "all of
/// this batch" and "newest first", with no index. Doubles that may be NaN are kept as the bits, which SQLite's REAL
/// would turn into NULL.</remarks>
internal static class HubSchema
{
    /// <summary>Bits of a record's id that hold its place in the batch.</summary>
    public const int PartBits = 20;

    public const long ApplicationId = 0x4C454842;
    public const long Version = 10;

    public const string Create = """
        BEGIN IMMEDIATE;
        CREATE TABLE device (id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, device TEXT NOT NULL, first_seen INTEGER NOT NULL,
            last_seen INTEGER NOT NULL, batches INTEGER NOT NULL DEFAULT 0, records INTEGER NOT NULL DEFAULT 0,
            bytes INTEGER NOT NULL DEFAULT 0, UNIQUE (tenant, device));
        CREATE TABLE cursor (device_id INTEGER NOT NULL, epoch INTEGER NOT NULL, through INTEGER NOT NULL,
            mark INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (device_id, epoch)) WITHOUT ROWID;
        CREATE TABLE batch (id INTEGER PRIMARY KEY, device_id INTEGER NOT NULL, epoch INTEGER NOT NULL,
            first_sequence INTEGER NOT NULL, sequence INTEGER NOT NULL, class INTEGER NOT NULL, records INTEGER NOT NULL,
            created INTEGER NOT NULL, received INTEGER NOT NULL, bytes INTEGER NOT NULL, UNIQUE (device_id, epoch, sequence));
        CREATE TABLE channel (id INTEGER PRIMARY KEY, device_id INTEGER NOT NULL, name TEXT NOT NULL,
            readings INTEGER NOT NULL DEFAULT 0, invalid INTEGER NOT NULL DEFAULT 0, first INTEGER, last INTEGER,
            last_value INTEGER, span_max INTEGER NOT NULL DEFAULT 0, folded INTEGER NOT NULL DEFAULT 0,
            UNIQUE (device_id, name));
        CREATE TABLE chunk (id INTEGER PRIMARY KEY, channel_id INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
            count INTEGER NOT NULL, invalid INTEGER NOT NULL, sum REAL, min REAL, max REAL, last INTEGER NOT NULL,
            data BLOB NOT NULL);
        CREATE INDEX chunk_time ON chunk (channel_id, start);
        CREATE TABLE verdict (id INTEGER PRIMARY KEY, device_id INTEGER NOT NULL, time INTEGER NOT NULL, workload TEXT NOT NULL,
            channel TEXT NOT NULL, model TEXT NOT NULL, version TEXT NOT NULL, label TEXT NOT NULL, score INTEGER NOT NULL,
            place INTEGER NOT NULL, latency INTEGER NOT NULL, late INTEGER NOT NULL);
        CREATE INDEX verdict_time ON verdict (device_id, time);
        CREATE TABLE alarm (id INTEGER PRIMARY KEY, device_id INTEGER NOT NULL, time INTEGER NOT NULL, rule TEXT NOT NULL,
            channel TEXT NOT NULL, severity INTEGER NOT NULL, transition INTEGER NOT NULL, value INTEGER NOT NULL,
            message TEXT NOT NULL);
        CREATE INDEX alarm_time ON alarm (device_id, time);
        CREATE TABLE active_alarm (device_id INTEGER NOT NULL, rule TEXT NOT NULL, channel TEXT NOT NULL,
            alarm_id INTEGER NOT NULL, PRIMARY KEY (device_id, rule, channel)) WITHOUT ROWID;
        CREATE TABLE raw_window (id INTEGER PRIMARY KEY, device_id INTEGER NOT NULL, start INTEGER NOT NULL,
            channel TEXT NOT NULL, rate INTEGER NOT NULL, reason TEXT NOT NULL, data BLOB NOT NULL);
        CREATE INDEX raw_window_time ON raw_window (device_id, start);
        CREATE TABLE gap (id INTEGER PRIMARY KEY, device_id INTEGER NOT NULL, class INTEGER NOT NULL, first INTEGER NOT NULL,
            last INTEGER NOT NULL, records INTEGER NOT NULL, time INTEGER NOT NULL, reason TEXT NOT NULL);
        CREATE TABLE reported (device_id INTEGER PRIMARY KEY, content BLOB NOT NULL, time INTEGER NOT NULL);
        CREATE TABLE desired (device_id INTEGER PRIMARY KEY, version INTEGER NOT NULL, content BLOB NOT NULL,
            time INTEGER NOT NULL);
        CREATE TABLE plan (tenant TEXT NOT NULL, version INTEGER NOT NULL, content BLOB NOT NULL, time INTEGER NOT NULL,
            PRIMARY KEY (tenant, version));
        CREATE TABLE setting (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
        PRAGMA application_id = 1279608898;
        """ + Quarantine + Jobs + Usage + Decisions + Charts + AccountTables.Create + Operations + End;

    /// <summary>What layout 2 has more.</summary>
    private const string Quarantine = """

        CREATE TABLE quarantine (id INTEGER PRIMARY KEY AUTOINCREMENT, device_id INTEGER NOT NULL, epoch INTEGER NOT NULL,
            first_sequence INTEGER NOT NULL, sequence INTEGER NOT NULL, reason TEXT NOT NULL, received INTEGER NOT NULL,
            bytes INTEGER NOT NULL, kept INTEGER NOT NULL, sealed BLOB, UNIQUE (device_id, epoch, sequence));
        """;

    /// <summary>What layout 3 has more. The id of a part or block is that of its job or input times 2^20 plus its
    /// number.</summary>
    private const string Jobs = """

        CREATE TABLE job (id INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, kind TEXT NOT NULL, key TEXT,
            digest BLOB NOT NULL, state INTEGER NOT NULL DEFAULT 0, priority INTEGER NOT NULL, submitted INTEGER NOT NULL,
            started INTEGER NOT NULL DEFAULT 0, ended INTEGER NOT NULL DEFAULT 0, deadline INTEGER NOT NULL,
            content BLOB NOT NULL, checkpoint BLOB NOT NULL, done INTEGER NOT NULL DEFAULT 0, total INTEGER NOT NULL,
            parts INTEGER NOT NULL DEFAULT 0, items INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0,
            reason TEXT NOT NULL DEFAULT '', input INTEGER NOT NULL, UNIQUE (tenant, key));
        CREATE INDEX job_state ON job (state, priority, id);
        CREATE TABLE job_part (id INTEGER PRIMARY KEY, first_item INTEGER NOT NULL, items INTEGER NOT NULL,
            data BLOB NOT NULL);
        CREATE TABLE job_input (id INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, created INTEGER NOT NULL,
            blocks INTEGER NOT NULL DEFAULT 0, rows INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0);
        CREATE TABLE job_block (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
        """;

    /// <summary>What layout 4 has more: usage records as they came, and their sums by minute and by hour. Device 0 is none: what operators asked the hub for.</summary>
    private const string Usage = $"""

        CREATE TABLE usage (id INTEGER PRIMARY KEY, device_id INTEGER NOT NULL, workload TEXT NOT NULL, model TEXT NOT NULL,
            version TEXT NOT NULL, node INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, {Amounts});
        CREATE TABLE meter_minute ({Meter}) WITHOUT ROWID;
        CREATE TABLE meter_hour ({Meter}) WITHOUT ROWID;
        """;

    /// <summary>What layout 5 has more: what plans were decided from.</summary>
    private const string Decisions = """

        CREATE TABLE decision (tenant TEXT NOT NULL, version INTEGER NOT NULL, inputs BLOB NOT NULL, time INTEGER NOT NULL,
            PRIMARY KEY (tenant, version));
        """;

    /// <summary>What layout 6 has more: readings summed by minute, hour and day. Of each channel the sums hold the
    /// chunks up to the one that it names as folded.</summary>
    private const string Charts = """

        CREATE TABLE chart (channel_id INTEGER NOT NULL, level INTEGER NOT NULL, bucket INTEGER NOT NULL,
            count INTEGER NOT NULL, invalid INTEGER NOT NULL, sum REAL, min REAL, max REAL, last_time INTEGER NOT NULL,
            last INTEGER NOT NULL, PRIMARY KEY (channel_id, level, bucket)) WITHOUT ROWID;
        """;

    /// <summary>What layout 8 has more: what people do about alarms, and write about devices and sites.</summary>
    private const string Operations = AlarmStateTable.Create + DocumentQueries.Create;

    /// <summary>What layout 9 has more, which every older one lacks.</summary>
    private const string End = MoveTable.Create + AlarmStateTable.Lists + Last;

    /// <summary>What layout 10 has more, and the end of every change.</summary>
    private const string Last = AuditArchives.Create + """

        PRAGMA user_version = 10;
        COMMIT;
        """;

    private const string Folded = "ALTER TABLE channel ADD COLUMN folded INTEGER NOT NULL DEFAULT 0;";

    private const string Amounts = """
        inferences INTEGER NOT NULL, core_us INTEGER NOT NULL, accelerator_us INTEGER NOT NULL, bytes INTEGER NOT NULL,
            measured_uj INTEGER NOT NULL, estimated_uj INTEGER NOT NULL
        """;

    private const string Meter = $"""
        bucket INTEGER NOT NULL, device_id INTEGER NOT NULL, workload TEXT NOT NULL, model TEXT NOT NULL,
            version TEXT NOT NULL, node INTEGER NOT NULL, verdicts INTEGER NOT NULL, {Amounts},
            PRIMARY KEY (bucket, device_id, workload, model, version, node)
        """;

    private const string FromLayout1 = """
        BEGIN IMMEDIATE;
        ALTER TABLE cursor ADD COLUMN mark INTEGER NOT NULL DEFAULT 0;
        """ + Folded + Quarantine + Jobs + Usage + Decisions + Charts + AccountTables.Create + Operations + AlarmStateTable.Fill + End;

    private const string FromLayout2 =
        "BEGIN IMMEDIATE;" + Folded + Jobs + Usage + Decisions + Charts + AccountTables.Create + Operations + AlarmStateTable.Fill + End;

    private const string FromLayout3 =
        "BEGIN IMMEDIATE;" + Folded + Usage + Decisions + Charts + AccountTables.Create + Operations + AlarmStateTable.Fill + End;

    private const string FromLayout4 = "BEGIN IMMEDIATE;" + Folded + Decisions + Charts + AccountTables.Create + Operations + AlarmStateTable.Fill + End;

    private const string FromLayout5 = "BEGIN IMMEDIATE;" + Folded + Charts + AccountTables.Create + Operations + AlarmStateTable.Fill + End;

    private const string FromLayout6 = "BEGIN IMMEDIATE;" + AccountTables.Create + Operations + AlarmStateTable.Fill + End;

    private const string FromLayout7 = "BEGIN IMMEDIATE;" + Operations + AlarmStateTable.Fill + End;

    private const string FromLayout8 = "BEGIN IMMEDIATE;" + End;

    private const string FromLayout9 = "BEGIN IMMEDIATE;" + Last;

    /// <exception cref="HubStoreException">The file is not a hub's store of this version.</exception>
    public static void Prepare(Database database, HubStoreOptions options)
    {
        var isNew = Check(database, options.Path, toWrite: true);
        database.Execute("PRAGMA journal_mode = WAL");
        database.Execute($"""
            PRAGMA synchronous = FULL;
            PRAGMA cache_size = -{options.CacheKiB};
            PRAGMA temp_store = MEMORY;
            PRAGMA wal_autocheckpoint = 4000;
            PRAGMA journal_size_limit = 67108864;
            """);
        var upgrade = database.Scalar("PRAGMA user_version") switch
        {
            1 => FromLayout1, 2 => FromLayout2, 3 => FromLayout3, 4 => FromLayout4, 5 => FromLayout5,
            6 => FromLayout6, 7 => FromLayout7, 8 => FromLayout8, 9 => FromLayout9,
            _ => null,
        };
        if (isNew)
            database.Execute(Create);
        else if (upgrade is not null)
            database.Execute(upgrade);
    }

    /// <summary>True when the file is empty.</summary>
    /// <param name="toWrite">An empty file, or one of an older layout, will do.</param>
    public static bool Check(Database database, string path, bool toWrite)
    {
        var applicationId = database.Scalar("PRAGMA application_id");
        var version = database.Scalar("PRAGMA user_version");
        if (toWrite && applicationId == 0 && version == 0
            && database.Scalar("SELECT count(*) FROM sqlite_master") == 0)
            return true;
        if (applicationId != ApplicationId)
            throw new HubStoreException(
                $"hub store {path}: is a database of another program; name the hub's own file",
                HubStoreFault.Foreign);
        if (version > Version || (version < Version && !toWrite))
            throw new HubStoreException(
                $"hub store {path}: has layout {version}, this hub knows {Version}; start the version "
                + "of the hub that wrote it", HubStoreFault.Foreign);
        return false;
    }
}
