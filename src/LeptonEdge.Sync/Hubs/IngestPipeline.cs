using System.Diagnostics;
using System.Threading.Channels;
using LeptonEdge.Core;
using LeptonEdge.Core.Metrics;
using LeptonEdge.Core.Records;
using LeptonEdge.Core.Tracing;
using LeptonEdge.Protocol.Delivery;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Sync.Tracing;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Sync.Hubs;

/// <summary>Opens what devices sealed and stores it, many batches in one transaction; what is committed becomes receipts.
/// One loop; the queue before it is bounded, and what is too much stays with the broker and the devices.</summary>
internal sealed class IngestPipeline
{
    private static readonly TimeSpan ProbePause = TimeSpan.FromMilliseconds(100);
    private readonly IngestOptions _options;
    private readonly HubStore _store;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly long _started;
    private readonly Channel<ArrivedBatch> _queue;
    private readonly Lock _gate = new();
    private readonly Receiver<DeviceKey> _receiver;
    private readonly BatchReader _reader;
    private readonly List<IngestItem> _group = [];
    private long _dropped;
    private long _quarantined;
    private long _failures;

    public IngestPipeline(
        IngestOptions options, HubStore store, BatchOpener opener, TimeProvider clock, ILogger logger)
    {
        (_options, _store, _clock, _logger) = (options, store, clock, logger);
        _reader = new BatchReader(opener, options.BatchBytesMax);
        _started = clock.GetTimestamp();
        _receiver = new Receiver<DeviceKey>(options.Receiving);
        _queue = Channel.CreateBounded<ArrivedBatch>(new BoundedChannelOptions(options.QueueMessages)
        {
            FullMode = BoundedChannelFullMode.Wait,
            SingleReader = true,
        });
    }

    /// <summary>A batch is in the store, for whoever shows live values.</summary>
    public event Action<DeviceKey, BatchHeader, RecordBatch>? Stored;

    /// <summary>There are receipts to send.</summary>
    public event Action? ReceiptsReady;

    /// <summary>Messages that had no name to go into quarantine under.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Batches put into quarantine since the start.</summary>
    public long Quarantined => Interlocked.Read(ref _quarantined);

    /// <summary>Transactions that the store did not take, since the start.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Batches that wait for the store.</summary>
    public int Queued => _queue.Reader.Count;

    /// <summary>What the transactions took that succeeded.</summary>
    public LatencyHistogram CommitTimes { get; } = new();

    /// <summary>The store failed at its last transaction and nothing is taken.</summary>
    public bool StoreDown
    {
        get
        {
            lock (_gate)
                return _receiver.StoreDown;
        }
    }

    /// <summary>How long the store is left alone from now; zero when it may be tried.</summary>
    public TimeSpan StoreRetryAfter
    {
        get
        {
            lock (_gate)
                return _receiver.HoldLeft(Now);
        }
    }

    /// <summary>Waits while the queue is full: then the broker is not read, and holds or drops what devices send
    /// again.</summary>
    public ValueTask AddAsync(ArrivedBatch batch, CancellationToken stoppingToken) =>
        _queue.Writer.WriteAsync(batch, stoppingToken);

    public bool TryTakeReceipt([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out PendingReceipt<DeviceKey>? receipt)
    {
        lock (_gate)
            return _receiver.TryTake(out receipt);
    }

    public void PutBack(PendingReceipt<DeviceKey> receipt)
    {
        lock (_gate)
            _receiver.PutBack(receipt);
    }

    /// <summary>Stores until the token ends.</summary>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await WaitForWorkAsync(stoppingToken).ConfigureAwait(false))
            {
                Gather();
                StoreGroup(_group);
                _group.Clear();
                ReceiptsReady?.Invoke();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end of the loop, not a fault: devices send again what was not stored.
        }
    }

