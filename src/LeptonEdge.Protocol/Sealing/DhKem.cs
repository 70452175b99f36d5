using System.Security.Cryptography;

namespace LeptonEdge.Protocol.Sealing;

/// <summary>DHKEM(P-256, HKDF-SHA256) of RFC 9180, section 4.1.</summary>
internal static class DhKem
{
    public const int PointBytes = 65;
    public const int ScalarBytes = 32;
    private const byte Uncompressed = 0x04;

    private static readonly byte[] SuiteId = [.. "KEM"u8, 0x00, 0x10];

    // The order of P-256's group, FIPS 186-5.
    private static readonly byte[] Order =
        Convert.FromHexString("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");

    public static (byte[] Secret, byte[] Encapsulated) Encapsulate(HubPublicKey recipient, ECDiffieHellman ephemeral)
    {
        var encapsulated = ToPoint(ephemeral.ExportParameters(false));
        using var peer = FromPoint(recipient.Point);
        var shared = ephemeral.DeriveRawSecretAgreement(peer.PublicKey);
        return (ExtractAndExpand(shared, encapsulated, recipient.Point), encapsulated);
    }

    public static byte[] Decapsulate(HubPrivateKey recipient, ReadOnlySpan<byte> encapsulated)
    {
        using var peer = FromPoint(encapsulated);
        var shared = recipient.Agree(peer.PublicKey);
        return ExtractAndExpand(shared, encapsulated, recipient.Public.Point);
    }

    /// <summary>7.1.3: the key pair that belongs to some key material.</summary>
    public static ECDiffieHellman DeriveKeyPair(ReadOnlySpan<byte> keyMaterial)
    {
        var secret = LabeledHkdf.Extract(SuiteId, [], "dkp_prk"u8, keyMaterial);
        for (var counter = 0; counter < 256; counter++)
        {
            var scalar = LabeledHkdf.Expand(SuiteId, secret, "candidate"u8, [(byte)counter], ScalarBytes);
            if (scalar.AsSpan().ContainsAnyExcept((byte)0) && scalar.AsSpan().SequenceCompareTo(Order) < 0)
                return FromScalar(scalar);
        }

        throw new CryptographicException("no key pair could be derived from the key material");
    }

    public static ECDiffieHellman FromScalar(byte[] scalar) =>
        ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = scalar });

    public static byte[] ToPoint(ECParameters key) => [Uncompressed, .. key.Q.X!, .. key.Q.Y!];

    /// <exception cref="CryptographicException">Not an uncompressed point on P-256.</exception>
    public static ECDiffieHellman FromPoint(ReadOnlySpan<byte> point)
    {
        if (point.Length != PointBytes || point[0] != Uncompressed)
            throw new CryptographicException("a public key of P-256 is 65 bytes that start with 04");
        // The platform's import proves that the point lies on the curve, which 7.1.4 asks for.
        return ECDiffieHellman.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = point[1..33].ToArray(), Y = point[33..].ToArray() },
        });
    }

    private static byte[] ExtractAndExpand(byte[] shared, ReadOnlySpan<byte> encapsulated, ReadOnlySpan<byte> recipient)
    {
        var secret = LabeledHkdf.Extract(SuiteId, [], "eae_prk"u8, shared);
        CryptographicOperations.ZeroMemory(shared);
        return LabeledHkdf.Expand(
            SuiteId, secret, "shared_secret"u8, [.. encapsulated, .. recipient], LabeledHkdf.HashBytes);
    }
}
