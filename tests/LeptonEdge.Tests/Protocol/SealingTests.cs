using System.Buffers;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Sealing;

namespace LeptonEdge.Tests.Protocol;

public sealed class SealingTests : IDisposable
{
    private static readonly TenantId Tenant = new("acme");
    private static readonly DeviceId Press = new("edge-press");
    private readonly HubPrivateKey _key = HubPrivateKey.Generate();
    private readonly byte[] _text = "the spindle runs hot"u8.ToArray();

    public void Dispose() => _key.Dispose();

    [Fact]
    public void What_a_device_sealed_the_hub_opens_with_the_header_as_it_was()
    {
        using var sealer = new BatchSealer(_key.Public, Tenant, Press);
        var opener = new BatchOpener([_key]);
        for (ulong sequence = 1; sequence <= 3; sequence++)
        {
            var header = Header(sequence) with { FirstSequence = 1 };
            var (result, plaintext) = Open(opener, Seal(sealer, header));
            Assert.Equal(new OpenResult.Opened(Tenant, header), result);
            Assert.Equal(_text, plaintext);
        }
    }

    [Fact]
    public void Batches_open_in_any_order_and_with_a_cache_of_one()
    {
        var opener = new BatchOpener([_key], contextsMax: 1);
        using var one = new BatchSealer(_key.Public, Tenant, Press);
        using var two = new BatchSealer(_key.Public, Tenant, new DeviceId("edge-pump"));
        var batches = new List<byte[]>();
        for (ulong sequence = 1; sequence <= 8; sequence++)
        {
            batches.Add(Seal(one, Header(sequence)));
            batches.Add(Seal(two, Header(sequence) with { Device = two.Device }));
        }

        batches.Reverse();
        Assert.All(batches, batch => Assert.IsType<OpenResult.Opened>(Open(opener, batch).Result));
    }

    [Fact]
    public void The_same_batch_sealed_twice_reads_differently()
    {
        using var sealer = new BatchSealer(_key.Public, Tenant, Press);
        Assert.NotEqual(Seal(sealer, Header(1))[^40..], Seal(sealer, Header(1))[^40..]);
    }

    [Fact]
    public void Any_byte_changed_anywhere_is_never_opened()
    {
        using var sealer = new BatchSealer(_key.Public, Tenant, Press);
        var opener = new BatchOpener([_key]);
        var batch = Seal(sealer, Header(7));
        var seen = new HashSet<Type>();
        for (var i = 0; i < batch.Length; i++)
        {
            foreach (var mask in (byte[])[0x01, 0x20, 0x80])
            {
                batch[i] ^= mask;
                var (result, plaintext) = Open(opener, batch);
                Assert.True(result is OpenResult.Forged or OpenResult.Malformed or OpenResult.UnknownKey,
                    $"byte {i}: {result}");
                Assert.Empty(plaintext);
                seen.Add(result.GetType());
                batch[i] ^= mask;
            }
        }

        Assert.Equal(3, seen.Count);
        Assert.IsType<OpenResult.Opened>(Open(opener, batch).Result);
    }

    [Fact]
    public void A_batch_cut_short_is_malformed_or_forged_at_every_length()
    {
        using var sealer = new BatchSealer(_key.Public, Tenant, Press);
        var opener = new BatchOpener([_key]);
        var batch = Seal(sealer, Header(7));
        for (var length = 0; length < batch.Length; length++)
        {
            var result = Open(opener, batch[..length]).Result;
            Assert.True(result is OpenResult.Forged or OpenResult.Malformed, $"length {length}: {result}");
        }
    }

    [Fact]
    public void Another_header_over_the_same_seal_is_forged()
    {
        using var sealer = new BatchSealer(_key.Public, Tenant, Press);
        var opener = new BatchOpener([_key]);
        var batch = Seal(sealer, Header(7));
        var other = Seal(sealer, Header(8));
        // The clear part up to the seal: "LE" to the record count.
        var clear = batch.Length - _text.Length - HpkeContext.TagBytes;
        byte[] swapped = [.. other[..clear], .. batch[clear..]];
        Assert.IsType<OpenResult.Forged>(Open(opener, swapped).Result);
    }

