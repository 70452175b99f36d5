using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Batches;
using LeptonEdge.Protocol.Buffers;
using LeptonEdge.Storage.Hubs.Alarms;
using LeptonEdge.Storage.Hubs.Charts;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs;

/// <summary>Writes the records of one batch into their tables.</summary>
internal sealed class RecordTables(Database database, ChartTables charts) : IDisposable
{
    private const int NamesMax = 1_000_000;
    private readonly PooledBufferWriter _bytes = new();
    private readonly Dictionary<(long Device, ChannelName Channel), long> _channels = [];

    private readonly AlarmStateTable _states = new(database);

    private readonly Statement _findChannel =
        database.Prepare("SELECT id FROM channel WHERE device_id = ?1 AND name = ?2");
    private readonly Statement _addChannel = database.Prepare("INSERT INTO channel (device_id, name) VALUES (?1, ?2)");
    private readonly Statement _touchChannel = database.Prepare("""
        UPDATE channel SET readings = readings + ?2, invalid = invalid + ?3, first = min(coalesce(first, ?4), ?4),
            last_value = CASE WHEN last IS NULL OR ?5 >= last THEN ?6 ELSE last_value END,
            last = max(coalesce(last, ?5), ?5), span_max = max(span_max, ?7)
        WHERE id = ?1
        """);
    private readonly Statement _addChunk = database.Prepare("""
        INSERT INTO chunk (id, channel_id, start, end, count, invalid, sum, min, max, last, data)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
        """);
    private readonly Statement _addVerdict = database.Prepare("""
        INSERT INTO verdict (id, device_id, time, workload, channel, model, version, label, score, place, latency, late)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
        """);
    private readonly Statement _addAlarm = database.Prepare("""
        INSERT INTO alarm (id, device_id, time, rule, channel, severity, transition, value, message)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        """);
    private readonly Statement _newerAlarm = database.Prepare(
        "SELECT 1 FROM alarm WHERE device_id = ?1 AND time > ?2 AND rule = ?3 AND channel = ?4 LIMIT 1");
    private readonly Statement _raise = database.Prepare(
        "INSERT OR REPLACE INTO active_alarm (device_id, rule, channel, alarm_id) VALUES (?1, ?2, ?3, ?4)");
    private readonly Statement _clear = database.Prepare(
        "DELETE FROM active_alarm WHERE device_id = ?1 AND rule = ?2 AND channel = ?3");
    private readonly Statement _addWindow = database.Prepare(
        "INSERT INTO raw_window (id, device_id, start, channel, rate, reason, data) VALUES (?1, ?2, ?3, ?4, ?5, "
        + "?6, ?7)");
    private readonly Statement _addGap = database.Prepare(
        "INSERT INTO gap (id, device_id, class, first, last, records, time, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, "
        + "?7, ?8)");

    /// <param name="gapsFrom">Of a gap, what is before this sequence is left out.</param>
    /// <param name="isLate">Newer batches of the device may be stored already.</param>
    public void Write(
        long device, long batch, RecordBatch records, ulong gapsFrom, bool isLate, long nowMicros)
    {
        var id = batch << HubSchema.PartBits;
        foreach (var series in records.Series)
        {
            var channel = ChannelKey(device, series.Channel);
            for (var chunk = new ChunkCutter(series); chunk.MoveNext();)
                WriteChunk(id++, channel, chunk.Times, chunk.Values, nowMicros);
        }

        id = batch << HubSchema.PartBits;
        foreach (var verdict in records.Verdicts)
            WriteVerdict(id++, device, verdict);
        id = batch << HubSchema.PartBits;
        foreach (var alarm in records.Alarms)
            WriteAlarm(id++, device, alarm, isLate, nowMicros);
        id = batch << HubSchema.PartBits;
        foreach (var window in records.RawWindows)
            WriteWindow(id++, device, window);
        id = batch << HubSchema.PartBits;
        foreach (var gap in records.Gaps)
        {
            if (gap.LastSequence < gapsFrom)
                continue;
            _addGap.Bind(1, id++).Bind(2, device).Bind(3, (long)gap.Class)
                .Bind(4, Math.Max(gap.FirstSequence, gapsFrom))
                .Bind(5, gap.LastSequence)
                .Bind(6, gap.Records).Bind(7, gap.TimeMicros).Bind(8, gap.Reason).Run();
        }
    }

    public void Forget() => _channels.Clear();

    public void Dispose() => _bytes.Dispose();

