using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Batches;
using LeptonEdge.Protocol.Buffers;
using LeptonEdge.Protocol.Delivery;
using LeptonEdge.Protocol.Sealing;

namespace LeptonEdge.Sync.Hubs;

/// <summary>A sealed batch as it was read.</summary>
/// <param name="Fault">Why it cannot be read; null when it can.</param>
internal readonly record struct ReadBatch(string? Fault, BatchHeader Header = default, RecordBatch? Records = null);

/// <summary>Opens and parses sealed batches, and checks that they are what they were sent as. One thread at a
/// time.</summary>
internal sealed class BatchReader(BatchOpener opener, int batchBytesMax) : IDisposable
{
    private readonly PooledBufferWriter _plaintext = new();

    /// <param name="device">Who sent it.</param>
    /// <param name="tag">The name it was sent under; null from an agent that sends none, and then set to the name in the
    /// envelope once that is proven.</param>
    public ReadBatch Read(DeviceKey device, ref DeliveryTag? tag, ReadOnlySpan<byte> sealedBytes)
    {
        if (sealedBytes.Length > batchBytesMax)
            return new ReadBatch($"its {sealedBytes.Length} bytes are more than {batchBytesMax}");
        _plaintext.Clear();
        var opened = opener.Open(sealedBytes, _plaintext);
        if (opened is not OpenResult.Opened { Tenant: var tenant, Header: var header })
            return new ReadBatch(Explain(opened));
        tag ??= new DeliveryTag(0, header.Epoch, header.FirstSequence, header.Sequence, 0, 0);
        if (header.Device != device.Device || tenant != device.Tenant)
            return new ReadBatch($"sealed in the name of {tenant}/{header.Device}");
        if (header.Epoch != tag.Value.Epoch || header.FirstSequence != tag.Value.FirstSequence
            || header.Sequence != tag.Value.Sequence)
            return new ReadBatch($"sealed as {header.Name}, sent under another name");
        try
        {
            return new ReadBatch(null, header, BatchCodec.Decode(_plaintext.WrittenSpan));
        }
        catch (BatchFormatException fault)
        {
            return new ReadBatch(fault.Message);
        }
    }

    public void Dispose() => _plaintext.Dispose();

    private static string Explain(OpenResult result) => result switch
    {
        OpenResult.UnknownKey unknown => $"sealed to key {unknown.KeyId}, which this hub does not hold",
        OpenResult.Malformed malformed => malformed.Reason,
        OpenResult.Forged => "its seal does not fit its contents",
        _ => "it is no batch",
    };
}
