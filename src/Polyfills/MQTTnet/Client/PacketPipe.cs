using System.Buffers;
using System.IO.Pipelines;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;

namespace MQTTnet.Internal;

/// <summary>Packets over a duplex pipe: one reader; any number of writers, one at a time.</summary>
/// <remarks>
/// Backpressure is the pipe's: a peer that does not read holds its writers, never memory. Packets may be left without
/// a flush; they leave when the reader has nothing more to decode, so that a burst is answered in one segment.
/// </remarks>
internal sealed class PacketPipe(PipeReader input, PipeWriter output, TimeProvider clock)
{
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly TopicCache _topics = new();
    // What was read and holds more packets, or the begin of one: the pipe is told only when all of it is decoded.
    private ReadOnlySequence<byte> _unread;
    private volatile bool _isReading;
    private bool _hasReceived;
    private long _unreadBytes;
    private bool _isInputCompleted;
    private volatile bool _hasUnflushed;
    private long _bytesReceived;
    private long _bytesSent;
    private long _lastReceived = clock.GetTimestamp();
    private long _lastSent = clock.GetTimestamp();
    private long _flushBegan;

    public MqttProtocolVersion Version { get; set; } = MqttProtocolVersion.V500;

    /// <summary>The largest packet that is read.</summary>
    public uint ReadBytesMax { get; set; } = MqttDecoder.PacketBytesMax;

    public long BytesReceived => Interlocked.Read(ref _bytesReceived);

    public long BytesSent => Interlocked.Read(ref _bytesSent);

    /// <summary>Zero while packets that came wait for their turn: it is not the peer then who is silent.</summary>
    public TimeSpan SinceReceived =>
        _isReading ? TimeSpan.Zero : clock.GetElapsedTime(Interlocked.Read(ref _lastReceived));

    public TimeSpan SinceSent => clock.GetElapsedTime(Interlocked.Read(ref _lastSent));

    /// <summary>How long the peer has refused to take what is written; zero while it reads.</summary>
    public TimeSpan Stalled =>
        Interlocked.Read(ref _flushBegan) is var began && began == 0 ? TimeSpan.Zero : clock.GetElapsedTime(began);

    /// <returns>The next packet, or null when the peer closed the connection between packets.</returns>
    /// <exception cref="MqttProtocolViolationException">The bytes are no packet.</exception>
    /// <exception cref="MqttCommunicationException">The connection broke inside a packet.</exception>
    public async ValueTask<MqttPacket?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_isReading && Next() is { } packet)
                return packet;
            if (_isInputCompleted)
                return null;
            if (!input.TryRead(out var result))
            {
                await FlushAsync(cancellationToken).ConfigureAwait(false);
                result = await input.ReadAsync(cancellationToken).ConfigureAwait(false);
            }
            if (result.IsCanceled)
                throw new OperationCanceledException("The read was cancelled.");
            (_unread, _isReading, _isInputCompleted) = (result.Buffer, true, result.IsCompleted);
            _unreadBytes = _unread.Length;
        }
    }

    public async ValueTask WriteAsync(MqttPacket packet, bool flush, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            MqttEncoder.Write(output, packet, Version);
            await WrittenAsync(flush, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    public async ValueTask WriteAsync(
        MqttApplicationMessage message, PublishHeader header, bool flush, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            PublishEncoder.Write(output, message, header, Version);
            await WrittenAsync(flush, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (!_hasUnflushed)
            return;
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_hasUnflushed)
                await WrittenAsync(flush: true, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    private MqttPacket? Next()
    {
        var packet = MqttDecoder.TryRead(ref _unread, Version, ReadBytesMax, _topics);
        if (packet is not null)
        {
            _hasReceived = true;
            if (!_unread.IsEmpty)
                return packet;
        }
        if (_hasReceived)
            Interlocked.Exchange(ref _lastReceived, clock.GetTimestamp());
        _hasReceived = false;
        Interlocked.Add(ref _bytesReceived, _unreadBytes - _unread.Length);
        var isCutShort = packet is null && _isInputCompleted && !_unread.IsEmpty;
        input.AdvanceTo(_unread.Start, _unread.End);
        (_unread, _isReading) = (default, false);
        return isCutShort ? throw new MqttCommunicationException("The connection ended inside a packet.") : packet;
    }

    private async ValueTask WrittenAsync(bool flush, CancellationToken cancellationToken)
    {
        // Unflushed bytes are memory: past this much they go out even in the middle of a burst.
        const int unflushedBytesMax = 64 * 1024;
        _hasUnflushed = true;
        if (!flush && output.UnflushedBytes < unflushedBytesMax)
            return;
        Interlocked.Add(ref _bytesSent, output.UnflushedBytes);
        _hasUnflushed = false;
        var now = clock.GetTimestamp();
        Interlocked.Exchange(ref _lastSent, now);
        Interlocked.Exchange(ref _flushBegan, now);
        var result = await output.FlushAsync(cancellationToken).ConfigureAwait(false);
        Interlocked.Exchange(ref _flushBegan, 0);
        if (result.IsCompleted || result.IsCanceled)
            throw new MqttCommunicationException("The connection is closed.");
    }
}