    private long ChannelKey(long device, ChannelName channel)
    {
        if (_channels.TryGetValue((device, channel), out var key))
            return key;
        _findChannel.Bind(1, device).Bind(2, channel.Value);
        var found = _findChannel.Step();
        key = found ? _findChannel.Int64(0) : 0;
        _findChannel.Reset();
        if (!found)
        {
            _addChannel.Bind(1, device).Bind(2, channel.Value).Run();
            key = database.LastInsertId;
        }

        if (_channels.Count >= NamesMax)
            _channels.Clear();
        _channels[(device, channel)] = key;
        return key;
    }

    private void WriteChunk(
        long id, long channel, ReadOnlySpan<long> times, ReadOnlySpan<double> values, long nowMicros)
    {
        var summary = ChunkSummary.Of(times, values);
        _bytes.Clear();
        SeriesCodec.Encode(times, values, _bytes);
        _addChunk.Bind(1, id).Bind(2, channel).Bind(3, summary.Start).Bind(4, summary.End).Bind(5, summary.Count)
            .Bind(6, summary.Invalid).Bind(10, BitConverter.DoubleToInt64Bits(summary.Last))
            .Bind(11, _bytes.WrittenSpan);
        if (summary.HasFinite)
            _addChunk.Bind(7, summary.Sum).Bind(8, summary.Min).Bind(9, summary.Max);
        else
            _addChunk.BindNull(7).BindNull(8).BindNull(9);
        _addChunk.Run();
        _touchChannel.Bind(1, channel).Bind(2, summary.Count).Bind(3, summary.Invalid).Bind(4, summary.Start)
            .Bind(5, summary.End)
            .Bind(6, BitConverter.DoubleToInt64Bits(summary.Last)).Bind(7, Span(summary)).Run();
        charts.Take(channel, id, summary, times, values, nowMicros);
    }

    private static long Span(in ChunkSummary summary)
    {
        var span = (Int128)summary.End - summary.Start;
        return span > long.MaxValue ? long.MaxValue : (long)span;
    }

    private void WriteVerdict(long id, long device, Verdict verdict) =>
        _addVerdict.Bind(1, id).Bind(2, device).Bind(3, verdict.TimeMicros).Bind(4, verdict.Workload.Value)
            .Bind(5, verdict.Channel.Value).Bind(6, verdict.Model.Name).Bind(7, verdict.Model.Version)
            .Bind(8, verdict.Label)
            .Bind(9, (long)BitConverter.SingleToInt32Bits(verdict.Score)).Bind(10, (long)verdict.Place)
            .Bind(11, (long)verdict.LatencyMicros).Bind(12, verdict.Late ? 1L : 0L).Run();

    private void WriteAlarm(long id, long device, AlarmEvent alarm, bool isLate, long nowMicros)
    {
        _addAlarm.Bind(1, id).Bind(2, device).Bind(3, alarm.TimeMicros).Bind(4, alarm.Rule).Bind(5, alarm.Channel.Value)
            .Bind(6, (long)alarm.Severity).Bind(7, (long)alarm.Transition)
            .Bind(8, BitConverter.DoubleToInt64Bits(alarm.Value))
            .Bind(9, alarm.Message).Run();
        // An alarm that was raised or cleared since must not be set back.
        if (isLate && HasNewer(device, alarm))
            return;
        _states.Take(id, device, alarm, nowMicros);
        if (alarm.Transition == AlarmTransition.Raised)
            _raise.Bind(1, device).Bind(2, alarm.Rule).Bind(3, alarm.Channel.Value).Bind(4, id).Run();
        else
            _clear.Bind(1, device).Bind(2, alarm.Rule).Bind(3, alarm.Channel.Value).Run();
    }

    private bool HasNewer(long device, AlarmEvent alarm)
    {
        _newerAlarm.Bind(1, device).Bind(2, alarm.TimeMicros).Bind(3, alarm.Rule).Bind(4, alarm.Channel.Value);
        var found = _newerAlarm.Step();
        _newerAlarm.Reset();
        return found;
    }

    private void WriteWindow(long id, long device, RawWindow window)
    {
        _bytes.Clear();
        SamplesCodec.Encode(window.Samples, _bytes);
        _addWindow.Bind(1, id).Bind(2, device).Bind(3, window.StartMicros).Bind(4, window.Channel.Value)
            .Bind(5, BitConverter.DoubleToInt64Bits(window.SampleRateHz)).Bind(6, window.Reason)
            .Bind(7, _bytes.WrittenSpan).Run();
    }
}
