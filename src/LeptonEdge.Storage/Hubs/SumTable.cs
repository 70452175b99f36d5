using LeptonEdge.Core.Records;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs;

/// <summary>One table of sums of usage, with a row for each stretch of time and each that used something in
/// it.</summary>
internal sealed class SumTable(Database database, string table, long widthMicros, long rowsMax)
{
    public const long MinuteMicros = 60_000_000;

    private readonly RowCount _rows = new(database, table);
    private readonly Statement _add = database.Prepare($"""
        UPDATE {table} SET verdicts = verdicts + ?7, inferences = inferences + ?8, core_us = core_us + ?9,
            accelerator_us = accelerator_us + ?10, bytes = bytes + ?11, measured_uj = measured_uj + ?12,
            estimated_uj = estimated_uj + ?13
        WHERE bucket = ?1 AND device_id = ?2 AND workload = ?3 AND model = ?4 AND version = ?5 AND node = ?6
        """);
    private readonly Statement _insert = database.Prepare($"""
        INSERT INTO {table} (bucket, device_id, workload, model, version, node, verdicts, {RecordReader.AmountColumns})
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
        """);
    private readonly Statement _trim = database.Prepare(
        $"DELETE FROM {table} WHERE bucket = (SELECT min(bucket) FROM {table})");
    private readonly Statement _keepFrom = database.Prepare($"""
        INSERT OR REPLACE INTO setting (key, value) SELECT '{KeptKey(table)}', coalesce(min(bucket), 0) FROM {table}
        """);

    /// <summary>The setting that says from where on nothing was given up.</summary>
    public static string KeptKey(string table) => $"kept:{table}";

    public void Add(in MeterKey key, in UsageAmounts used, long verdicts)
    {
        Bind(_add, key, used, verdicts).Run();
        if (database.Changes > 0)
            return;
        Bind(_insert, key, used, verdicts).Run();
        _rows.Add(1);
    }

    /// <summary>Gives up the oldest stretches of time while there are too many rows.</summary>
    public void Trim()
    {
        if (_rows.Added == 0)
            return;
        var trimmed = _rows.Value > rowsMax;
        while (_rows.Value > rowsMax)
        {
            _trim.Run();
            _rows.Add(-database.Changes);
        }

        if (trimmed)
            _keepFrom.Run();
        _rows.Save();
    }

    public void Forget() => _rows.Forget();

    private Statement Bind(Statement statement, in MeterKey key, in UsageAmounts used, long verdicts) => statement
        .Bind(1, key.Minute * MinuteMicros / widthMicros * widthMicros).Bind(2, key.Device).Bind(3, key.Workload)
        .Bind(4, key.Model).Bind(5, key.Version).Bind(6, (long)key.Node).Bind(7, verdicts).Bind(8, used.Inferences)
        .Bind(9, used.CoreMicros).Bind(10, used.AcceleratorMicros).Bind(11, used.Bytes)
        .Bind(12, used.MeasuredMicrojoules).Bind(13, used.EstimatedMicrojoules);
}

/// <summary>How many rows a table has, kept beside it: counting a large one takes seconds.</summary>
internal sealed class RowCount(Database database, string table)
{
    private readonly Statement _load = database.Prepare("SELECT value FROM setting WHERE key = ?1");
    private readonly Statement _save = database.Prepare("INSERT OR REPLACE INTO setting (key, value) VALUES (?1, ?2)");
    private readonly string _key = $"rows:{table}";
    private long? _value;

    public long Value => _value ??= Load();

    /// <summary>Net of those removed, since the last <see cref="Save"/>.</summary>
    public long Added { get; private set; }

    public void Add(long rows)
    {
        _value = Value + rows;
        Added += rows;
    }

    /// <summary>Keeps the count, in the transaction of the rows.</summary>
    public void Save()
    {
        if (Added != 0)
            _save.Bind(1, _key).Bind(2, Value).Run();
        Added = 0;
    }

    /// <summary>The transaction failed.</summary>
    public void Forget() => (_value, Added) = (null, 0);

    private long Load()
    {
        _load.Bind(1, _key);
        var value = _load.Step() ? _load.Int64(0) : 0;
        _load.Reset();
        return value;
    }
}
