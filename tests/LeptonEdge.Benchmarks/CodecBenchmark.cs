using System.Buffers;
using System.Diagnostics;
using System.Runtime.InteropServices;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Batches;

namespace LeptonEdge.Benchmarks;

/// <summary>The column codec on real recordings: bytes per reading and speed, beside JSON + gzip and raw columns +
/// Brotli, batch by batch on one core.</summary>
/// <remarks>A reading is 16 bytes of raw input: an int64 time and a float64 value. Sizes are of what a batch becomes
/// before it is sealed; every batch is decoded and compared bit by bit before anything is timed.</remarks>
internal sealed class CodecBenchmark : IBenchmark
{
    private const double EncodeMin = 100;
    private const double DecodeMin = 200;
    private const int RawBytesPerReading = 16;

    public string Name => "codec";

    public string Summary => "the column codec on real recordings, beside JSON + gzip and raw + Brotli [--rounds N, 7]";

    public Task<IReadOnlyList<Figure>> RunAsync(string[] args)
    {
        var rounds = Rounds(args);
        var figures = new List<Figure>();
        foreach (var (set, batches) in Recordings.Load())
        {
            IBatchFormat[] formats = [new OurFormat(), new JsonGzipFormat(), new RawBrotliFormat()];
            var results = formats.Select(format => new Result(format, batches)).ToArray();
            // Each is first in turn: what else the machine does meets all.
            for (var round = 0; round < rounds; round++)
            {
                for (var turn = 0; turn < results.Length; turn++)
                    results[(round + turn) % results.Length].Measure(batches);
                Console.Error.WriteLine(
                    $"  {set} {round + 1} of {rounds}: {string.Join(", ", results.Select(result => result.Last))}");
            }

            var (ours, json, raw) = (results[0], results[1], results[2]);
            figures.Add(Smaller(set, ours, json));
            figures.Add(Smaller(set, ours, raw));
            figures.Add(Fast($"{set}: encode", ours.EncodeMBps, json, json.EncodeMBps, EncodeMin));
            figures.Add(Fast($"{set}: encode", ours.EncodeMBps, raw, raw.EncodeMBps, EncodeMin));
            figures.Add(Fast($"{set}: decode", ours.DecodeMBps, json, json.DecodeMBps, DecodeMin));
            figures.Add(Fast($"{set}: decode", ours.DecodeMBps, raw, raw.DecodeMBps, DecodeMin));
        }

        return Task.FromResult<IReadOnlyList<Figure>>(figures);
    }

    private static Figure Smaller(string set, Result ours, Result peer)
    {
        var ratio = ours.BytesPerReading / peer.BytesPerReading;
        return new Figure($"{set}: size", ours.BytesPerReading, "bytes/reading", peer.Name, peer.BytesPerReading,
            ratio, "ratio < 1", ratio < 1);
    }

    private static Figure Fast(string name, double value, Result peer, double peerValue, double asked) =>
        Figure.AtLeast(name, value, "MB/s", asked) with
        {
            Peer = peer.Name, PeerValue = peerValue, Ratio = value / peerValue,
        };

    private static int Rounds(string[] args) => args switch
    {
        [] => 7,
        ["--rounds", var text] when int.TryParse(text, out var rounds) && rounds is >= 5 and <= 100 => rounds,
        _ => throw new BenchmarkException("options: --rounds 5 to 100"),
    };

    /// <summary>One format on one set.</summary>
    private sealed class Result
    {
        private static readonly TimeSpan RunLeast = TimeSpan.FromMilliseconds(150);
        private readonly IBatchFormat _format;
        private readonly byte[][] _encoded;
        private readonly double _rawMegabytes;
        private readonly List<double> _encodes = [], _decodes = [];

        public Result(IBatchFormat format, IReadOnlyList<RecordBatch> batches)
        {
            _format = format;
            _encoded = [.. batches.Select(batch => format.Encode(batch).ToArray())];
            for (var i = 0; i < batches.Count; i++)
                ExpectEqual(batches[i], format.Decode(_encoded[i]), $"{format.Name}: batch {i}");
            var readings = batches.Sum(batch => (long)batch.Count);
            _rawMegabytes = readings * (double)RawBytesPerReading / 1e6;
            BytesPerReading = _encoded.Sum(bytes => (double)bytes.Length) / readings;
        }

        public string Name => _format.Name;

        public double BytesPerReading { get; }

        public double EncodeMBps => Statistics.Median(_encodes);

        public double DecodeMBps => Statistics.Median(_decodes);

        public string Last => FormattableString.Invariant(
            $"{Name} {BytesPerReading:0.00} B, {_encodes[^1]:0}/{_decodes[^1]:0} MB/s");

        public void Measure(IReadOnlyList<RecordBatch> batches)
        {
            _encodes.Add(Repeat(() =>
            {
                foreach (var batch in batches)
                    _format.Encode(batch);
            }));
            _decodes.Add(Repeat(() =>
            {
                foreach (var bytes in _encoded)
                    _format.Decode(bytes);
            }));
        }

        /// <summary>MB/s of raw input over as many passes as a fair reading of the clock takes.</summary>
        private double Repeat(Action pass)
        {
            var passes = 0;
            var clock = Stopwatch.StartNew();
            do
            {
                pass();
                passes++;
            }
            while (clock.Elapsed < RunLeast);
            return passes * _rawMegabytes / clock.Elapsed.TotalSeconds;
        }

        private static void ExpectEqual(RecordBatch expected, RecordBatch found, string where)
        {
            var same = expected.Series.Count == found.Series.Count && expected.Series.Zip(found.Series).All(pair =>
                pair.First.Channel == pair.Second.Channel
                && pair.First.TimesMicros.SequenceEqual(pair.Second.TimesMicros)
                && Bits(pair.First).SequenceEqual(Bits(pair.Second)));
            if (!same)
                throw new BenchmarkException($"{where} did not come back as it was");
        }

        private static Span<long> Bits(Series series) =>
            MemoryMarshal.Cast<double, long>(CollectionsMarshal.AsSpan(series.Values));
    }

    private sealed class OurFormat : IBatchFormat
    {
        private readonly ArrayBufferWriter<byte> _target = new();

        public string Name => "LeptonEdge";

        public ReadOnlySpan<byte> Encode(RecordBatch batch)
        {
            _target.ResetWrittenCount();
            BatchCodec.Encode(batch, _target);
            return _target.WrittenSpan;
        }

        public RecordBatch Decode(ReadOnlySpan<byte> bytes) => BatchCodec.Decode(bytes);
    }
}
