using System.Buffers;
using System.Threading.Channels;
using LeptonEdge.Core;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Protocol.Topics;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Storage.Outboxes;
using LeptonEdge.Sync.Uplink;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace LeptonEdge.Sync.Devices;

/// <summary>The device's end of sync: sends what the outbox holds until the hub's receipt, and takes receipts, desired
/// state and commands in. It reconnects for ever; nothing that was appended depends on it being connected.</summary>
public sealed class DeviceLink : IDisposable
{
    private readonly DeviceLinkOptions _options;
    private readonly Outbox _outbox;
    private readonly BatchSealer _sealer;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly DeviceTopics _topics;
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly List<OutboxBatch> _batches = [];

    // An older desired state is void once a newer one is here, so the oldest may go.
    private readonly Channel<DesiredState> _desired = Channel.CreateBounded<DesiredState>(
        new BoundedChannelOptions(4) { FullMode = BoundedChannelFullMode.DropOldest });

    private readonly Channel<Command> _commands = Channel.CreateBounded<Command>(
        new BoundedChannelOptions(32) { FullMode = BoundedChannelFullMode.DropWrite });

    private UplinkWindow _window;
    private long _receiptedThrough;
    private long _resendAt = long.MaxValue;
    private ReportedState? _report;
    private volatile bool _connected;

    /// <exception cref="ArgumentException">The options are outside their limits.</exception>
    public DeviceLink(
        DeviceLinkOptions options, Outbox outbox, BatchSealer sealer, TimeProvider clock, ILogger<DeviceLink> logger)
    {
        if (options.Faults().FirstOrDefault() is { } fault)
            throw new ArgumentException(fault, nameof(options));
        (_options, _outbox, _sealer, _clock, _logger) = (options, outbox, sealer, clock, logger);
        _topics = new DeviceTopics(options.Tenant, options.Device);
    }

    public bool Connected => _connected;

    public ChannelReader<DesiredState> Desired => _desired.Reader;

    public ChannelReader<Command> Commands => _commands.Reader;

    /// <summary>Hands over what the device reports of itself; only the newest is sent, and only while
    /// connected.</summary>
    public void Report(ReportedState state)
    {
        Volatile.Write(ref _report, state);
        Wake();
    }

