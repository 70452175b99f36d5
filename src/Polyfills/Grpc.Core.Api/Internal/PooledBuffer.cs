using System.Buffers;

namespace Grpc.Core.Internal;

/// <summary>A growing buffer over the shared array pool; it stops growing at its limit.</summary>
internal sealed class PooledBuffer : IBufferWriter<byte>
{
    private const int SmallestRent = 256;

    private byte[] _bytes = [];

    public int Length { get; private set; }

    /// <summary>More bytes than this are refused with the exception that <see cref="OnTooLong"/> makes.</summary>
    public int LengthMax { get; set; } = int.MaxValue;

    /// <summary>Given the limit.</summary>
    public Func<int, RpcException>? OnTooLong { get; set; }

    public Memory<byte> Written => _bytes.AsMemory(0, Length);

    public Span<byte> WrittenSpan => _bytes.AsSpan(0, Length);

    public byte[] Array => _bytes;

    public void Advance(int count)
    {
        if (count < 0 || count > _bytes.Length - Length)
            throw new ArgumentOutOfRangeException(nameof(count), count, "beyond the buffer that was handed out");
        if (count > LengthMax - Length && OnTooLong is not null)
            throw OnTooLong(LengthMax);
        Length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(1, sizeHint));
        return _bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(Math.Max(1, sizeHint));
        return _bytes.AsSpan(Length);
    }

    public void Reserve(int free)
    {
        if (_bytes.Length - Length >= free)
            return;
        var doubled = Math.Min(2L * _bytes.Length, System.Array.MaxLength);
        var wanted = Math.Max(Math.Max((long)Length + free, doubled), SmallestRent);
        var larger = ArrayPool<byte>.Shared.Rent(checked((int)wanted));
        WrittenSpan.CopyTo(larger);
        Return();
        _bytes = larger;
    }

    /// <summary>Forgets the content and gives the memory back; the buffer may be used again.</summary>
    public void Release()
    {
        Length = 0;
        Return();
    }

    private void Return()
    {
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }
}

/// <summary>A write-only stream into a <see cref="PooledBuffer"/>, for compressors.</summary>
internal sealed class PooledBufferStream(PooledBuffer buffer) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> bytes) => buffer.Write(bytes);

    public override void Write(byte[] bytes, int offset, int count) => buffer.Write(bytes.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] bytes, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
