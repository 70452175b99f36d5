using System.Diagnostics;
using LeptonEdge.Core;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Metrics;
using LeptonEdge.Core.Records;
using LeptonEdge.Core.Tracing;
using LeptonEdge.Protocol.Batches;
using LeptonEdge.Protocol.Buffers;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Storage.Outboxes;
using LeptonEdge.Sync.Tracing;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Sync.Uplink;

/// <summary>Gathers records by priority class and turns each full or old batch into one sealed, durable outbox
/// row.</summary>
/// <remarks>
/// Any thread may add. There is no queue behind it: when a batch is full the thread that adds does the append itself,
/// so a disk that cannot keep up slows its producers down instead of growing the process.
/// </remarks>
public sealed class RecordWriter : IDisposable
{
    private static readonly TimeSpan SayShedEvery = TimeSpan.FromSeconds(10);
    private readonly Outbox _outbox;
    private readonly BatchSealer _sealer;
    private readonly RecordWriterOptions _options;
    private readonly TimeProvider _clock;
    private readonly Action<BatchName, RecordBatch, int>? _appended;
    private readonly BatchTraces? _traces;
    private readonly ILogger _logger;

    // Order of locking: _append before _fill. Filling is short; appending waits for the disk.
    private readonly Lock _append = new();
    private readonly Lock _fill = new();
    private readonly OpenBatch[] _open;
    private readonly OpenBatch _usage;
    private readonly List<(OpenBatch Open, RecordBatch Batch, List<ActivityContext>? Windows)> _staged = [];
    private readonly List<PooledBufferWriter> _plaintexts = [];
    private readonly WakeSignal _wake = new();
    private long _shedRecords;
    private long _shedUnsaid;
    private long _shedSaidAt;

    /// <param name="appended">Called after each durable append with the batch's name, contents and sealed size in
    /// bytes.</param>
    /// <param name="traces">Where the traces of batches are kept; null keeps none.</param>
    /// <exception cref="ArgumentException">The options are outside their limits.</exception>
    public RecordWriter(
        Outbox outbox, BatchSealer sealer, RecordWriterOptions options, TimeProvider clock,
        ILogger<RecordWriter> logger, Action<BatchName, RecordBatch, int>? appended = null,
        BatchTraces? traces = null)
    {
        if (options.Faults().FirstOrDefault() is { } fault)
            throw new ArgumentException(fault, nameof(options));
        (_outbox, _sealer, _options, _clock, _appended, _logger, _traces) =
            (outbox, sealer, options, clock, appended, logger, traces);
        _usage = new OpenBatch(RecordClass.Event);
        _open = [.. Enum.GetValues<RecordClass>().Select(c => new OpenBatch(c)), _usage];
    }

    /// <summary>Records given up because the disk refused a whole batch twice; also logged as errors.</summary>
    public long ShedRecords => Interlocked.Read(ref _shedRecords);

    /// <summary>What sealing and durable appending took.</summary>
    public LatencyHistogram AppendTimes { get; } = new();

    public void AddReading(RecordClass recordClass, ChannelName channel, long timeMicros, double value) =>
        Add(recordClass, (channel, timeMicros, value), 1,
            static (b, r) => b.AddReading(r.channel, r.timeMicros, r.value));

    /// <summary>Adds a verdict, as an event.</summary>
    /// <param name="window">The span of its window; default when that is not traced.</param>
    public void AddVerdict(Verdict verdict, ActivityContext window = default)
    {
        // Before the verdict: adding that may fill the batch and end it.
        if (window.TraceId != default)
        {
            lock (_fill)
                _open[(int)RecordClass.Event].Link(window);
        }

        Add(RecordClass.Event, verdict, 1, static (b, v) => b.Verdicts.Add(v));
    }

    /// <summary>Adds an alarm event; it leaves at once instead of waiting for its batch to age.</summary>
    public void AddAlarm(AlarmEvent alarm)
    {
        Add(RecordClass.Alarm, alarm, 1, static (b, a) => b.Alarms.Add(a));
        _wake.Set();
    }

    /// <summary>Adds a raw window, as bulk.</summary>
    public void AddRawWindow(RawWindow window) =>
        Add(RecordClass.Bulk, window, window.Samples.Length, static (b, w) => b.RawWindows.Add(w));

    /// <summary>Adds a usage record, as an event, in batches of their own: a hub that does not know them yet puts them
    /// aside, and nothing else with them.</summary>
    public void AddUsage(Usage usage) => Add(_usage, usage, 1, static (b, u) => b.Usage.Add(u));

    /// <summary>Appends all that has been added; when it returns, all of it is durable.</summary>
    public void Flush()
    {
        Append(_open, static _ => true);
    }

    /// <summary>Appends batches as they age, until the token ends; then appends what is left.</summary>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_options.BatchAge, _clock);
        try
        {
            var tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
            var wake = _wake.WaitAsync(stoppingToken);
            while (!stoppingToken.IsCancellationRequested)
            {
                var first = await Task.WhenAny(tick, wake).ConfigureAwait(false);
                await first.ConfigureAwait(false);
                FlushAged();
                timer.Period = UntilNextAged();
                if (first == tick)
                    tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
                else
                    wake = _wake.WaitAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end of the loop, not a fault.
        }
        finally
        {
            Flush();
        }
    }

    public void Dispose()
    {
        _wake.Dispose();
        foreach (var plaintext in _plaintexts)
            plaintext.Dispose();
    }

