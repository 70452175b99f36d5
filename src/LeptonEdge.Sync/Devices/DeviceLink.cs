using System.Buffers;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Threading.Channels;
using LeptonEdge.Core;
using LeptonEdge.Core.Tracing;
using LeptonEdge.Protocol.Delivery;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Protocol.Topics;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Storage.Outboxes;
using LeptonEdge.Sync.Tracing;
using LeptonEdge.Sync.Uplink;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace LeptonEdge.Sync.Devices;

/// <summary>The device's end of sync: hands what the sending side decides to MQTT, and takes receipts, desired state and
/// commands in. It reconnects for ever; nothing that was appended depends on it being connected.</summary>
public sealed class DeviceLink : IDisposable
{
    // MQTT's own bytes around a batch: topic, properties, the tag.
    private const int PacketOverheadBytes = 512;

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan DiskPause = TimeSpan.FromMilliseconds(500);
    private readonly DeviceLinkOptions _options;
    private readonly Outbox _outbox;
    private readonly BatchSealer _sealer;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly BatchTraces? _traces;
    private readonly DeviceTopics _topics;
    private readonly UplinkPump _pump;
    private readonly long _started;
    private readonly WakeSignal _wake = new();

    // Receipts are cumulative: a newer one stands for those before it.
    private readonly Channel<ReceiptNotice> _receipts = Channel.CreateBounded<ReceiptNotice>(
        new BoundedChannelOptions(256) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    // An older desired state is void once a newer one is here, so the oldest may go.
    private readonly Channel<DesiredState> _desired = Channel.CreateBounded<DesiredState>(
        new BoundedChannelOptions(4) { FullMode = BoundedChannelFullMode.DropOldest });

    private readonly Channel<Command> _commands = Channel.CreateBounded<Command>(
        new BoundedChannelOptions(32) { FullMode = BoundedChannelFullMode.DropWrite });

    private IMqttClient? _client;
    private CancellationToken _stopping;
    private ulong _refusedRound;
    private long _quarantined;
    private ReportedState? _report;
    private volatile bool _connected;

    /// <param name="traces">Of the batches in the outbox; null: what is sent names no trace.</param>
    /// <exception cref="ArgumentException">The options are outside their limits.</exception>
    public DeviceLink(
        DeviceLinkOptions options, Outbox outbox, BatchSealer sealer, TimeProvider clock, ILogger<DeviceLink> logger,
        BatchTraces? traces = null)
    {
        if (options.Faults().FirstOrDefault() is { } fault)
            throw new ArgumentException(fault, nameof(options));
        (_options, _outbox, _sealer, _clock, _logger, _traces) = (options, outbox, sealer, clock, logger, traces);
        _topics = new DeviceTopics(options.Tenant, options.Device);
        _started = clock.GetTimestamp();
        var position = outbox.Position;
        var sender = new Sender(
            options.Sending, position.Epoch, position.ReceiptedThrough, position.LastSequence);
        _pump = new UplinkPump(sender, outbox, DrawRound, Publish);
    }

    public bool Connected => _connected;

    /// <summary>Batches that the hub said it could not read, since the start; it keeps them in quarantine.</summary>
    public long Quarantined => Interlocked.Read(ref _quarantined);

    /// <summary>Batches that were sent more than once, since the start.</summary>
    public long Resent => _pump.Resent;

    /// <summary>Bytes of batches sent since the start, those sent again included.</summary>
    public long SentBytes => _pump.SentBytes;

    public ChannelReader<DesiredState> Desired => _desired.Reader;

    public ChannelReader<Command> Commands => _commands.Reader;

    /// <summary>Hands over what the device reports of itself; only the newest is sent, and only while
    /// connected.</summary>
    public void Report(ReportedState state)
    {
        Volatile.Write(ref _report, state);
        Wake();
    }

    /// <summary>Sends lines of the device's log. A failure goes without a word: it would be one more line to send.</summary>
    /// <returns>False when no hub took them.</returns>
    public async Task<bool> SendLogAsync(LogReply lines, CancellationToken stoppingToken)
    {
        if (_client is not { } client || !_connected)
            return false;
        try
        {
            var message = new MqttApplicationMessage
            {
                Topic = _topics.UpLog,
                Payload = new ReadOnlySequence<byte>(Seal(lines)),
                QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
            };
            var result = await client.PublishAsync(message, stoppingToken).ConfigureAwait(false);
            return result.ReasonCode == MqttClientPublishReasonCode.Success;
        }
        catch (Exception)
        {
            // Whatever broker or network threw: the lines are counted as left out.
            return false;
        }
    }

    /// <summary>Says that the outbox holds something new; without it the link looks by itself every 200 ms.</summary>
    public void Wake() => _wake.Set();

    /// <summary>Waits until the hub has receipted all that is in the outbox now.</summary>
    /// <returns>False when the time ran out first; the rest stays in the outbox.</returns>
    public async Task<bool> DrainAsync(TimeSpan patience)
    {
        var goal = _outbox.Position;
        var start = _clock.GetTimestamp();
        // A new epoch begins with what was left behind named and kept aside: the old goal is then void.
        while (_outbox.Position is var now && now.Epoch == goal.Epoch && now.ReceiptedThrough < goal.LastSequence)
        {
            if (_clock.GetElapsedTime(start) > patience)
                return false;
            await Task.Delay(TimeSpan.FromMilliseconds(10), _clock).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>Connects, serves and reconnects until the token ends.</summary>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        var failures = 0;
        _stopping = stoppingToken;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ServeConnectionAsync(() => failures = 0, stoppingToken).ConfigureAwait(false);
                DeviceLinkLog.Closed(_logger, _options.Host, _options.Port);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                // Whatever the broker, the network or TLS threw: the answer is always to try again, later.
                DeviceLinkLog.Failed(_logger, _options.Host, _options.Port, fault.GetBaseException().Message);
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

    private TimeSpan Now => _clock.GetElapsedTime(_started);

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
        // With a token of ours MQTT applies no limit of its own: a broker that takes the connection and never answers
        // would be waited for without end.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        limit.CancelAfter(_options.ConnectTimeout);
        var answer = await client.ConnectAsync(BuildOptions(), limit.Token).ConfigureAwait(false);
        var subscribe = new MqttClientSubscribeOptionsBuilder()
            .WithTopicFilter(_topics.DownReceipt, MqttQualityOfServiceLevel.AtLeastOnce)
            .WithTopicFilter(_topics.DownDesired, MqttQualityOfServiceLevel.AtLeastOnce)
            .WithTopicFilter(_topics.DownCommand, MqttQualityOfServiceLevel.AtLeastOnce)
            .Build();
        await client.SubscribeAsync(subscribe, limit.Token).ConfigureAwait(false);
        _client = client;
        _connected = true;
        connected();
        var position = _outbox.Position;
        DeviceLinkLog.Connected(
            _logger, _options.Host, _options.Port, position.ReceiptedThrough, position.LastSequence);
        _pump.BatchBytesMax = (answer.MaximumPacketSize ?? uint.MaxValue) - (long)PacketOverheadBytes;
        _pump.Connect(Now);
        try
        {
            await PumpAsync(stoppingToken).ConfigureAwait(false);
        }
        finally
        {
            _pump.Sender.Disconnect();
        }
    }

    private MqttClientOptions BuildOptions() => new MqttClientOptionsBuilder()
        .WithTcpServer(_options.Host, _options.Port)
        .WithProtocolVersion(MqttProtocolVersion.V500)
        .WithClientId($"{_options.Tenant}/{_options.Device}")
        // Nothing of a session is worth keeping: receipts are cumulative, desired state is retained, and a command that
        // waited for days would surprise whoever gave it.
        .WithCleanStart(true)
        .WithKeepAlivePeriod(_options.KeepAlive)
        .WithTimeout(_options.ConnectTimeout)
        .WithFleetTls(_options.ClientCertificate, _options.TrustRoots, _options.Host, _clock)
        .Build();

    private async Task PumpAsync(CancellationToken stoppingToken)
    {
        while (_connected && !stoppingToken.IsCancellationRequested)
        {
            TakeEvents();
            SendReport();
            var restarts = _pump.Sender.Restarts;
            var until = RunPump();
            if (_pump.Sender.Restarts > restarts)
                DeviceLinkLog.Resending(_logger, _pump.Sender.ReceiptedThrough, _pump.Sender.Last);
            var pause = until - Now;
            if (pause <= TimeSpan.Zero)
                continue;
            await _wake.WaitAsync(pause < LookAgain ? pause : LookAgain, stoppingToken).ConfigureAwait(false);
        }
    }

    private TimeSpan RunPump()
    {
        try
        {
            return _pump.Run(Now);
        }
        catch (IOException fault)
        {
            // The outbox says what is wrong with the disk; what it holds is sent once it can be read again.
            DeviceLinkLog.Unreadable(_logger, fault.Message);
            return Now + DiskPause;
        }
    }

    private void TakeEvents()
    {
        while (_receipts.Reader.TryRead(out var receipt))
            _pump.Sender.Receive(receipt, Now);
        if (Interlocked.Exchange(ref _refusedRound, 0) is var round and not 0)
            _pump.Sender.Refuse(round, Now);
    }

    // Not awaited by the pump: the receipt, not PUBACK, says that a batch arrived, so waiting would only slow the line.
    private void Publish(DeliveryTag tag, OutboxBatch batch) =>
        _ = PublishAsync(_topics.UpTelemetry, batch.Sealed, tag, PublishSpan(batch), _stopping);

    private Activity? PublishSpan(OutboxBatch batch)
    {
        if (_traces?.Find(batch.Epoch, batch.Sequence) is not { } context || context.TraceId == default)
            return null;
        return Traces.Begin("mqtt publish", ActivityKind.Producer, context)?
            .SetTag("messaging.system", "mqtt").SetTag("messaging.destination.name", _topics.UpTelemetry)
            .SetTag("messaging.message.body.size", batch.Sealed.Length)
            .SetTag("lepton.batch.sequence", (long)batch.Sequence);
    }

    private void SendReport()
    {
        if (Interlocked.Exchange(ref _report, null) is not { } report)
            return;
        _ = PublishAsync(_topics.UpReported, Seal(report), null, null, _stopping);
    }

    private ReadOnlyMemory<byte> Seal(Google.Protobuf.IMessage message)
    {
        var plaintext = new ArrayBufferWriter<byte>(512);
        Google.Protobuf.MessageExtensions.WriteTo(message, plaintext);
        var sealedBytes = new ArrayBufferWriter<byte>(plaintext.WrittenCount + 256);
        _sealer.SealMessage(_clock.GetUnixMicros(), plaintext.WrittenSpan, sealedBytes);
        return sealedBytes.WrittenMemory;
    }

    private async Task PublishAsync(
        string topic, ReadOnlyMemory<byte> payload, DeliveryTag? tag, Activity? span, CancellationToken stoppingToken)
    {
        if (_client is not { } client)
            return;
        using var publishing = span;
        try
        {
            var message = new MqttApplicationMessage
            {
                Topic = topic,
                Payload = new ReadOnlySequence<byte>(payload),
                QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
                CorrelationData = tag?.ToArray(),
            };
            // W3C trace context for MQTT: random numbers, of which the broker learns no more than from the batch's name.
            if (span?.Id is { } parent)
                message.UserProperties = [new MqttUserProperty(Traces.ParentKey, parent)];
            var result = await client.PublishAsync(message, stoppingToken).ConfigureAwait(false);
            // The broker is up but the hub's ingest is not subscribed yet: what was sent is gone, so send it again
            // soon.
            if (!result.IsSuccess || result.ReasonCode == MqttClientPublishReasonCode.NoMatchingSubscribers)
            {
                span?.SetStatus(ActivityStatusCode.Error, "no hub took it");
                Refused(tag);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The outbox still holds it; the next start sends it.
        }
        catch (Exception fault)
        {
            span?.SetStatus(ActivityStatusCode.Error, fault.GetBaseException().Message);
            if (_connected)
                DeviceLinkLog.PublishFailed(_logger, topic, fault.GetBaseException().Message);
            Refused(tag);
        }
    }

    private void Refused(DeliveryTag? tag)
    {
        if (tag is not { } batch)
            return;
        Interlocked.Exchange(ref _refusedRound, batch.Round);
        Wake();
    }

    private Task OnMessageAsync(MqttApplicationMessageReceivedEventArgs args)
    {
        var message = args.ApplicationMessage;
        try
        {
            if (message.Topic == _topics.DownReceipt)
                OnReceipt(Receipt.Parser.ParseFrom(message.Payload));
            else if (message.Topic == _topics.DownDesired)
                _desired.Writer.TryWrite(DesiredState.Parser.ParseFrom(message.Payload));
            else if (message.Topic == _topics.DownCommand)
                _commands.Writer.TryWrite(Command.Parser.ParseFrom(message.Payload));
        }
        catch (Google.Protobuf.InvalidProtocolBufferException fault)
        {
            DeviceLinkLog.Malformed(_logger, message.Topic, fault.Message);
        }

        return Task.CompletedTask;
    }

    private void OnReceipt(Receipt receipt)
    {
        foreach (var batch in receipt.Quarantined)
        {
            Interlocked.Increment(ref _quarantined);
            DeviceLinkLog.Quarantined(_logger, batch.Sequence, batch.Reason);
        }

        if (receipt.HoldMillis > 0)
            DeviceLinkLog.Held(_logger, receipt.HoldMillis);
        _receipts.Writer.TryWrite(new ReceiptNotice(
            receipt.Epoch, receipt.Through, receipt.Round, receipt.Ahead, receipt.SealMark,
            TimeSpan.FromMilliseconds(receipt.HoldMillis), receipt.Forked));
        Wake();
    }

    private static ulong DrawRound()
    {
        Span<byte> random = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(random);
        return BitConverter.ToUInt64(random) | 1;
    }
}
