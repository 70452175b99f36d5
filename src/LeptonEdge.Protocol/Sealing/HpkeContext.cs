using System.Buffers.Binary;
using System.Security.Cryptography;

namespace LeptonEdge.Protocol.Sealing;

/// <summary>An HPKE context whose messages carry their own number, so that they open in any order and after losses
/// (RFC 9180, 5.2 and 9.7.1). Not for several threads at once.</summary>
public sealed class HpkeContext : IDisposable
{
    public const int TagBytes = 16;
    private const int NonceBytes = 12;
    private readonly byte[] _suiteId;
    private readonly byte[] _baseNonce;
    private readonly byte[] _exporterSecret;
    private readonly AesGcm? _aes;
    private readonly ChaCha20Poly1305? _chaCha;

    internal HpkeContext(HpkeAead aead, byte[] suiteId, byte[] key, byte[] baseNonce, byte[] exporterSecret)
    {
        (_suiteId, _baseNonce, _exporterSecret) = (suiteId, baseNonce, exporterSecret);
        if (aead == HpkeAead.ChaCha20Poly1305)
            _chaCha = new ChaCha20Poly1305(key);
        else
            _aes = new AesGcm(key, TagBytes);
        CryptographicOperations.ZeroMemory(key);
    }

    internal ReadOnlySpan<byte> BaseNonce => _baseNonce;

    internal ReadOnlySpan<byte> ExporterSecret => _exporterSecret;

    /// <param name="number">Of the message; must never repeat for one context.</param>
    /// <param name="sealedBytes">Receives ciphertext and tag: <paramref name="plaintext"/> + 16 bytes.</param>
    public void Seal(ulong number, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> associated, Span<byte> sealedBytes)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        ComputeNonce(number, nonce);
        var ciphertext = sealedBytes[..plaintext.Length];
        var tag = sealedBytes.Slice(plaintext.Length, TagBytes);
        if (_aes is not null)
            _aes.Encrypt(nonce, plaintext, ciphertext, tag, associated);
        else
            _chaCha!.Encrypt(nonce, plaintext, ciphertext, tag, associated);
    }

    /// <summary>False when the message was not sealed by this context's sender under this number and header.</summary>
    /// <param name="plaintext">Receives <paramref name="sealedBytes"/> − 16 bytes.</param>
    public bool TryOpen(
        ulong number, ReadOnlySpan<byte> sealedBytes, ReadOnlySpan<byte> associated, Span<byte> plaintext)
    {
        if (sealedBytes.Length < TagBytes)
            return false;
        Span<byte> nonce = stackalloc byte[NonceBytes];
        ComputeNonce(number, nonce);
        var ciphertext = sealedBytes[..^TagBytes];
        try
        {
            if (_aes is not null)
                _aes.Decrypt(nonce, ciphertext, sealedBytes[^TagBytes..], plaintext[..ciphertext.Length], associated);
            else
                _chaCha!.Decrypt(
                    nonce, ciphertext, sealedBytes[^TagBytes..], plaintext[..ciphertext.Length], associated);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    /// <summary>5.3: a secret for another use, known to sender and recipient alone.</summary>
    public byte[] Export(ReadOnlySpan<byte> context, int bytes) =>
        LabeledHkdf.Expand(_suiteId, _exporterSecret, "sec"u8, context, bytes);

    public void Dispose()
    {
        _aes?.Dispose();
        _chaCha?.Dispose();
        CryptographicOperations.ZeroMemory(_exporterSecret);
    }

    // 5.2: base_nonce XOR the number, big-endian.
    private void ComputeNonce(ulong number, Span<byte> nonce)
    {
        _baseNonce.CopyTo(nonce);
        var low = nonce[(NonceBytes - sizeof(ulong))..];
        BinaryPrimitives.WriteUInt64BigEndian(low, BinaryPrimitives.ReadUInt64BigEndian(low) ^ number);
    }
}
