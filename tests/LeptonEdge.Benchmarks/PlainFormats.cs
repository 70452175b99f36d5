using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;

namespace LeptonEdge.Benchmarks;

/// <summary>A way to write the readings of a batch as bytes and back. One thread at a time.</summary>
internal interface IBatchFormat
{
    string Name { get; }

    /// <summary>The bytes; valid until the next call.</summary>
    ReadOnlySpan<byte> Encode(RecordBatch batch);

    RecordBatch Decode(ReadOnlySpan<byte> bytes);
}

/// <summary>{"channel":[{"t":…,"v":…},…],…} by System.Text.Json, then gzip at the smallest level: each name is written
/// once, which is kinder to JSON than an object for each reading with its channel in it.</summary>
internal sealed class JsonGzipFormat : IBatchFormat
{
    private readonly ArrayBufferWriter<byte> _json = new();
    private readonly MemoryStream _target = new(), _text = new();

    public string Name => "JSON + gzip";

    public ReadOnlySpan<byte> Encode(RecordBatch batch)
    {
        _json.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(_json, new JsonWriterOptions { SkipValidation = true }))
        {
            writer.WriteStartObject();
            foreach (var series in batch.Series)
            {
                writer.WriteStartArray(series.Channel.Value);
                for (var i = 0; i < series.Values.Count; i++)
                {
                    writer.WriteStartObject();
                    writer.WriteNumber("t"u8, series.TimesMicros[i]);
                    writer.WriteNumber("v"u8, series.Values[i]);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        _target.SetLength(0);
        using (var gzip = new GZipStream(_target, CompressionLevel.SmallestSize, leaveOpen: true))
            gzip.Write(_json.WrittenSpan);
        return _target.GetBuffer().AsSpan(0, (int)_target.Length);
    }

    public RecordBatch Decode(ReadOnlySpan<byte> bytes)
    {
        using var source = new MemoryStream(bytes.ToArray());
        using (var gzip = new GZipStream(source, CompressionMode.Decompress))
        {
            _text.SetLength(0);
            gzip.CopyTo(_text);
        }

        var batch = new RecordBatch(RecordClass.Telemetry);
        var reader = new Utf8JsonReader(_text.GetBuffer().AsSpan(0, (int)_text.Length));
        ChannelName? channel = null;
        long time = 0;
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName)
                continue;
            if (reader.CurrentDepth == 1)
            {
                channel = new ChannelName(reader.GetString()!);
                continue;
            }

            var isTime = reader.ValueTextEquals("t"u8);
            reader.Read();
            if (isTime)
                time = reader.GetInt64();
            else
                batch.AddReading(channel!.Value, time, reader.GetDouble());
        }

        return batch;
    }
}

/// <summary>Each channel's name, its int64 times and its float64 values as they lie in memory, then Brotli at quality
/// 4.</summary>
internal sealed class RawBrotliFormat : IBatchFormat
{
    private const int Quality = 4;
    private const int WindowBits = 22;
    private readonly ArrayBufferWriter<byte> _raw = new();
    private byte[] _target = [], _columns = new byte[1 << 20];

    public string Name => "raw + Brotli 4";

    public ReadOnlySpan<byte> Encode(RecordBatch batch)
    {
        _raw.ResetWrittenCount();
        Write(batch.Series.Count);
        foreach (var series in batch.Series)
        {
            Write(series.Channel.Value.Length);
            _raw.Advance(Encoding.ASCII.GetBytes(series.Channel.Value, _raw.GetSpan(series.Channel.Value.Length)));
            Write(series.Values.Count);
            _raw.Write(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(series.TimesMicros)));
            _raw.Write(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(series.Values)));
        }

        var most = BrotliEncoder.GetMaxCompressedLength(_raw.WrittenCount);
        if (_target.Length < most)
            _target = new byte[most];
        return BrotliEncoder.TryCompress(_raw.WrittenSpan, _target, out var written, Quality, WindowBits)
            ? _target.AsSpan(0, written)
            : throw new BenchmarkException("Brotli did not compress");
    }

    public RecordBatch Decode(ReadOnlySpan<byte> bytes)
    {
        if (!BrotliDecoder.TryDecompress(bytes, _columns, out var length))
            throw new BenchmarkException("Brotli did not decompress");
        var rest = _columns.AsSpan(0, length);
        var batch = new RecordBatch(RecordClass.Telemetry);
        for (var series = Read(ref rest); series > 0; series--)
        {
            var name = Encoding.ASCII.GetString(Take(ref rest, Read(ref rest)));
            var count = Read(ref rest);
            var times = MemoryMarshal.Cast<byte, long>(Take(ref rest, count * sizeof(long)));
            batch.AddReadings(
                new ChannelName(name), times, MemoryMarshal.Cast<byte, double>(Take(ref rest, count * sizeof(double))));
        }

        return batch;
    }

    private void Write(int number)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_raw.GetSpan(sizeof(int)), number);
        _raw.Advance(sizeof(int));
    }

    private static int Read(ref Span<byte> rest) => BinaryPrimitives.ReadInt32LittleEndian(Take(ref rest, sizeof(int)));

    private static Span<byte> Take(ref Span<byte> rest, int count)
    {
        var taken = rest[..count];
        rest = rest[count..];
        return taken;
    }
}
