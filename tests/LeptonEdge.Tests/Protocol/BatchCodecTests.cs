using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Batches;

namespace LeptonEdge.Tests.Protocol;

public sealed class BatchCodecTests
{
    [Fact]
    public void Every_batch_comes_back_bit_by_bit()
    {
        for (var seed = 0; seed < 1500; seed++)
        {
            var batch = RandomBatches.Make(seed);
            var decoded = BatchCodec.Decode(Encode(batch));
            Assert.True(RandomBatches.Print(batch) == RandomBatches.Print(decoded), $"seed {seed}");
            Assert.Equal(batch.Count, decoded.Count);
        }
    }

    [Fact]
    public void Any_doubles_and_any_times_come_back_bit_by_bit() =>
        Prop.ForAll<(double[] Values, long[] Times)>(columns =>
        {
            var count = Math.Min(columns.Values.Length, columns.Times.Length);
            var batch = new RecordBatch(RecordClass.Telemetry);
            batch.AddReadings(new ChannelName("x"), columns.Times.AsSpan(0, count), columns.Values.AsSpan(0, count));
            return RandomBatches.Print(batch) == RandomBatches.Print(BatchCodec.Decode(Encode(batch)));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(600));

    [Fact]
    public void An_empty_batch_comes_back_empty() =>
        Assert.Equal(0, BatchCodec.Decode(Encode(new RecordBatch(RecordClass.Bulk))).Count);

    [Fact]
    public void A_regular_clock_and_a_steady_value_cost_next_to_nothing()
    {
        var batch = new RecordBatch(RecordClass.Telemetry);
        for (var i = 0; i < 4096; i++)
            batch.AddReading(new ChannelName("x"), i * 1_000_000L, 21.5);
        Assert.InRange(Encode(batch).Length, 1, 64);
    }

    [Theory]
    [InlineData("a machine's cycle", 300)]
    [InlineData("states", 1400)]
    [InlineData("a converter in single precision", 3700)]
    [InlineData("means of decimals", 4200)]
    [InlineData("a counter", 900)]
    [InlineData("a resonance", 1900)]
    public void What_sensors_do_costs_little(string what, int bytesMax)
    {
        var random = new Random(3);
        var batch = new RecordBatch(RecordClass.Telemetry);
        var (level, before) = (0.0, 0.0);
        for (var i = 0; i < 2048; i++)
        {
            // 12 kHz: no whole number of microseconds.
            // Struck at random, damped: 11 bits of swing, 5 bits of surprise.
            (level, before) = ((1.2 * level) - (0.98 * before) + (30 * (random.NextDouble() - 0.5)), level);
            var time = 1_700_000_000_000_000 + (long)Math.Round(i * 1e6 / 12_000);
            batch.AddReading(new ChannelName("x"), time, what switch
            {
                "a machine's cycle" => Math.Round(1000 * Math.Sin(i % 100 * 7)),
                "states" => random.Next(3) switch { 0 => 0, 1 => 1500, _ => 98304 },
                "a converter in single precision" => (float)(random.Next(-4096, 4096) * 0.000162435129),
                "a resonance" => Math.Round(level),
                "means of decimals" => (random.Next(10_000) / 10.0) + 0.1 + 0.2,
                _ => 1e9 + (3 * i) + random.Next(4),
            });
        }

        var bytes = Encode(batch);
        Assert.InRange(bytes.Length, 1, bytesMax);
        Assert.Equal(RandomBatches.Print(batch), RandomBatches.Print(BatchCodec.Decode(bytes)));
    }

    [Fact]
    public void Series_and_samples_alone_come_back_bit_by_bit()
    {
        var random = new Random(5);
        long[] times = [];
        double[] values = [];
        for (var round = 0; round < 300; round++)
        {
            var expectedTimes = RandomBatches.Times(random, random.Next(200));
            var expectedValues = RandomBatches.Values(random, expectedTimes.Length);
            var writer = new ArrayBufferWriter<byte>();
            SeriesCodec.Encode(expectedTimes, expectedValues, writer);
            var count = SeriesCodec.Decode(writer.WrittenSpan, ref times, ref values);
            Assert.Equal(expectedTimes, times.AsSpan(0, count).ToArray());
            Assert.Equal(expectedValues.Select(BitConverter.DoubleToInt64Bits),
                values.Take(count).Select(BitConverter.DoubleToInt64Bits));
            var samples = expectedValues.Select(value => (float)value).ToArray();
            writer.Clear();
            SamplesCodec.Encode(samples, writer);
            Assert.Equal(samples.Select(BitConverter.SingleToInt32Bits),
                SamplesCodec.Decode(writer.WrittenSpan).Select(BitConverter.SingleToInt32Bits));
        }
    }

    [Fact]
    public void Bytes_cut_short_or_changed_never_raise_anything_but_a_format_error()
    {
        for (var seed = 0; seed < 12; seed++)
        {
            var bytes = Encode(RandomBatches.Make(seed));
            for (var length = 0; length < bytes.Length; length += length < 200 ? 1 : 17)
                Assert.Throws<BatchFormatException>(() => BatchCodec.Decode(bytes.AsSpan(0, length)));
            for (var i = 0; i < bytes.Length; i += i < 300 ? 1 : 13)
                DecodeChanged(bytes, i, 0xFF);
        }
    }

    [Fact]
    public void Changed_columns_under_a_sound_cover_never_raise_anything_but_a_format_error()
    {
        // Without compression every byte of the columns is reached, not only those that the compressor lets through.
        for (var seed = 0; seed < 40; seed++)
        {
            var columns = Store(Encode(RandomBatches.Make(seed)));
            for (var i = 0; i < columns.Length; i += i < 400 ? 1 : 29)
            {
                foreach (var mask in (byte[])[0x01, 0x80, 0xFF])
                    DecodeChanged(columns, i, mask);
            }
        }
    }

    [Fact]
    public void A_batch_that_claims_more_than_the_limits_is_refused_before_memory_is_taken()
    {
        // One series that claims a million readings in no bytes at all: width 0 columns.
        byte[] claim = [2, 0, 13, 2, 1, 1, (byte)'x', 0xC0, 0x84, 0x3D, 0, 0, 0, 0, 0, 0];
        var limits = new BatchLimits { RecordsMax = 4096, BytesMax = 1 << 20 };
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<BatchFormatException>(() => BatchCodec.Decode(claim, limits));
        Assert.Throws<BatchFormatException>(() => BatchCodec.Decode([1, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0], limits));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    [Fact]
    public void The_message_of_a_format_error_names_the_place()
    {
        var error = Assert.Throws<BatchFormatException>(() => BatchCodec.Decode([1, 0, 1, 9]));
        Assert.Contains("byte 1", error.Message);
        Assert.Contains("class 9", error.Message);
    }

    internal static byte[] Encode(RecordBatch batch)
    {
        var writer = new ArrayBufferWriter<byte>();
        BatchCodec.Encode(batch, writer);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>The same batch with its plain bytes as they are.</summary>
    private static byte[] Store(byte[] bytes)
    {
        var reader = new WireReader(bytes, [], version: 2, long.MaxValue, BatchLimits.Default);
        reader.ReadByte("version");
        if (reader.ReadByte("method") == 0)
            return bytes;
        var plain = new byte[reader.ReadCount(int.MaxValue, "size")];
        var body = reader.ReadBytes(reader.ReadCount(int.MaxValue, "compressed size"), "body");
        Assert.True(System.IO.Compression.BrotliDecoder.TryDecompress(body, plain, out _));
        var stored = new ArrayBufferWriter<byte>();
        stored.Write<byte>([2, 0]);
        for (var length = (uint)plain.Length; ; length >>= 7)
        {
            stored.Write<byte>([(byte)(length >= 0x80 ? length | 0x80 : length)]);
            if (length < 0x80)
                break;
        }

        stored.Write(plain);
        stored.Write(bytes.AsSpan(reader.Position));
        return stored.WrittenSpan.ToArray();
    }

    private static void DecodeChanged(byte[] bytes, int index, byte mask)
    {
        bytes[index] ^= mask;
        try
        {
            BatchCodec.Decode(bytes);
        }
        catch (BatchFormatException)
        {
            // The one kind of failure that is allowed; a change may also give another valid batch.
        }
        finally
        {
            bytes[index] ^= mask;
        }
    }
}
