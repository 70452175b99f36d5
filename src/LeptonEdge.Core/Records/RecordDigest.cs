using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using LeptonEdge.Core.Identity;

namespace LeptonEdge.Core.Records;

/// <summary>A 64-bit fingerprint of every single record of a batch, for comparing what one side appended with what the
/// other side stored, record by record.</summary>
public static class RecordDigest
{
    /// <summary>One fingerprint per record, in no particular order; equal records of one batch have equal
    /// ones.</summary>
    public static List<ulong> Compute(BatchName name, RecordBatch batch)
    {
        var digests = new List<ulong>(batch.Count);
        var text = new Fingerprint(name);
        foreach (var series in batch.Series)
        {
            for (var i = 0; i < series.Values.Count; i++)
                digests.Add(text.Of('r', series.Channel.Value, series.TimesMicros[i],
                    BitConverter.DoubleToInt64Bits(series.Values[i])));
        }

        foreach (var v in batch.Verdicts)
            digests.Add(text.Of('v', $"{v.Workload}|{v.Channel}|{v.Model}|{v.Label}|{v.Place}|{v.Late}", v.TimeMicros,
                ((long)BitConverter.SingleToInt32Bits(v.Score) << 32) | (uint)v.LatencyMicros));
        foreach (var a in batch.Alarms)
            digests.Add(text.Of('a', $"{a.Rule}|{a.Channel}|{a.Severity}|{a.Transition}|{a.Message}", a.TimeMicros,
                BitConverter.DoubleToInt64Bits(a.Value)));
        foreach (var w in batch.RawWindows)
            digests.Add(text.Of('w', $"{w.Channel}|{w.Reason}|{Samples(w.Samples)}", w.StartMicros,
                BitConverter.DoubleToInt64Bits(w.SampleRateHz)));
        foreach (var g in batch.Gaps)
            digests.Add(
                text.Of('g', $"{g.Class}|{g.FirstSequence}|{g.LastSequence}|{g.Reason}", g.TimeMicros, g.Records));
        foreach (var u in batch.Usage)
            digests.Add(text.Of('u', $"{u.Workload}|{u.Model}|{u.Node}|{u.FromMicros}|{u.Amounts}", u.ToMicros, 0));
        return digests;
    }

    private static string Samples(float[] samples) =>
        Convert.ToHexString(SHA256.HashData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(samples.AsSpan())));

    private readonly struct Fingerprint(BatchName name)
    {
        private readonly string _prefix = name.ToString();

        public ulong Of(char kind, string what, long timeMicros, long value)
        {
            var bytes = Encoding.UTF8.GetBytes($"{_prefix}|{kind}|{what}|{timeMicros}|{value}");
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(bytes, hash);
            return BinaryPrimitives.ReadUInt64LittleEndian(hash);
        }
    }
}