    /// <summary>Waits for messages. While the store is down it is also tried by itself, for devices may have nothing to
    /// send.</summary>
    private async Task<bool> WaitForWorkAsync(CancellationToken stoppingToken)
    {
        while (StoreDown)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            limit.CancelAfter(StoreRetryAfter + ProbePause);
            try
            {
                return await _queue.Reader.WaitToReadAsync(limit.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
            {
                Probe();
            }
        }

        return await _queue.Reader.WaitToReadAsync(stoppingToken).ConfigureAwait(false);
    }

    private void Probe()
    {
        try
        {
            _store.Probe();
            lock (_gate)
                _receiver.StoreWorked();
            IngestLog.StoreWorks(_logger);
        }
        catch (HubStoreException fault)
        {
            StoreFailed(fault, []);
        }
    }

    private TimeSpan Now => _clock.GetElapsedTime(_started);

    private void Gather()
    {
        for (long bytes = 0; _group.Count < _options.GroupMessages && bytes < _options.GroupBytes
            && _queue.Reader.TryRead(out var arrived); bytes += arrived.Sealed.Length)
        {
            try
            {
                if (Read(arrived) is { } item)
                    _group.Add(item with { Span = SpanOf(item) });
            }
            catch (HubStoreException fault)
            {
                IngestLog.StoreFailed(_logger, fault, 0);
            }
        }
    }

    private static Activity? SpanOf(in IngestItem item) =>
        IngestTraces.Begin(item.Arrived.Device, item.Tag, item.Arrived.Publish, item.Arrived.ArrivedAt);

    /// <summary>Opens and parses a batch; null when there is nothing to store.</summary>
    private IngestItem? Read(in ArrivedBatch arrived)
    {
        var tag = arrived.Tag;
        var result = _reader.Read(arrived.Device, ref tag, arrived.Sealed);
        if (tag is not { } name)
        {
            Interlocked.Increment(ref _dropped);
            IngestLog.Dropped(_logger, arrived.Device, result.Fault ?? "it carries no name");
            return null;
        }

        lock (_gate)
        {
            if (!_receiver.Admit(arrived.Device, name.Epoch, name.Round, Now))
                return null;
            if (result.Fault is null)
                return new IngestItem(arrived, name, result.Header, result.Records, null);
        }

        var (through, mark) = _store.CursorAndMark(arrived.Device.Tenant, arrived.Device.Device, name.Epoch);
        lock (_gate)
        {
            if (_receiver.Condemn(arrived.Device, name, through))
                return new IngestItem(arrived, name, default, null, result.Fault);
            _receiver.Stored(arrived.Device, name, new StoredThrough(through, mark, Ahead: true, null));
        }

        IngestLog.Unreadable(_logger, arrived.Device, name.Sequence, result.Fault);
        return null;
    }

    private void StoreGroup(List<IngestItem> group)
    {
        if (group.Count == 0)
            return;
        try
        {
            Commit(group);
        }
        catch (HubStoreException fault) when (fault.Fault != HubStoreFault.Refused)
        {
            StoreFailed(fault, group);
        }
        catch (Exception fault) when (group.Count > 1)
        {
            // One batch that the store does not take must not hold up the others: each by itself.
            IngestLog.GroupRefused(_logger, fault, group.Count);
            foreach (var item in group)
                StoreGroup([item]);
        }
        catch (Exception fault) when (group[0].Unreadable is null)
        {
            StoreGroup([group[0] with { Unreadable = $"the store does not take it: {fault.Message}" }]);
        }
        catch (Exception fault)
        {
            StoreFailed(fault, group);
        }
    }

    private void Commit(List<IngestItem> group)
    {
        var outcomes = Store(group);
        lock (_gate)
        {
            _receiver.StoreWorked();
            for (var i = 0; i < outcomes.Length; i++)
                _receiver.Stored(group[i].Arrived.Device, group[i].Tag, Through(outcomes[i]));
        }

        for (var i = 0; i < outcomes.Length; i++)
        {
            var item = group[i];
            if (outcomes[i] is IngestOutcome.Stored && item.Records is { } records)
                Stored?.Invoke(item.Arrived.Device, item.Header, records);
            else if (outcomes[i] is IngestOutcome.Quarantined quarantined && item.Unreadable is not null)
                CountQuarantined(item, quarantined.Reason);
            else if (outcomes[i] is IngestOutcome.Forked)
                IngestLog.Forked(_logger, item.Arrived.Device, item.Tag.Sequence);
        }
    }

    private IngestOutcome[] Store(List<IngestItem> group)
    {
        var spans = Traces.On ? group.ConvertAll(item => IngestTraces.BeginStore(item.Span, group.Count)) : null;
        var began = _clock.GetTimestamp();
        try
        {
            var outcomes = _store.Ingest([.. group.Select(item => item.ToStore())]);
            CommitTimes.Record(_clock.GetElapsedTime(began));
            for (var i = 0; spans is not null && i < outcomes.Length; i++)
            {
                spans[i]?.Stop();
                group[i].Span?.SetTag("lepton.outcome", outcomes[i].GetType().Name).Stop();
            }

            return outcomes;
        }
        catch (Exception fault)
        {
            spans?.ForEach(span => Traces.Fail(span, fault.Message));
            throw;
        }
    }

    private void CountQuarantined(in IngestItem item, string reason)
    {
        Interlocked.Increment(ref _quarantined);
        using var entered = Traces.Enter(item.Span);
        IngestLog.Quarantined(_logger, item.Arrived.Device, item.Tag.Sequence, reason);
    }

    private void StoreFailed(Exception fault, List<IngestItem> group)
    {
        TimeSpan hold;
        Interlocked.Increment(ref _failures);
        lock (_gate)
        {
            hold = _receiver.Failed(Now);
            foreach (var item in group)
            {
                Traces.Fail(item.Span, fault.Message);
                _receiver.Hold(item.Arrived.Device, item.Tag.Epoch, item.Tag.Round, hold);
            }
        }

        IngestLog.StoreFailed(_logger, fault, hold.TotalSeconds);
    }

    private static StoredThrough Through(IngestOutcome outcome) => new(
        outcome.Through, outcome.SealMark, outcome is IngestOutcome.OutOfOrder,
        (outcome as IngestOutcome.Quarantined)?.Reason, outcome is IngestOutcome.Forked);
}