    [Fact]
    public void A_batch_for_another_hub_names_the_key_that_is_missing()
    {
        using var other = HubPrivateKey.Generate();
        using var sealer = new BatchSealer(other.Public, Tenant, Press);
        var result = Open(new BatchOpener([_key]), Seal(sealer, Header(1))).Result;
        Assert.Equal(new OpenResult.UnknownKey(other.Public.KeyId.ToString("x16")), result);
        Assert.IsType<OpenResult.Opened>(Open(new BatchOpener([_key, other]), Seal(sealer, Header(1))).Result);
    }

    [Fact]
    public void A_message_is_no_batch_and_a_batch_no_message()
    {
        using var sealer = new BatchSealer(_key.Public, Tenant, Press);
        var opener = new BatchOpener([_key]);
        var writer = new ArrayBufferWriter<byte>();
        sealer.SealMessage(12345, _text, writer);
        var plaintext = new ArrayBufferWriter<byte>();
        Assert.Equal(
            new OpenResult.OpenedMessage(Tenant, Press, 12345), opener.OpenMessage(writer.WrittenSpan, plaintext));
        Assert.Equal(_text, plaintext.WrittenSpan.ToArray());
        Assert.IsType<OpenResult.Malformed>(opener.Open(writer.WrittenSpan, plaintext));
        Assert.IsType<OpenResult.Malformed>(opener.OpenMessage(Seal(sealer, Header(1)), plaintext));
    }

    [Fact]
    public void Threads_may_seal_and_open_at_once()
    {
        using var sealer = new BatchSealer(_key.Public, Tenant, Press);
        var opener = new BatchOpener([_key]);
        Parallel.For(1, 400, i =>
            Assert.IsType<OpenResult.Opened>(Open(opener, Seal(sealer, Header((ulong)i))).Result));
    }

    [Fact]
    public void Keys_survive_PEM_and_keep_their_name()
    {
        using var again = HubPrivateKey.FromPem(_key.ToPem());
        Assert.Equal(_key.Public.KeyId, again.Public.KeyId);
        Assert.Equal(_key.Public.KeyId, HubPublicKey.FromPem(_key.Public.ToPem()).KeyId);
    }

    [Fact]
    public void A_file_that_is_no_key_is_named_with_its_fault()
    {
        using var folder = new Support.TempFolder();
        File.WriteAllText(folder.File("hub.pub"), "not a key");
        Assert.Contains(
            "hub.pub", Assert.Throws<FormatException>(() => HubPublicKey.Load(folder.File("hub.pub"))).Message);
        using var wrongCurve = System.Security.Cryptography.ECDiffieHellman.Create(
            System.Security.Cryptography.ECCurve.NamedCurves.nistP384);
        Assert.Contains("P-256", Assert.Throws<FormatException>(
            () => HubPrivateKey.FromPem(wrongCurve.ExportPkcs8PrivateKeyPem())).Message);
        Assert.Throws<FormatException>(
            () => HubPublicKey.FromPem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"));
    }

    private static BatchHeader Header(ulong sequence) =>
        new(Press, 0xFEDC_BA98_7654_3210, sequence, sequence, RecordClass.Telemetry, 512, 1_700_000_000_000_000);

    private byte[] Seal(BatchSealer sealer, BatchHeader header)
    {
        var writer = new ArrayBufferWriter<byte>();
        sealer.Seal(header, _text, writer);
        return writer.WrittenSpan.ToArray();
    }

    private static (OpenResult Result, byte[] Plaintext) Open(BatchOpener opener, byte[] batch)
    {
        var plaintext = new ArrayBufferWriter<byte>();
        var result = opener.Open(batch, plaintext);
        return (result, plaintext.WrittenSpan.ToArray());
    }
}
