using System.Buffers;
using System.Collections.Concurrent;
using Google.Protobuf;
using LeptonEdge.Core;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Batches;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Protocol.Topics;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Storage.Hubs;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace LeptonEdge.Sync.Hubs;

/// <summary>The hub's end of sync: opens what devices sealed, stores it with the cursor in one transaction, and only
/// then sends the receipt; publishes desired state and commands.</summary>
public sealed class HubLink : IDisposable
{
    private readonly HubLinkOptions _options;
    private readonly HubStore _store;
    private readonly BatchOpener _opener;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly ArrayBufferWriter<byte> _plaintext = new(64 * 1024);

    // Receipts are cumulative, so one pending per device and epoch is all there ever is to send.
    private readonly ConcurrentDictionary<(TenantId Tenant, DeviceId Device, ulong Epoch), ulong> _receipts = [];
    private readonly SemaphoreSlim _wake = new(0, 1);
    private volatile IMqttClient? _client;
    private volatile bool _connected;
    private long _dropped;

    public HubLink(
        HubLinkOptions options, HubStore store, BatchOpener opener, TimeProvider clock, ILogger<HubLink> logger) =>
        (_options, _store, _opener, _clock, _logger) = (options, store, opener, clock, logger);

    /// <summary>A device said what it runs.</summary>
    public event Action<TenantId, DeviceId, ReportedState>? Reported;

    /// <summary>A batch is in the store, for whoever shows live values.</summary>
    public event Action<TenantId, BatchHeader, RecordBatch>? Stored;

    /// <summary>Subscribed to the broker: what is retained there may have been lost with it and should be published
    /// again.</summary>
    public event Action? Subscribed;

    public bool Connected => _connected;

    /// <summary>Messages that could not be opened, parsed or believed.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <returns>False when there is no connection; publish again on <see cref="Subscribed"/>.</returns>
    public Task<bool> PublishDesiredAsync(TenantId tenant, DeviceId device, DesiredState state) =>
        PublishAsync(new DeviceTopics(tenant, device).DownDesired, state.ToByteArray(), retain: true);

    /// <returns>False when there is no connection, or no device took the command.</returns>
    public Task<bool> SendCommandAsync(TenantId tenant, DeviceId device, Command command) =>
        PublishAsync(new DeviceTopics(tenant, device).DownCommand, command.ToByteArray(), retain: false);

    /// <summary>Connects, ingests and reconnects until the token ends.</summary>
    public async Task RunAsync(CancellationToken stoppingToken)
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

    public void Dispose() => _wake.Dispose();

    private async Task ServeConnectionAsync(Action connected, CancellationToken stoppingToken)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        client.ApplicationMessageReceivedAsync += OnMessageAsync;
        client.DisconnectedAsync += _ =>
        {
            _connected = false;
            Wake();
            return Task.CompletedTask;
        };
        await client.ConnectAsync(BuildOptions(), stoppingToken).ConfigureAwait(false);
        _client = client;
        _connected = true;
        var subscribe = new MqttClientSubscribeOptionsBuilder()
            .WithTopicFilter(
                _options.Shared ? HubTopics.SharedUpFilter : HubTopics.UpFilter, MqttQualityOfServiceLevel.AtLeastOnce)
            .Build();
        await client.SubscribeAsync(subscribe, stoppingToken).ConfigureAwait(false);
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
        .WithFleetTls(_options.ClientCertificate, _options.TrustRoots, _options.Host)
        .Build();

    private Task OnMessageAsync(MqttApplicationMessageReceivedEventArgs args)
    {
        var message = args.ApplicationMessage;
        try
        {
            if (!TopicName.TryParse(message.Topic, out var tenant, out var device, out var kind))
                Drop(message.Topic, "the topic is not one of a device");
            else if (kind == TopicKind.UpTelemetry)
                Ingest(tenant, device, message);
            else if (kind == TopicKind.UpReported)
                TakeReport(tenant, device, message);
        }
        catch (BatchFormatException fault)
        {
            Drop(message.Topic, fault.Message);
        }
        catch (InvalidProtocolBufferException fault)
        {
            Drop(message.Topic, fault.Message);
        }
        catch (HubStoreException fault)
        {
            // No receipt: the device keeps the batch and sends it again.
            HubLinkLog.StoreFailed(_logger, fault, message.Topic);
        }

        return Task.CompletedTask;
    }

    private void Ingest(TenantId tenant, DeviceId device, MqttApplicationMessage message)
    {
        var sealedBytes = Contiguous(message.Payload);
        _plaintext.ResetWrittenCount();
        var opened = _opener.Open(sealedBytes.Span, _plaintext);
        if (opened is not OpenResult.Opened { Header: var header })
        {
            Drop(message.Topic, opened.ToString());
            return;
        }

        if (header.Device != device)
        {
            Drop(message.Topic, $"sealed in the name of {header.Device}, sent by {device}");
            return;
        }

        var batch = BatchCodec.Decode(_plaintext.WrittenSpan);
        var outcome = _store.Ingest(tenant, header, batch, sealedBytes.Length);
        if (outcome is IngestOutcome.OutOfOrder ahead)
            HubLinkLog.OutOfOrder(_logger, device, header.FirstSequence, ahead.Through);
        _receipts[(tenant, device, header.Epoch)] = outcome.Through;
        Wake();
        if (outcome is IngestOutcome.Stored)
            Stored?.Invoke(tenant, header, batch);
    }

    private void TakeReport(TenantId tenant, DeviceId device, MqttApplicationMessage message)
    {
        _plaintext.ResetWrittenCount();
        var opened = _opener.OpenMessage(Contiguous(message.Payload).Span, _plaintext);
        if (opened is not OpenResult.OpenedMessage { Device: var sealer })
            Drop(message.Topic, opened.ToString());
        else if (sealer != device)
            Drop(message.Topic, $"sealed in the name of {sealer}, sent by {device}");
        else
            Reported?.Invoke(tenant, device, ReportedState.Parser.ParseFrom(_plaintext.WrittenSpan));
    }

    private async Task SendReceiptsAsync(CancellationToken stoppingToken)
    {
        foreach (var (key, through) in _receipts)
        {
            var receipt = new Receipt { Epoch = key.Epoch, Through = through, HubTimeMicros = _clock.GetUnixMicros() };
            var topic = new DeviceTopics(key.Tenant, key.Device).DownReceipt;
            if (!await PublishAsync(topic, receipt.ToByteArray(), retain: false, stoppingToken).ConfigureAwait(false))
                continue;
            // Only what was sent is done: a higher one that came in meanwhile stays and is sent next.
            _receipts.TryRemove(new(key, through));
        }

        if (!_receipts.IsEmpty)
            Wake();
    }

    private async Task<bool> PublishAsync(
        string topic, byte[] payload, bool retain, CancellationToken stoppingToken = default)
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
            return result.IsSuccess;
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

    private void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // A wake-up is pending already; one is enough.
        }
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

    [LoggerMessage(4, LogLevel.Error, "The store did not take a batch of {Topic}; the device keeps it")]
    public static partial void StoreFailed(ILogger logger, Exception fault, string topic);

    [LoggerMessage(5, LogLevel.Debug, "{Device} sent {First} but the store is at {Through}; asking again from there")]
    public static partial void OutOfOrder(ILogger logger, DeviceId device, ulong first, ulong through);

    [LoggerMessage(6, LogLevel.Warning, "Publishing to {Topic} failed: {Reason}")]
    public static partial void PublishFailed(ILogger logger, string topic, string reason);
}
