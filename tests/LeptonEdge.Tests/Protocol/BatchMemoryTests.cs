using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Batches;
using Xunit.Abstractions;

namespace LeptonEdge.Tests.Protocol;

/// <summary>No input may ask for more memory than its size allows, and no honest batch may be refused for
/// that.</summary>
public sealed class BatchMemoryTests(ITestOutputHelper output)
{
    private const int Inputs = 120_000;

    // An exception with its trace; and what lists and pooled arrays round up.
    private const long BesidesAsked = 64 * 1024;
    private const int RoundedUp = 4;

    [Fact]
    public void Hostile_bytes_never_take_more_memory_than_their_size_allows()
    {
        var random = new Random(11);
        var honest = Enumerable.Range(0, 60).Select(seed => BatchCodecTests.Encode(RandomBatches.Make(seed)))
            .Concat(Enumerable.Range(0, 20).Select(seed => Small(new Random(seed)))).ToArray();
        var decoded = 0;
        for (var i = 0; i < Inputs; i++)
        {
            var bytes = i % 4 == 0 ? Noise(random) : Changed(random, honest[random.Next(honest.Length)]);
            var before = GC.GetAllocatedBytesForCurrentThread();
            decoded += Decodes(bytes) ? 1 : 0;
            var taken = GC.GetAllocatedBytesForCurrentThread() - before;
            var most = Asking.Most(bytes.Length, bytes.Length > 0 && bytes[0] == 1);
            Assert.True(taken <= (RoundedUp * most) + BesidesAsked,
                $"input {i}, {bytes.Length} bytes, took {taken} bytes: {Convert.ToHexString(bytes)}");
        }

        output.WriteLine($"{decoded} of {Inputs} inputs still were a batch");
        Assert.InRange(decoded, 1, Inputs - 1);
    }

    [Theory]
    [InlineData(2_048)]
    [InlineData(65_536)]
    [InlineData(1_000_000)]
    public void A_batch_of_equal_readings_is_padded_to_what_a_reader_takes(int count)
    {
        var batch = new RecordBatch(RecordClass.Telemetry);
        for (var i = 0; i < count; i++)
            batch.AddReading(new ChannelName("door.open"), i * 1_000_000L, 1);
        var bytes = BatchCodecTests.Encode(batch);
        Assert.True(bytes.Length >= Asking.Least((long)count * Asking.Reading), $"{bytes.Length} bytes");
        Assert.Equal(count, BatchCodec.Decode(bytes).Count);
    }

    [Fact]
    public void A_window_of_equal_samples_comes_back()
    {
        var batch = new RecordBatch(RecordClass.Bulk);
        batch.RawWindows.Add(new RawWindow(new ChannelName("drive-end"), 1, 12_000, new float[1_048_576], "hot"));
        var decoded = BatchCodec.Decode(BatchCodecTests.Encode(batch));
        Assert.Equal(1_048_576, Assert.Single(decoded.RawWindows).Samples.Length);
    }

    [Fact]
    public void A_batch_that_is_denser_than_its_size_allows_is_refused_before_memory_is_taken()
    {
        // A million readings in ten bytes: a steady clock and a steady value.
        byte[] claim = [2, 0, 14, 2, 1, 1, (byte)'x', 0xC0, 0x84, 0x3D, 0, 0, 0, 0, 0, 0, 0];
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<BatchFormatException>(() => BatchCodec.Decode(claim));
        Assert.Contains("more memory", error.Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 256 * 1024);
    }

    private static bool Decodes(byte[] bytes)
    {
        try
        {
            BatchCodec.Decode(bytes);
            return true;
        }
        catch (BatchFormatException)
        {
            return false;
        }
    }

    private static byte[] Small(Random random)
    {
        var batch = new RecordBatch(RecordClass.Telemetry);
        var count = random.Next(40);
        batch.AddReadings(
            new ChannelName("x"), RandomBatches.Times(random, count), RandomBatches.Values(random, count));
        return BatchCodecTests.Encode(batch);
    }

    /// <summary>Anything at all, mostly under a head that is believed.</summary>
    private static byte[] Noise(Random random)
    {
        var bytes = new byte[random.Next(200)];
        random.NextBytes(bytes);
        byte[] head = [(byte)random.Next(1, 3), (byte)random.Next(2), (byte)Math.Max(0, bytes.Length - 4), 2, 1];
        head.AsSpan(0, Math.Min(random.Next(head.Length + 1), bytes.Length)).CopyTo(bytes);
        return bytes;
    }

    private static byte[] Changed(Random random, byte[] honest)
    {
        var bytes = honest.AsSpan(0, random.Next(8) == 0 ? random.Next(honest.Length) : honest.Length).ToArray();
        for (var changes = random.Next(1, 5); changes > 0 && bytes.Length > 0; changes--)
        {
            // The front holds what asks for most: counts and kinds.
            var at = random.Next(random.Next(2) == 0 ? Math.Min(bytes.Length, 64) : bytes.Length);
            bytes[at] = random.Next(3) switch
            {
                0 => (byte)random.Next(256),
                1 => (byte)(bytes[at] ^ (1 << random.Next(8))),
                _ => 0xFF,
            };
        }

        return bytes;
    }
}
