using System.Buffers;

namespace LeptonEdge.Protocol.Buffers;

/// <summary>A growing byte buffer whose memory comes from the shared pool and goes back there on disposal.
/// One thread at a time; <see cref="Clear"/> keeps the memory for the next use.</summary>
/// <param name="bytesMax">Growing beyond this is refused with <see cref="InvalidOperationException"/>.</param>
public sealed class PooledBufferWriter(int bytesMax = PooledBufferWriter.BytesMaxDefault)
    : IBufferWriter<byte>, IDisposable
{
    public const int BytesMaxDefault = 256 * 1024 * 1024;
    private const int FirstBytes = 4096;
    private byte[] _buffer = [];

    public int WrittenCount { get; private set; }

    public ReadOnlySpan<byte> WrittenSpan => _buffer.AsSpan(0, WrittenCount);

    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, WrittenCount);

    public void Clear() => WrittenCount = 0;

    /// <summary>Forgets what was written from <paramref name="start"/> on and takes <paramref name="count"/> bytes
    /// there for written, which the caller fills in. What lay there is not cleared.</summary>
    internal Span<byte> Rewind(int start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)start, (uint)WrittenCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_buffer.Length - start));
        WrittenCount = start + count;
        return _buffer.AsSpan(start, count);
    }

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _buffer.Length - WrittenCount);
        WrittenCount += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsMemory(WrittenCount);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsSpan(WrittenCount);
    }

    public void Dispose()
    {
        var buffer = _buffer;
        _buffer = [];
        WrittenCount = 0;
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    private void Reserve(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        var needed = (long)WrittenCount + Math.Max(sizeHint, 1);
        if (needed <= _buffer.Length)
            return;
        if (needed > bytesMax)
            throw new InvalidOperationException($"a buffer of at most {bytesMax} bytes was asked to hold {needed}");
        var grown = ArrayPool<byte>.Shared.Rent(
            (int)Math.Min(bytesMax, Math.Max(needed, Math.Max(FirstBytes, 2L * _buffer.Length))));
        _buffer.AsSpan(0, WrittenCount).CopyTo(grown);
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = grown;
    }
}
