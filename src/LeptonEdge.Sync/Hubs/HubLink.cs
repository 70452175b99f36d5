using System.Buffers;
using Google.Protobuf;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Metrics;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Delivery;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Protocol.Topics;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Sync.Tracing;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace LeptonEdge.Sync.Hubs;

/// <summary>The hub's end of sync: opens what devices sealed, stores it with the cursor in one transaction, and only
/// then sends the receipt; publishes desired state and commands.</summary>
public sealed class HubLink : IDisposable
{
    // Enough to keep the broker busy; each receipt is cumulative, so more would only wait here instead of there.
    private const int ReceiptsInFlight = 64;

    private readonly HubLinkOptions _options;
    private readonly BatchOpener _opener;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly IngestPipeline _ingest;
    private readonly QuarantineRetry _quarantine;
    private readonly ArrayBufferWriter<byte> _plaintext = new(4 * 1024);
    private readonly WakeSignal _wake = new();
    private readonly SemaphoreSlim _receiptRoom = new(ReceiptsInFlight, ReceiptsInFlight);
    private volatile IMqttClient? _client;
    private volatile bool _connected;
    private CancellationToken _stopping;
    private long _dropped;
    private long _receipts;

    public HubLink(
        HubLinkOptions options, HubStore store, BatchOpener opener, TimeProvider clock, ILogger<HubLink> logger)
    {
        (_options, _opener, _clock, _logger) = (options, opener, clock, logger);
        _ingest = new IngestPipeline(options.Ingest, store, opener, clock, logger);
        _quarantine = new QuarantineRetry(options.Ingest, store, opener, logger);
        _ingest.ReceiptsReady += _wake.Set;
        _ingest.Stored += (device, header, batch) => Stored?.Invoke(device.Tenant, header, batch);
    }

    /// <summary>A device said what it runs.</summary>
    public event Action<TenantId, DeviceId, ReportedState>? Reported;

    /// <summary>A device sent lines of its log.</summary>
    public event Action<TenantId, DeviceId, LogReply>? Logged;

    /// <summary>A batch is in the store, for whoever shows live values.</summary>
    public event Action<TenantId, BatchHeader, RecordBatch>? Stored;

    /// <summary>Subscribed to the broker: what is retained there may have been lost with it and should be published
    /// again.</summary>
    public event Action? Subscribed;

    public bool Connected => _connected;

    /// <summary>Messages that could not be believed, or had no name to go into quarantine under.</summary>
    public long Dropped => Interlocked.Read(ref _dropped) + _ingest.Dropped;

    /// <summary>Receipts sent since the start.</summary>
    public long Receipts => Interlocked.Read(ref _receipts);

    /// <summary>The store failed at its last transaction: no receipts, and devices are asked to wait.</summary>
    public bool StoreDown => _ingest.StoreDown;

    /// <summary>When it is worth asking again while the store is down.</summary>
    public TimeSpan StoreRetryAfter => _ingest.StoreRetryAfter;

    /// <summary>Batches put into quarantine since the start.</summary>
    public long Quarantined => _ingest.Quarantined;

    /// <summary>Transactions that the store did not take, since the start.</summary>
    public long StoreFailures => _ingest.Failures;

    /// <summary>Batches that wait for the store.</summary>
    public int QueuedBatches => _ingest.Queued;

    /// <summary>What the store's transactions took.</summary>
    public LatencyHistogram CommitTimes => _ingest.CommitTimes;

    /// <returns>False when there is no connection; publish again on <see cref="Subscribed"/>.</returns>
    public Task<bool> PublishDesiredAsync(TenantId tenant, DeviceId device, DesiredState state) =>
        PublishAsync(new DeviceTopics(tenant, device).DownDesired, state.ToByteArray(), retain: true);

    /// <returns>False when there is no connection, or no device took the command.</returns>
    public Task<bool> SendCommandAsync(TenantId tenant, DeviceId device, Command command) => PublishAsync(
        new DeviceTopics(tenant, device).DownCommand, command.ToByteArray(), retain: false, needsTaker: true);

