using System.Buffers.Binary;
using System.Security.Cryptography;

namespace LeptonEdge.Protocol.Sealing;

/// <summary>Hybrid public key encryption in base mode: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256 and one of three
/// AEADs.</summary>
/// <remarks>RFC 9180; the section numbers below are its own.</remarks>
public sealed class HpkeSuite
{
    private const byte BaseMode = 0;
    private const int NonceBytes = 12;
    private readonly byte[] _suiteId;

    private HpkeSuite(HpkeAead aead, int keyBytes)
    {
        Aead = aead;
        KeyBytes = keyBytes;
        // 5.1: "HPKE" || kem_id || kdf_id || aead_id
        _suiteId = [.. "HPKE"u8, 0x00, 0x10, 0x00, 0x01, 0x00, (byte)aead];
    }

    public static HpkeSuite Aes128Gcm { get; } = new(HpkeAead.Aes128Gcm, 16);

    /// <summary>The suite that batches are sealed with.</summary>
    public static HpkeSuite Aes256Gcm { get; } = new(HpkeAead.Aes256Gcm, 32);

    public static HpkeSuite ChaCha20Poly1305 { get; } = new(HpkeAead.ChaCha20Poly1305, 32);

    public HpkeAead Aead { get; }

    internal int KeyBytes { get; }

    /// <summary>5.1.1: a context for sealing to a recipient, and the encapsulated key that goes with its
    /// messages.</summary>
    /// <param name="info">Bound into the keys: a recipient must give the same.</param>
    public (byte[] Encapsulated, HpkeContext Context) SetupSender(HubPublicKey recipient, ReadOnlySpan<byte> info)
    {
        using var ephemeral = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        return SetupSender(recipient, info, ephemeral);
    }

    /// <summary>5.1.1: the recipient's side.</summary>
    /// <exception cref="CryptographicException">The encapsulated key is not a point on P-256.</exception>
    public HpkeContext SetupRecipient(HubPrivateKey recipient, ReadOnlySpan<byte> encapsulated, ReadOnlySpan<byte> info)
    {
        var secret = DhKem.Decapsulate(recipient, encapsulated);
        return KeySchedule(secret, info);
    }

    /// <summary>The test vectors' seam: a sender whose ephemeral key is given.</summary>
    internal (byte[] Encapsulated, HpkeContext Context) SetupSender(
        HubPublicKey recipient, ReadOnlySpan<byte> info, ECDiffieHellman ephemeral)
    {
        var (secret, encapsulated) = DhKem.Encapsulate(recipient, ephemeral);
        return (encapsulated, KeySchedule(secret, info));
    }

    // 5.1: the key schedule of base mode, where psk and psk_id are empty.
    private HpkeContext KeySchedule(byte[] sharedSecret, ReadOnlySpan<byte> info)
    {
        var pskIdHash = LabeledHkdf.Extract(_suiteId, [], "psk_id_hash"u8, []);
        var infoHash = LabeledHkdf.Extract(_suiteId, [], "info_hash"u8, info);
        byte[] context = [BaseMode, .. pskIdHash, .. infoHash];
        var secret = LabeledHkdf.Extract(_suiteId, sharedSecret, "secret"u8, []);
        var key = LabeledHkdf.Expand(_suiteId, secret, "key"u8, context, KeyBytes);
        var baseNonce = LabeledHkdf.Expand(_suiteId, secret, "base_nonce"u8, context, NonceBytes);
        var exporterSecret = LabeledHkdf.Expand(_suiteId, secret, "exp"u8, context, LabeledHkdf.HashBytes);
        CryptographicOperations.ZeroMemory(sharedSecret);
        CryptographicOperations.ZeroMemory(secret);
        return new HpkeContext(Aead, _suiteId, key, baseNonce, exporterSecret);
    }
}

/// <summary>AEAD identifiers of RFC 9180, 7.3.</summary>
public enum HpkeAead : byte
{
    Aes128Gcm = 1,
    Aes256Gcm = 2,
    ChaCha20Poly1305 = 3,
}

/// <summary>LabeledExtract and LabeledExpand of RFC 9180, section 4.</summary>
internal static class LabeledHkdf
{
    public const int HashBytes = 32;

    public static byte[] Extract(
        ReadOnlySpan<byte> suiteId, byte[] salt, ReadOnlySpan<byte> label, ReadOnlySpan<byte> keyMaterial)
    {
        byte[] labeled = [.. "HPKE-v1"u8, .. suiteId, .. label, .. keyMaterial];
        return HKDF.Extract(HashAlgorithmName.SHA256, labeled, salt);
    }

    public static byte[] Expand(
        ReadOnlySpan<byte> suiteId, byte[] key, ReadOnlySpan<byte> label, ReadOnlySpan<byte> info, int bytes)
    {
        Span<byte> length = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)bytes);
        byte[] labeled = [.. length, .. "HPKE-v1"u8, .. suiteId, .. label, .. info];
        return HKDF.Expand(HashAlgorithmName.SHA256, key, bytes, labeled);
    }
}
