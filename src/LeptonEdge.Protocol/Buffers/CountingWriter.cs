using System.Buffers;

namespace LeptonEdge.Protocol.Buffers;

/// <summary>Counts the bytes that go through it.</summary>
public sealed class CountingWriter(IBufferWriter<byte> inner) : IBufferWriter<byte>
{
    public int Count { get; private set; }

    public void Advance(int count)
    {
        inner.Advance(count);
        Count += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);
}
