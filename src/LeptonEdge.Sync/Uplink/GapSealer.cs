using System.Buffers;
using LeptonEdge.Core;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Batches;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Storage.Outboxes;

namespace LeptonEdge.Sync.Uplink;

/// <summary>Seals the gaps that a full outbox leaves in the place of what it shed.</summary>
public static class GapSealer
{
    public static SealGap Create(BatchSealer sealer, TimeProvider clock) =>
        (epoch, firstSequence, sequence, gaps, output) =>
        {
            var plaintext = new ArrayBufferWriter<byte>(256);
            BatchCodec.Encode(gaps, plaintext);
            var header = new BatchHeader(
                sealer.Device, epoch, firstSequence, sequence, gaps.Class, gaps.Count, clock.GetUnixMicros());
            sealer.Seal(header, plaintext.WrittenSpan, output);
        };
}
