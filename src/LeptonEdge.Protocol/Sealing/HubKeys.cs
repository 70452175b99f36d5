using System.Buffers.Binary;
using System.Security.Cryptography;

namespace LeptonEdge.Protocol.Sealing;

/// <summary>The hub's public sealing key, which every device holds: a point on P-256.</summary>
public sealed class HubPublicKey
{
    private readonly byte[] _point;

    internal HubPublicKey(byte[] point)
    {
        using var proof = DhKem.FromPoint(point);
        _point = point;
        KeyId = BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(point));
    }

    /// <summary>First 8 bytes of the SHA-256 of the point, big-endian; written in hexadecimal, 16 digits.</summary>
    public ulong KeyId { get; }

    /// <summary>Uncompressed, 65 bytes.</summary>
    public ReadOnlySpan<byte> Point => _point;

    /// <exception cref="FormatException">The text holds no public key of P-256.</exception>
    public static HubPublicKey FromPem(string pem)
    {
        using var key = PemKeys.Import(pem, "PUBLIC KEY");
        return new HubPublicKey(DhKem.ToPoint(key.ExportParameters(false)));
    }

    /// <exception cref="FormatException">The file holds no public key of P-256; the message names the file.</exception>
    public static HubPublicKey Load(string path) => PemKeys.Load(path, FromPem);

    /// <summary>SubjectPublicKeyInfo as PEM.</summary>
    public string ToPem()
    {
        using var key = DhKem.FromPoint(_point);
        return key.ExportSubjectPublicKeyInfoPem() + "\n";
    }
}

/// <summary>The hub's private sealing key: with it, and with nothing else, sealed batches open. Any thread.</summary>
public sealed class HubPrivateKey : IDisposable
{
    private readonly ECDiffieHellman _key;
    private readonly Lock _gate = new();

    internal HubPrivateKey(ECDiffieHellman key)
    {
        _key = key;
        Public = new HubPublicKey(DhKem.ToPoint(key.ExportParameters(false)));
    }

    public HubPublicKey Public { get; }

    public static HubPrivateKey Generate() => new(ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256));

    /// <param name="pem">PKCS #8, not encrypted.</param>
    /// <exception cref="FormatException">The text holds no private key of P-256.</exception>
    public static HubPrivateKey FromPem(string pem) => new(PemKeys.Import(pem, "PRIVATE KEY"));

    /// <exception cref="FormatException">The file holds no private key of P-256; the message names the
    /// file.</exception>
    public static HubPrivateKey Load(string path) => PemKeys.Load(path, FromPem);

    /// <summary>PKCS #8 as PEM. Whoever reads it can open every batch: keep the file to the hub's user.</summary>
    public string ToPem() => _key.ExportPkcs8PrivateKeyPem() + "\n";

    public void Dispose() => _key.Dispose();

    internal byte[] Agree(ECDiffieHellmanPublicKey peer)
    {
        lock (_gate)
            return _key.DeriveRawSecretAgreement(peer);
    }
}

internal static class PemKeys
{
    private const string P256 = "1.2.840.10045.3.1.7";

    public static T Load<T>(string path, Func<string, T> parse)
    {
        try
        {
            return parse(File.ReadAllText(path));
        }
        catch (FormatException e)
        {
            throw new FormatException($"{path}: {e.Message}", e);
        }
    }

    public static ECDiffieHellman Import(string pem, string label)
    {
        var key = ECDiffieHellman.Create();
        try
        {
            if (!PemEncoding.TryFind(pem, out var fields) || !pem[fields.Label].Equals(label, StringComparison.Ordinal))
                throw new FormatException($"no '-----BEGIN {label}-----' was found: give the hub's sealing key as PEM");
            key.ImportFromPem(pem);
            var curve = key.ExportParameters(false).Curve.Oid;
            if (curve.Value != P256 && curve.FriendlyName is not ("nistP256" or "ECDSA_P256"))
                throw new FormatException(
                    $"the key is on curve {curve.FriendlyName ?? curve.Value}: a sealing key is on P-256");
            return key;
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new FormatException($"the PEM block '{label}' holds no key of P-256: {e.Message}", e);
        }
        catch (FormatException)
        {
            key.Dispose();
            throw;
        }
    }
}
