using System.Buffers;
using System.Security.Cryptography;

namespace LeptonEdge.Protocol.Sealing;

/// <summary>Opens what devices sealed to any of the hub's keys. Any thread. Never throws on bad input.</summary>
public sealed class BatchOpener
{
    private readonly Dictionary<ulong, HubPrivateKey> _keys = [];
    private readonly RecipientContexts _contexts;
    private readonly int _sealedBytesMax;

    /// <param name="keys">The newest and those that devices may still hold.</param>
    /// <param name="contextsMax">How many devices' contexts to keep ready, 1 or more; the others cost one key
    /// agreement.</param>
    /// <param name="sealedBytesMax">Larger input is malformed.</param>
    public BatchOpener(IReadOnlyList<HubPrivateKey> keys, int contextsMax = 4096, int sealedBytesMax = 16 * 1024 * 1024)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(contextsMax, 1);
        foreach (var key in keys)
            _keys[key.Public.KeyId] = key;
        _contexts = new RecipientContexts(contextsMax);
        _sealedBytesMax = sealedBytesMax;
    }

    /// <summary>Opens a batch: Opened, UnknownKey, Malformed or Forged. Only Opened adds to
    /// <paramref name="plaintext"/>.</summary>
    public OpenResult Open(ReadOnlySpan<byte> sealedBytes, IBufferWriter<byte> plaintext) =>
        Open(EnvelopeKind.Batch, sealedBytes, plaintext);

    /// <summary>Opens a message: OpenedMessage, UnknownKey, Malformed or Forged.</summary>
    public OpenResult OpenMessage(ReadOnlySpan<byte> sealedBytes, IBufferWriter<byte> plaintext) =>
        Open(EnvelopeKind.Message, sealedBytes, plaintext);

    private OpenResult Open(EnvelopeKind kind, ReadOnlySpan<byte> sealedBytes, IBufferWriter<byte> plaintext)
    {
        if (sealedBytes.Length > _sealedBytesMax)
            return new OpenResult.Malformed($"{sealedBytes.Length} bytes are more than the {_sealedBytesMax} allowed");
        if (Envelope.TryRead(sealedBytes, kind, out var envelope) is { } fault)
            return new OpenResult.Malformed(fault);
        if (!_keys.TryGetValue(envelope.KeyId, out var key))
            return new OpenResult.UnknownKey(envelope.KeyId.ToString("x16"));
        var name = RecipientContexts.NameOf(envelope);
        var context = _contexts.Find(name);
        var known = context is not null;
        if (context is null)
        {
            try
            {
                context = HpkeSuite.Aes256Gcm.SetupRecipient(
                    key, envelope.Encapsulated, BatchSealer.Info(envelope.Tenant, envelope.Header.Device));
            }
            catch (CryptographicException)
            {
                return new OpenResult.Malformed("its encapsulated key is not a point on P-256");
            }
        }

        var body = sealedBytes[envelope.Length..];
        var length = body.Length - HpkeContext.TagBytes;
        bool opened;
        // The cipher takes one caller at a time; batches of different devices do not wait for each other.
        lock (context)
            opened = context.TryOpen(
                envelope.Number, body, sealedBytes[..envelope.Length], plaintext.GetSpan(Math.Max(length, 1)));
        if (!opened)
            return new OpenResult.Forged($"{envelope.Tenant}/{envelope.Header.Name}");
        // Only what proved itself is remembered, so that forged input cannot push honest devices out.
        if (!known)
            _contexts.Add(name, context);
        plaintext.Advance(length);
        return kind == EnvelopeKind.Batch
            ? new OpenResult.Opened(envelope.Tenant, envelope.Header)
            : new OpenResult.OpenedMessage(envelope.Tenant, envelope.Header.Device, envelope.Header.CreatedMicros);
    }
}
