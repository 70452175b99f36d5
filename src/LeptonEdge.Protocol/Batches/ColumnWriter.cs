using LeptonEdge.Protocol.Buffers;

namespace LeptonEdge.Protocol.Batches;

/// <summary>Where columns are written: texts, counts and parameters as plain bytes, which a compressor may make
/// smaller, and residuals as packed bits, which none can.</summary>
internal sealed class ColumnWriter : IDisposable
{
    public PooledBufferWriter Plain { get; } = new();

    public PooledBufferWriter Packed { get; } = new();

    /// <summary>Memory that a reader will be asked for, bytes, as <see cref="Asking"/> counts it.</summary>
    public long Asked { get; set; }

    public int WrittenCount => Plain.WrittenCount + Packed.WrittenCount;

    public void Clear()
    {
        Plain.Clear();
        Packed.Clear();
        Asked = 0;
    }

    public void Dispose()
    {
        Plain.Dispose();
        Packed.Dispose();
    }
}