    /// <summary>Connects, ingests and reconnects until the token ends.</summary>
    public Task RunAsync(CancellationToken stoppingToken)
    {
        _stopping = stoppingToken;
        // The store works in its own loop: while it waits for the disk the broker is read.
        return Task.WhenAll(
            ServeAsync(stoppingToken),
            Task.Run(() => _ingest.RunAsync(stoppingToken), CancellationToken.None),
            Task.Run(() => _quarantine.Run(stoppingToken), CancellationToken.None));
    }

    public void Dispose()
    {
        _wake.Dispose();
        _receiptRoom.Dispose();
    }

    private async Task ServeAsync(CancellationToken stoppingToken)
    {
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ServeConnectionAsync(() => failures = 0, stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                HubLinkLog.Failed(_logger, _options.Host, _options.Port, fault.GetBaseException().Message);
            }
            finally
            {
                _connected = false;
                _client = null;
            }

            var pause = Backoff.Delay(failures++, _options.ReconnectDelay, _options.ReconnectDelayMax);
            await Task.Delay(pause, _clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ServeConnectionAsync(Action connected, CancellationToken stoppingToken)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        client.ApplicationMessageReceivedAsync += OnMessageAsync;
        client.DisconnectedAsync += _ =>
        {
            _connected = false;
            _wake.Set();
            return Task.CompletedTask;
        };
        // As for a device: a broker that never answers is not waited for without end.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        limit.CancelAfter(_options.ConnectTimeout);
        await client.ConnectAsync(BuildOptions(), limit.Token).ConfigureAwait(false);
        _client = client;
        _connected = true;
        var subscribe = new MqttClientSubscribeOptionsBuilder()
            .WithTopicFilter(
                _options.Shared ? HubTopics.SharedUpFilter : HubTopics.UpFilter, MqttQualityOfServiceLevel.AtLeastOnce)
            .Build();
        await client.SubscribeAsync(subscribe, limit.Token).ConfigureAwait(false);
        connected();
        HubLinkLog.Subscribed(_logger, _options.Host, _options.Port);
        Subscribed?.Invoke();
        while (_connected && !stoppingToken.IsCancellationRequested)
        {
            await SendReceiptsAsync(stoppingToken).ConfigureAwait(false);
            await _wake.WaitAsync(TimeSpan.FromSeconds(1), stoppingToken).ConfigureAwait(false);
        }
    }

    private MqttClientOptions BuildOptions() => new MqttClientOptionsBuilder()
        .WithTcpServer(_options.Host, _options.Port)
        .WithProtocolVersion(MqttProtocolVersion.V500)
        .WithClientId(_options.ClientId)
        .WithCleanStart(true)
        .WithReceiveMaximum(_options.ReceiveMaximum)
        .WithFleetTls(_options.ClientCertificate, _options.TrustRoots, _options.Host, _clock)
        .Build();

    // The handler waits while the ingest's queue is full, and MQTT's receive maximum then holds the broker back.
    private async Task OnMessageAsync(MqttApplicationMessageReceivedEventArgs args)
    {
        var message = args.ApplicationMessage;
        if (!TopicName.TryParse(message.Topic, out var tenant, out var device, out var kind))
        {
            Drop(message.Topic, "the topic is not one of a device");
        }
        else if (kind == TopicKind.UpTelemetry)
        {
            var known = DeliveryTag.TryRead(message.CorrelationData, out var tag);
            // The payload is MQTT's again when this handler returns.
            await _ingest.AddAsync(
                new ArrivedBatch(new DeviceKey(tenant, device), known ? tag : null, message.Payload.ToArray())
                {
                    Publish = IngestTraces.Read(message), ArrivedAt = _clock.GetUtcNow(),
                },
                _stopping)
                .ConfigureAwait(false);
        }
        else if (kind == TopicKind.UpReported && Open(device, message, _options.ReportBytesMax))
        {
            Take(message.Topic, ReportedState.Parser, report => Reported?.Invoke(tenant, device, report));
        }
        else if (kind == TopicKind.UpLog && Open(device, message, _options.LogBytesMax))
        {
            Take(message.Topic, LogReply.Parser, lines => Logged?.Invoke(tenant, device, lines));
        }
    }

    /// <summary>Opens a message that its device sealed, into the plaintext.</summary>
    private bool Open(DeviceId device, MqttApplicationMessage message, int bytesMax)
    {
        if (message.Payload.Length > bytesMax)
        {
            Drop(message.Topic, $"its {message.Payload.Length} bytes are more than {bytesMax}");
            return false;
        }

        _plaintext.ResetWrittenCount();
        var opened = _opener.OpenMessage(Contiguous(message.Payload).Span, _plaintext);
        if (opened is not OpenResult.OpenedMessage { Device: var sealer })
            Drop(message.Topic, opened.ToString());
        else if (sealer != device)
            Drop(message.Topic, $"sealed in the name of {sealer}, sent by {device}");
        else
            return true;
        return false;
    }

    private void Take<T>(string topic, MessageParser<T> parser, Action<T> take)
        where T : IMessage<T>
    {
        try
        {
            take(parser.ParseFrom(_plaintext.WrittenSpan));
        }
        catch (InvalidProtocolBufferException fault)
        {
            Drop(topic, fault.Message);
        }
    }

    private async Task SendReceiptsAsync(CancellationToken stoppingToken)
    {
        while (_connected && _ingest.TryTakeReceipt(out var receipt))
        {
            await _receiptRoom.WaitAsync(stoppingToken).ConfigureAwait(false);
            _ = SendAsync(receipt, stoppingToken);
        }
    }

    private async Task SendAsync(PendingReceipt<DeviceKey> receipt, CancellationToken stoppingToken)
    {
        try
        {
            var topic = new DeviceTopics(receipt.Device.Tenant, receipt.Device.Device).DownReceipt;
            if (await PublishAsync(topic, ReceiptMessages.Write(receipt, _clock), retain: false, stoppingToken)
                .ConfigureAwait(false))
                Interlocked.Increment(ref _receipts);
            else
                _ingest.PutBack(receipt);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The device sends again and is answered by the next start.
        }
        finally
        {
            _receiptRoom.Release();
        }
    }

    private async Task<bool> PublishAsync(
        string topic, byte[] payload, bool retain, CancellationToken stoppingToken = default, bool needsTaker = false)
    {
        if (_client is not { } client || !_connected)
            return false;
        var message = new MqttApplicationMessageBuilder()
            .WithTopic(topic)
            .WithPayload(payload)
            .WithRetainFlag(retain)
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
            .Build();
        try
        {
            var result = await client.PublishAsync(message, stoppingToken).ConfigureAwait(false);
            return result.IsSuccess
                && !(needsTaker && result.ReasonCode == MqttClientPublishReasonCode.NoMatchingSubscribers);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            HubLinkLog.PublishFailed(_logger, topic, fault.GetBaseException().Message);
            return false;
        }
    }

    private static ReadOnlyMemory<byte> Contiguous(ReadOnlySequence<byte> payload) =>
        payload.IsSingleSegment ? payload.First : payload.ToArray();

    private void Drop(string topic, string? reason)
    {
        Interlocked.Increment(ref _dropped);
        HubLinkLog.Dropped(_logger, topic, reason ?? "no reason given");
    }
}

internal static partial class HubLinkLog
{
    [LoggerMessage(1, LogLevel.Information, "Ingest is subscribed at {Host}:{Port}")]
    public static partial void Subscribed(ILogger logger, string host, int port);

    [LoggerMessage(2, LogLevel.Warning, "No connection to the broker at {Host}:{Port}: {Reason}")]
    public static partial void Failed(ILogger logger, string host, int port, string reason);

    [LoggerMessage(3, LogLevel.Warning, "A message on {Topic} was dropped: {Reason}")]
    public static partial void Dropped(ILogger logger, string topic, string reason);

    [LoggerMessage(6, LogLevel.Warning, "Publishing to {Topic} failed: {Reason}")]
    public static partial void PublishFailed(ILogger logger, string topic, string reason);
}
