using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;

namespace Grpc.Core.Internal;

/// <summary>
/// Turns one message at a time into its frame: a flag byte (1 = compressed), the length as 4 bytes big-endian,
/// the payload. Header and payload share one rented array, so that a frame is one write.
/// </summary>
internal sealed class MessageWriter : SerializationContext
{
    public const int HeaderBytes = 5;

    // One for all calls: a call is not to allocate what it hardly ever needs.
    private static readonly Func<int, RpcException> s_tooLong = static bytes => TooLong(bytes - HeaderBytes);

    private readonly PooledBuffer _frame = new();
    private readonly int? _bytesMax;
    private bool _complete;

    public MessageWriter(int? bytesMax)
    {
        _bytesMax = bytesMax;
        if (bytesMax is { } limit)
        {
            _frame.LengthMax = limit > int.MaxValue - HeaderBytes ? int.MaxValue : limit + HeaderBytes;
            _frame.OnTooLong = s_tooLong;
        }
    }

    /// <summary>The message's frame, valid until the next call or <see cref="Release"/>.</summary>
    /// <exception cref="RpcException">ResourceExhausted: longer than the limit.</exception>
    public ReadOnlyMemory<byte> Frame<T>(
        Action<T, SerializationContext> serializer, T message, CompressionLevel? compress)
    {
        _frame.Release();
        _frame.Reserve(HeaderBytes);
        _frame.Advance(HeaderBytes);
        _complete = false;
        serializer(message, this);
        if (!_complete)
            throw new InvalidOperationException("The serializer returned without calling Complete.");
        // .NET's gzip of nothing is nothing, which other implementations rightly refuse: an empty message goes as it
        // is.
        if (_frame.Length == HeaderBytes)
            compress = null;
        if (compress is { } level)
            Compress(level);
        var header = _frame.WrittenSpan;
        header[0] = compress is null ? (byte)0 : (byte)1;
        BinaryPrimitives.WriteInt32BigEndian(header[1..], _frame.Length - HeaderBytes);
        return _frame.Written;
    }

    public void Release() => _frame.Release();

    public override void SetPayloadLength(int payloadLength)
    {
        if (_bytesMax is { } limit && payloadLength > limit)
            throw TooLong(limit);
        _frame.Reserve(payloadLength);
    }

    public override IBufferWriter<byte> GetBufferWriter() => _frame;

    public override void Complete() => _complete = true;

    public override void Complete(byte[] payload)
    {
        SetPayloadLength(payload.Length);
        _frame.Write(payload);
        _complete = true;
    }

    private void Compress(CompressionLevel level)
    {
        var packed = new PooledBuffer();
        try
        {
            using (var gzip = new GZipStream(new PooledBufferStream(packed), level))
                gzip.Write(_frame.WrittenSpan[HeaderBytes..]);
            var payload = packed.WrittenSpan;
            _frame.Release();
            _frame.Reserve(HeaderBytes + payload.Length);
            _frame.Advance(HeaderBytes);
            _frame.Write(payload);
        }
        finally
        {
            packed.Release();
        }
    }

    private static RpcException TooLong(int limit) => new(new Status(
        StatusCode.ResourceExhausted,
        $"Sending message exceeds the maximum configured message size of {limit} bytes."));
}
