using LeptonEdge.Core.Plans;
using LeptonEdge.Core.Pricing;
using LeptonEdge.Core.Records;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs;

/// <summary>What was used, summed by minute and by hour, in the transaction that stores what says so. Called under the
/// store's writer lock.</summary>
/// <remarks>Verdicts and the bytes of batches are counted here, of what is stored: a device that is killed before it
/// meters them has sent them all the same, or has not.</remarks>
internal sealed class MeterTables(Database database, HubStoreOptions options)
{
    private const int TextsMax = 200;
    private readonly Dictionary<MeterKey, (UsageAmounts Used, long Verdicts)> _pending = [];
    private readonly SumTable _minutes = new(database, "meter_minute", 60_000_000, options.MeterMinuteRowsMax);
    private readonly SumTable _hours = new(database, "meter_hour", 3_600_000_000, options.MeterHourRowsMax);
    private readonly RowCount _usageRows = new(database, "usage");
    private readonly Statement _addUsage = database.Prepare($"""
        INSERT INTO usage (id, device_id, {RecordReader.UsageColumns})
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
        """);
    private readonly Statement _dropUsage = database.Prepare(
        "DELETE FROM usage WHERE id IN (SELECT id FROM usage ORDER BY id LIMIT ?1)");

    /// <summary>Takes what a batch says was used, and what it is itself.</summary>
    public void Take(long device, long batch, ReceivedBatch received, long nowMicros)
    {
        Add(new MeterKey(Minute(received.Header.CreatedMicros, nowMicros), device, "", "", "", NodeKind.Device),
            new UsageAmounts(Bytes: received.SealedBytes), 0);
        foreach (var verdict in received.Records.Verdicts)
        {
            var node = verdict.Place == Place.Hub ? NodeKind.Hub : NodeKind.Device;
            Add(
                new MeterKey(
                    Minute(verdict.TimeMicros, nowMicros), device, verdict.Workload.Value, verdict.Model.Name,
                    verdict.Model.Version, node),
                default, 1);
        }

        var id = batch << HubSchema.PartBits;
        foreach (var usage in received.Records.Usage)
        {
            Write(id++, device, usage);
            Add(
                new MeterKey(
                    Minute(usage.ToMicros - 1, nowMicros), device, usage.Workload?.Value ?? "",
                    usage.Model?.Name ?? "", usage.Model?.Version ?? "", usage.Node),
                usage.Amounts, 0);
        }
    }

    /// <summary>Takes what the hub metered itself.</summary>
    public void Take(long device, HubUsage usage, long nowMicros) => Add(
        new MeterKey(
            Minute(usage.TimeMicros, nowMicros), device, Short(usage.Workload), Short(usage.Model),
            Short(usage.Version), usage.Node),
        usage.Used, 0);

    /// <summary>Writes what was taken in this transaction, and gives up the oldest rows beyond the limits.</summary>
    public void Flush()
    {
        if (_pending.Count == 0)
            return;
        foreach (var (key, sum) in _pending)
        {
            _minutes.Add(key, sum.Used, sum.Verdicts);
            _hours.Add(key, sum.Used, sum.Verdicts);
        }

        _pending.Clear();
        _minutes.Trim();
        _hours.Trim();
        if (_usageRows.Added > 0 && _usageRows.Value > options.UsageRowsMax)
        {
            _dropUsage.Bind(1, _usageRows.Value - options.UsageRowsMax).Run();
            _usageRows.Add(-database.Changes);
        }

        _usageRows.Save();
    }

    public void Forget()
    {
        _pending.Clear();
        _minutes.Forget();
        _hours.Forget();
        _usageRows.Forget();
    }

    // A clock that runs ahead must not put usage where every later limit would spare it: nothing is used in the future.
    private static long Minute(long timeMicros, long nowMicros) =>
        Math.DivRem(Math.Clamp(timeMicros, 0, nowMicros), SumTable.MinuteMicros).Quotient;

    private static string Short(string text) => text.Length <= TextsMax ? text : text[..TextsMax];

    private void Add(MeterKey key, in UsageAmounts used, long verdicts)
    {
        var sum = _pending.GetValueOrDefault(key);
        _pending[key] = (sum.Used + used, sum.Verdicts + verdicts);
    }

    private void Write(long id, long device, Usage usage)
    {
        var a = usage.Amounts;
        _addUsage.Bind(1, id).Bind(2, device).Bind(3, usage.Workload?.Value ?? "").Bind(4, usage.Model?.Name ?? "")
            .Bind(5, usage.Model?.Version ?? "").Bind(6, (long)usage.Node).Bind(7, usage.FromMicros)
            .Bind(8, usage.ToMicros).Bind(9, a.Inferences).Bind(10, a.CoreMicros).Bind(11, a.AcceleratorMicros)
            .Bind(12, a.Bytes).Bind(13, a.MeasuredMicrojoules).Bind(14, a.EstimatedMicrojoules).Run();
        _usageRows.Add(1);
    }
}

/// <summary>What one row of sums is for.</summary>
/// <param name="Minute">Since 1970-01-01 UTC.</param>
internal readonly record struct MeterKey(
    long Minute, long Device, string Workload, string Model, string Version, NodeKind Node);
