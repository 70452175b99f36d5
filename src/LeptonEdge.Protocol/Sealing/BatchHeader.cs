using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;

namespace LeptonEdge.Protocol.Sealing;

/// <summary>What a sealed batch says of itself in the clear; nothing in it can be changed without breaking the
/// seal.</summary>
/// <param name="Epoch">Of the outbox file that the batch came from.</param>
/// <param name="FirstSequence">Equal to <paramref name="Sequence"/>, but for a gap batch, which stands for a whole
/// range.</param>
/// <param name="Sequence">Last sequence that the batch covers; together with device and epoch its name.</param>
/// <param name="Records">How many records are inside.</param>
/// <param name="CreatedMicros">Device time of sealing, microseconds since 1970-01-01 UTC.</param>
public readonly record struct BatchHeader(
    DeviceId Device, ulong Epoch, ulong FirstSequence, ulong Sequence, RecordClass Class, int Records,
    long CreatedMicros)
{
    public BatchName Name => new(Device, Epoch, Sequence);
}