    /// <summary>Says that the outbox holds something new; without it the link looks by itself every 200 ms.</summary>
    public void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // A wake-up is pending already; one is enough.
        }
        catch (ObjectDisposedException)
        {
            // The link has ended; whoever still appends is served by the next start.
        }
    }

    /// <summary>Waits until the hub has receipted all that is in the outbox now.</summary>
    /// <returns>False when the time ran out first; the rest stays in the outbox.</returns>
    public async Task<bool> DrainAsync(TimeSpan patience)
    {
        var goal = _outbox.LastSequence;
        var start = _clock.GetTimestamp();
        while (_outbox.ReceiptedThrough < goal)
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
        var subscribe = new MqttClientSubscribeOptionsBuilder()
            .WithTopicFilter(_topics.DownReceipt, MqttQualityOfServiceLevel.AtLeastOnce)
            .WithTopicFilter(_topics.DownDesired, MqttQualityOfServiceLevel.AtLeastOnce)
            .WithTopicFilter(_topics.DownCommand, MqttQualityOfServiceLevel.AtLeastOnce)
            .Build();
        await client.SubscribeAsync(subscribe, stoppingToken).ConfigureAwait(false);
        _connected = true;
        connected();
        DeviceLinkLog.Connected(_logger, _options.Host, _options.Port, _outbox.ReceiptedThrough, _outbox.LastSequence);
        await SendAsync(client, stoppingToken).ConfigureAwait(false);
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
        .WithFleetTls(_options.ClientCertificate, _options.TrustRoots, _options.Host)
        .Build();

    private async Task SendAsync(IMqttClient client, CancellationToken stoppingToken)
    {
        _window = new UplinkWindow(_outbox.ReceiptedThrough, _outbox.ReceiptedThrough);
        Volatile.Write(ref _resendAt, long.MaxValue);
        var progressAt = _clock.GetTimestamp();
        while (_connected && !stoppingToken.IsCancellationRequested)
        {
            if (TakeReceipt())
                progressAt = _clock.GetTimestamp();
            if (MustResend(progressAt))
            {
                DeviceLinkLog.Resending(_logger, _window.ReceiptedThrough, _window.SentThrough);
                _window = _window.Restarted();
                progressAt = _clock.GetTimestamp();
            }

            if (!_window.InFlight)
                progressAt = _clock.GetTimestamp();
            var sent = SendRoom(client, stoppingToken);
            SendReport(client, stoppingToken);
            if (sent == 0)
                await _wake.WaitAsync(TimeSpan.FromMilliseconds(200), stoppingToken).ConfigureAwait(false);
        }
    }

    private bool TakeReceipt()
    {
        var through = (ulong)Volatile.Read(ref _receiptedThrough);
        if (through <= _window.ReceiptedThrough)
            return false;
        _outbox.Trim(_outbox.Epoch, through, sealMark: 0);
        _window = _window.Receipted(through);
        return true;
    }

    private bool MustResend(long progressAt)
    {
        if (!_window.InFlight)
            return false;
        if (_clock.GetTimestamp() < Volatile.Read(ref _resendAt))
            return _clock.GetElapsedTime(progressAt) > _options.ReceiptTimeout;
        Volatile.Write(ref _resendAt, long.MaxValue);
        return true;
    }

    private int SendRoom(IMqttClient client, CancellationToken stoppingToken)
    {
        var room = _window.Room(_options.WindowBatches);
        if (room == 0)
            return 0;
        _batches.Clear();
        _outbox.ReadAfter(_window.SentThrough, room, _options.ReadBytesMax, _batches);
        foreach (var batch in _batches)
        {
            _window = _window.Sent(batch.Sequence);
            _ = PublishAsync(client, _topics.UpTelemetry, batch.Sealed, stoppingToken);
        }

        return _batches.Count;
    }

    private void SendReport(IMqttClient client, CancellationToken stoppingToken)
    {
        if (Interlocked.Exchange(ref _report, null) is not { } report)
            return;
        var plaintext = new ArrayBufferWriter<byte>(512);
        Google.Protobuf.MessageExtensions.WriteTo(report, plaintext);
        var sealedBytes = new ArrayBufferWriter<byte>(plaintext.WrittenCount + 256);
        _sealer.SealMessage(_clock.GetUnixMicros(), plaintext.WrittenSpan, sealedBytes);
        _ = PublishAsync(client, _topics.UpReported, sealedBytes.WrittenMemory, stoppingToken);
    }

    // Not awaited by the caller: the receipt, not PUBACK, says that a batch arrived, so waiting would only slow the
    // line.
    private async Task PublishAsync(
        IMqttClient client, string topic, ReadOnlyMemory<byte> payload, CancellationToken stoppingToken)
    {
        try
        {
            var message = new MqttApplicationMessageBuilder()
                .WithTopic(topic)
                .WithPayload(new ReadOnlySequence<byte>(payload))
                .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
                .Build();
            var result = await client.PublishAsync(message, stoppingToken).ConfigureAwait(false);
            // The broker is up but the hub's ingest is not subscribed yet: what was sent is gone, so send it again
            // soon.
            if (!result.IsSuccess || result.ReasonCode == MqttClientPublishReasonCode.NoMatchingSubscribers)
                ResendSoon();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The outbox still holds it; the next start sends it.
        }
        catch (Exception fault)
        {
            DeviceLinkLog.PublishFailed(_logger, topic, fault.GetBaseException().Message);
            ResendSoon();
        }
    }

    private void ResendSoon()
    {
        var soon = _clock.GetTimestamp() + _clock.TimestampFrequency / 2;
        Interlocked.CompareExchange(ref _resendAt, soon, long.MaxValue);
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
        // A receipt for another epoch speaks of an outbox file that this device no longer has.
        if (receipt.Epoch != _outbox.Epoch)
            return;
        if (receipt.Through > _outbox.LastSequence)
        {
            DeviceLinkLog.ReceiptAhead(_logger, receipt.Through, _outbox.LastSequence);
            return;
        }

        InterlockedMax(ref _receiptedThrough, (long)receipt.Through);
        Wake();
    }

    private static void InterlockedMax(ref long target, long value)
    {
        var seen = Volatile.Read(ref target);
        while (value > seen)
        {
            var before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }
}
