using System.Security.Cryptography;
using System.Text.Json;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Protocol;

/// <summary>RFC 9180's own vectors for DHKEM(P-256, HKDF-SHA256) in base mode.</summary>
public sealed class HpkeTests
{
    private const string Vectors = "hpke/rfc9180-p256.json";

    [DataFact(Vectors)]
    public void Every_published_vector_is_met_by_sender_and_recipient()
    {
        var vectors = ReadVectors();
        Assert.Equal(2, vectors.Count);
        foreach (var vector in vectors)
        {
            var suite = SuiteOf(vector);
            using var ephemeral = DhKem.DeriveKeyPair(Hex(vector, "ikmE"));
            using var recipient = new HubPrivateKey(DhKem.DeriveKeyPair(Hex(vector, "ikmR")));
            var (encapsulated, sender) = suite.SetupSender(recipient.Public, Hex(vector, "info"), ephemeral);
            using var receiver = suite.SetupRecipient(recipient, Hex(vector, "enc"), Hex(vector, "info"));
            using (sender)
            {
                Assert.Equal(Hex(vector, "enc"), encapsulated);
                Assert.Equal(Hex(vector, "base_nonce"), sender.BaseNonce.ToArray());
                Assert.Equal(Hex(vector, "exporter_secret"), sender.ExporterSecret.ToArray());
                Assert.Equal(Hex(vector, "exporter_secret"), receiver.ExporterSecret.ToArray());
                CheckMessages(vector, sender, receiver);
                CheckExports(vector, sender);
            }
        }
    }

    [DataFact(Vectors)]
    public void Key_pairs_derive_from_key_material_as_published()
    {
        foreach (var vector in ReadVectors())
        {
            foreach (var side in (string[])["E", "R"])
            {
                using var pair = DhKem.DeriveKeyPair(Hex(vector, "ikm" + side));
                var parameters = pair.ExportParameters(true);
                Assert.Equal(Hex(vector, $"sk{side}m"), parameters.D);
                Assert.Equal(Hex(vector, $"pk{side}m"), DhKem.ToPoint(parameters));
            }
        }
    }

    [DataFact(Vectors)]
    public void The_shared_secret_is_the_published_one_on_both_sides()
    {
        foreach (var vector in ReadVectors())
        {
            using var ephemeral = DhKem.FromScalar(Hex(vector, "skEm"));
            using var recipient = new HubPrivateKey(DhKem.FromScalar(Hex(vector, "skRm")));
            Assert.Equal(Hex(vector, "shared_secret"), DhKem.Encapsulate(recipient.Public, ephemeral).Secret);
            Assert.Equal(Hex(vector, "shared_secret"), DhKem.Decapsulate(recipient, Hex(vector, "enc")));
        }
    }

    /// <summary>Test cases 13 and 14 of McGrew and Viega, "The Galois/Counter Mode of Operation" (2005): 256-bit
    /// keys.</summary>
    [Theory]
    [InlineData("", "", "530f8afbc74536b9a963b4f1c4cb738b")]
    [InlineData(
        "00000000000000000000000000000000", "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919")]
    public void The_product_cipher_gives_the_published_answer(string plaintext, string ciphertext, string tag)
    {
        using var context = new HpkeContext(HpkeAead.Aes256Gcm, [], new byte[32], new byte[12], new byte[32]);
        var sealedBytes = new byte[plaintext.Length / 2 + HpkeContext.TagBytes];
        context.Seal(0, Convert.FromHexString(plaintext), [], sealedBytes);
        Assert.Equal(ciphertext + tag, Convert.ToHexStringLower(sealedBytes));
    }

    [Fact]
    public void The_product_suite_opens_what_it_sealed_and_exports_the_same_secret()
    {
        using var key = HubPrivateKey.Generate();
        var (encapsulated, sender) = HpkeSuite.Aes256Gcm.SetupSender(key.Public, "info"u8);
        using var receiver = HpkeSuite.Aes256Gcm.SetupRecipient(key, encapsulated, "info"u8);
        var sealedBytes = new byte[5 + HpkeContext.TagBytes];
        sender.Seal(ulong.MaxValue, "hello"u8, "header"u8, sealedBytes);
        var plaintext = new byte[5];
        Assert.True(receiver.TryOpen(ulong.MaxValue, sealedBytes, "header"u8, plaintext));
        Assert.Equal("hello"u8, plaintext);
        Assert.False(receiver.TryOpen(0, sealedBytes, "header"u8, plaintext));
        Assert.Equal(sender.Export("use"u8, 40), receiver.Export("use"u8, 40));
        sender.Dispose();
    }

    [Fact]
    public void A_point_off_the_curve_is_refused()
    {
        using var key = HubPrivateKey.Generate();
        var point = key.Public.Point.ToArray();
        point[^1] ^= 1;
        Assert.ThrowsAny<CryptographicException>(() => HpkeSuite.Aes256Gcm.SetupRecipient(key, point, []));
        Assert.ThrowsAny<CryptographicException>(() => HpkeSuite.Aes256Gcm.SetupRecipient(key, point.AsSpan(1), []));
    }

    private static void CheckMessages(JsonElement vector, HpkeContext sender, HpkeContext receiver)
    {
        var plaintext = Hex(vector, "pt");
        foreach (var message in vector.GetProperty("encryptions").EnumerateArray())
        {
            var number = message.GetProperty("seq").GetUInt64();
            var sealedBytes = new byte[plaintext.Length + HpkeContext.TagBytes];
            sender.Seal(number, plaintext, Hex(message, "aad"), sealedBytes);
            Assert.Equal(Hex(message, "ct"), sealedBytes);
            var opened = new byte[plaintext.Length];
            Assert.True(receiver.TryOpen(number, Hex(message, "ct"), Hex(message, "aad"), opened));
            Assert.Equal(plaintext, opened);
        }
    }

    private static void CheckExports(JsonElement vector, HpkeContext context)
    {
        if (!vector.TryGetProperty("exports", out var exports))
            return;
        foreach (var export in exports.EnumerateArray())
            Assert.Equal(Hex(export, "exported_value"),
                context.Export(Hex(export, "exporter_context"), export.GetProperty("L").GetInt32()));
    }

    private static HpkeSuite SuiteOf(JsonElement vector) => vector.GetProperty("aead_id").GetInt32() switch
    {
        1 => HpkeSuite.Aes128Gcm,
        2 => HpkeSuite.Aes256Gcm,
        3 => HpkeSuite.ChaCha20Poly1305,
        var other => throw new InvalidDataException($"aead {other}"),
    };

    private static List<JsonElement> ReadVectors()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Requires.DataPath(Vectors)));
        return [.. document.RootElement.EnumerateArray().Select(element => element.Clone())];
    }

    private static byte[] Hex(JsonElement element, string field) =>
        Convert.FromHexString(element.GetProperty(field).GetString()!);
}
