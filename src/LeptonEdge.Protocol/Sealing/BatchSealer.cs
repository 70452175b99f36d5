using System.Buffers;
using System.Text;
using LeptonEdge.Core.Identity;

namespace LeptonEdge.Protocol.Sealing;

/// <summary>Seals what a device sends so that the hub alone can open it: one HPKE context per agent start, numbered
/// messages, the header as associated data. Any thread.</summary>
public sealed class BatchSealer : IDisposable
{
    private readonly HubPublicKey _hub;
    private readonly byte[] _encapsulated;
    private readonly HpkeContext _context;
    private readonly Lock _gate = new();
    private ulong _number;

    public BatchSealer(HubPublicKey hub, TenantId tenant, DeviceId device)
    {
        (_hub, Tenant, Device) = (hub, tenant, device);
        (_encapsulated, _context) = HpkeSuite.Aes256Gcm.SetupSender(hub, Info(tenant, device));
    }

    public TenantId Tenant { get; }

    public DeviceId Device { get; }

    /// <summary>Bytes that sealing adds at most.</summary>
    public static int OverheadBytesMax => Envelope.BytesMax + HpkeContext.TagBytes;

    /// <summary>Appends the sealed batch to <paramref name="sealedBytes"/>.</summary>
    /// <exception cref="ArgumentException">The header is another device's, or unsound.</exception>
    public void Seal(in BatchHeader header, ReadOnlySpan<byte> plaintext, IBufferWriter<byte> sealedBytes)
    {
        if (header.Device != Device)
            throw new ArgumentException($"the sealer of {Device} was given a header of {header.Device}");
        if (Envelope.Fault(header) is { } fault)
            throw new ArgumentException($"the header of batch {header.Name} is unsound: {fault}");
        Seal(EnvelopeKind.Batch, header, plaintext, sealedBytes);
    }

    /// <summary>Seals a message that is no batch, such as reported state: no sequence, no receipt.</summary>
    public void SealMessage(long createdMicros, ReadOnlySpan<byte> plaintext, IBufferWriter<byte> sealedBytes) =>
        Seal(EnvelopeKind.Message, new BatchHeader { Device = Device, CreatedMicros = createdMicros },
            plaintext, sealedBytes);

    public void Dispose() => _context.Dispose();

    /// <summary>Binds the keys to one device of one tenant: its batches open under no other name.</summary>
    internal static byte[] Info(TenantId tenant, DeviceId device) =>
        Encoding.ASCII.GetBytes($"LeptonEdge sealed batch 1/{tenant}/{device}");

    private void Seal(
        EnvelopeKind kind, in BatchHeader header, ReadOnlySpan<byte> plaintext, IBufferWriter<byte> sealedBytes)
    {
        var span = sealedBytes.GetSpan(OverheadBytesMax + plaintext.Length);
        int length;
        // Number and nonce belong together, and the cipher takes one caller at a time.
        lock (_gate)
        {
            var envelope = new Envelope
            {
                Kind = kind,
                KeyId = _hub.KeyId,
                Encapsulated = _encapsulated,
                Number = _number,
                Tenant = Tenant,
                Header = header,
            };
            length = envelope.Write(span);
            _context.Seal(checked(_number++), plaintext, span[..length], span[length..]);
        }

        sealedBytes.Advance(length + plaintext.Length + HpkeContext.TagBytes);
    }
}