    // What is nearly due goes along with what is due: one transaction for both.
    private void FlushAged()
    {
        var bornBefore = _clock.GetTimestamp() - AgeTicks(0.75);
        Append(_open, o => o.Batch.Class == RecordClass.Alarm || o.BornAt <= bornBefore);
    }

    // No sooner than a quarter of the age: a batch that a failing disk keeps open must not make this loop spin.
    private TimeSpan UntilNextAged()
    {
        var now = _clock.GetTimestamp();
        var until = AgeTicks(1);
        lock (_fill)
        {
            foreach (var open in _open)
            {
                if (open.Batch.Count > 0)
                    until = Math.Min(until, open.BornAt + AgeTicks(1) - now);
            }
        }

        var seconds = (double)Math.Max(until, AgeTicks(0.25)) / _clock.TimestampFrequency;
        return TimeSpan.FromSeconds(Math.Max(seconds, 0.01));
    }

    private long AgeTicks(double share) => (long)(_options.BatchAge.TotalSeconds * share * _clock.TimestampFrequency);

    private void Add<T>(RecordClass recordClass, T item, int values, Action<RecordBatch, T> add) =>
        Add(_open[(int)recordClass], item, values, add);

    private void Add<T>(OpenBatch open, T item, int values, Action<RecordBatch, T> add)
    {
        bool full;
        lock (_fill)
        {
            if (open.Batch.Count == 0)
                open.BornAt = _clock.GetTimestamp();
            add(open.Batch, item);
            open.Values += values;
            full = IsFull(open);
        }

        if (full)
            Append([open], IsFull);
    }

    private bool IsFull(OpenBatch open) =>
        open.Batch.Count >= _options.BatchRecords || open.Values >= _options.BatchValues;

    private void Append(ReadOnlySpan<OpenBatch> candidates, Func<OpenBatch, bool> due)
    {
        lock (_append)
        {
            _staged.Clear();
            foreach (var open in candidates)
            {
                // A batch that the disk refused goes first, so that order within a class holds.
                if (open.Refused is { } refused)
                    _staged.Add((open, refused, null));
                lock (_fill)
                {
                    if (open.Batch.Count == 0 || !due(open))
                        continue;
                    _staged.Add((open, open.Batch, open.Windows));
                    open.Batch = new RecordBatch(open.Batch.Class);
                    open.Windows = null;
                    open.Values = 0;
                }
            }

            if (_staged.Count > 0)
                AppendStaged();
        }
    }

    // All that is due shares one transaction and one fsync.
    private void AppendStaged()
    {
        while (_plaintexts.Count < _staged.Count)
            _plaintexts.Add(new PooledBufferWriter());
        var sealedBytes = new int[_staged.Count];
        var pending = new PendingBatch[_staged.Count];
        var spans = Traces.On ? new Activity?[pending.Length] : null;
        for (var i = 0; i < pending.Length; i++)
        {
            if (spans is not null)
                spans[i] = AppendTraces.Begin(_staged[i].Batch, _staged[i].Windows);
            pending[i] = Stage(_staged[i].Batch, _plaintexts[i], sealedBytes, i);
        }

        AppendedBatches names;
        var began = _clock.GetTimestamp();
        try
        {
            names = _outbox.Append(pending);
            AppendTimes.Record(_clock.GetElapsedTime(began));
        }
        catch (Exception fault) when (fault is IOException or OutboxException)
        {
            foreach (var span in spans ?? [])
                Traces.Fail(span, fault.Message);
            foreach (var (open, batch, _) in _staged)
                Refuse(open, batch, fault);
            return;
        }

        for (var i = 0; i < pending.Length; i++)
        {
            var (open, batch, _) = _staged[i];
            if (ReferenceEquals(open.Refused, batch))
                open.Refused = null;
            var name = new BatchName(_sealer.Device, names.Epoch, names.FirstSequence + (ulong)i);
            if (spans is not null)
                AppendTraces.End(spans[i], name, sealedBytes[i], _traces);
            _appended?.Invoke(name, batch, sealedBytes[i]);
        }
    }

    private PendingBatch Stage(RecordBatch batch, PooledBufferWriter plaintext, int[] sealedBytes, int index)
    {
        plaintext.Clear();
        BatchCodec.Encode(batch, plaintext);
        return new PendingBatch(batch.Class, batch.Count, (firstSequence, sequence, output) =>
        {
            var counted = new CountingWriter(output);
            var header = new BatchHeader(
                _sealer.Device, _outbox.Epoch, firstSequence, sequence, batch.Class, batch.Count, _clock.GetUnixMicros());
            _sealer.Seal(header, plaintext.WrittenSpan, counted);
            sealedBytes[index] = counted.Count;
        });
    }

    private void Refuse(OpenBatch open, RecordBatch batch, Exception fault)
    {
        if (ReferenceEquals(open.Refused, batch))
            return;
        if (open.Refused is null)
        {
            open.Refused = batch;
            RecordWriterLog.AppendFailed(_logger, fault, batch.Count, batch.Class);
            return;
        }

        Interlocked.Add(ref _shedRecords, batch.Count);
        _shedUnsaid += batch.Count;
        // A full disk lasts: one line for all that was given up, now and then.
        if (_shedSaidAt != 0 && _clock.GetElapsedTime(_shedSaidAt) < SayShedEvery)
            return;
        RecordWriterLog.Shed(_logger, _shedUnsaid, fault.Message);
        (_shedUnsaid, _shedSaidAt) = (0, _clock.GetTimestamp());
    }
}
