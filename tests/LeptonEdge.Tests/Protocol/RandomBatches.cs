using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;
using LeptonEdge.Core.Pricing;
using LeptonEdge.Core.Records;

namespace LeptonEdge.Tests.Protocol;

/// <summary>Batches as sensors make them, and as they should not: every kind of number and clock, from one
/// seed.</summary>
internal static class RandomBatches
{
    private static readonly double[] Odd =
    [
        double.NaN, BitConverter.Int64BitsToDouble(0x7ff0000000000001),
        BitConverter.Int64BitsToDouble(unchecked((long)0xfff8000000abcdef)),
        double.PositiveInfinity, double.NegativeInfinity, double.Epsilon, -double.Epsilon, 0.0, -0.0, double.MaxValue,
        double.MinValue, 1e-310, 0.1, 1.0 / 3, 9007199254740993.0, float.MaxValue, 1e14, -1e-14,
    ];

    public static RecordBatch Make(int seed)
    {
        var random = new Random(seed);
        var batch = new RecordBatch((RecordClass)random.Next(4));
        var shared = Times(random, random.Next(10) == 0 ? 3000 : random.Next(1, 300));
        for (var i = random.Next(4); i > 0; i--)
        {
            var times = random.Next(2) == 0 ? shared : Times(random, random.Next(300));
            batch.AddReadings(new ChannelName($"channel{i}.{random.Next(9)}"), times, Values(random, times.Length));
        }

        for (var i = random.Next(4); i > 0; i--)
            batch.Verdicts.Add(MakeVerdict(random));
        for (var i = random.Next(4); i > 0; i--)
            batch.Alarms.Add(MakeAlarm(random));
        for (var i = random.Next(3); i > 0; i--)
            batch.RawWindows.Add(MakeWindow(random, random.Next(600)));
        for (var i = random.Next(3); i > 0; i--)
            batch.Gaps.Add(MakeGap(random));
        for (var i = Math.Max(0, random.Next(-6, 4)); i > 0; i--)
            batch.Usage.Add(MakeUsage(random));
        return batch;
    }

    public static RecordBatch Readings(int count, int seed = 1)
    {
        var random = new Random(seed);
        var batch = new RecordBatch(RecordClass.Telemetry);
        for (var i = 0; i < count; i++)
            batch.AddReading(new ChannelName("spindle.temperature"), 1_700_000_000_000_000 + i * 1_000_000L,
                Math.Round(60 + random.NextDouble(), 3));
        return batch;
    }

    /// <summary>Everything that a batch holds, bit by bit, as text.</summary>
    public static string Print(RecordBatch batch)
    {
        var lines = new List<string> { batch.Class.ToString() };
        foreach (var series in batch.Series)
        {
            lines.Add($"{series.Channel}:");
            lines.AddRange(
                series.TimesMicros.Zip(series.Values, (t, v) => $"{t} {BitConverter.DoubleToInt64Bits(v):x}"));
        }

        lines.AddRange(
            batch.Verdicts.Select(v => $"{v with { Score = 0 }} {BitConverter.SingleToInt32Bits(v.Score):x}"));
        lines.AddRange(batch.Alarms.Select(a => $"{a with { Value = 0 }} {BitConverter.DoubleToInt64Bits(a.Value):x}"));
        lines.AddRange(batch.RawWindows.Select(
            w => $"{w.Channel} {w.StartMicros} {BitConverter.DoubleToInt64Bits(w.SampleRateHz):x} "
            + $"{w.Reason} "
            + $"{string.Join(',', w.Samples.Select(s => BitConverter.SingleToInt32Bits(s).ToString("x")))}"));
        lines.AddRange(batch.Gaps.Select(g => g.ToString()));
        lines.AddRange(batch.Usage.Select(u => u.ToString()));
        return string.Join('\n', lines);
    }

    public static long[] Times(Random random, int count)
    {
        var times = new long[count];
        var time = 1_700_000_000_000_000 + random.NextInt64(1_000_000_000);
        var step = random.Next(4) switch { 0 => 0L, 1 => 1_000_000, 2 => 83, _ => -5000 };
        var jitter = random.Next(3) switch { 0 => 1, 1 => 500, _ => 1_000_000 };
        // A clock without faults: a rate that is no whole number of microseconds, in front of jitter.
        if (random.Next(3) == 0)
        {
            var period = 1e6 / random.Next(1, 20_000);
            for (var i = 0; i < count; i++)
                times[i] = time + (long)Math.Round(i * period) + random.Next(jitter);
            return times;
        }

        for (var i = 0; i < count; i++)
        {
            times[i] = time;
            time = random.Next(200) switch
            {
                0 => random.NextInt64(long.MinValue, long.MaxValue),
                1 => long.MaxValue,
                2 => long.MinValue,
                3 => 0,
                4 => time,
                _ => unchecked(time + step + random.NextInt64(jitter)),
            };
        }

        return times;
    }

    public static double[] Values(Random random, int count)
    {
        var values = new double[count];
        var kind = random.Next(15);
        var odd = random.Next(3) == 0;
        var step = random.NextDouble() / 1000;
        for (var i = 0; i < count; i++)
        {
            values[i] = kind switch
            {
                0 => Math.Round(random.NextDouble() * 100, random.Next(4)),
                1 => (float)random.NextDouble() - 0.5f,
                2 => random.NextDouble() - 0.5,
                3 => BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)),
                4 => 42.5,
                5 => random.NextInt64(1L << 50) * 4096.0,
                6 => random.Next(-2000, 2000) * step,
                7 => (float)(random.Next(-2000, 2000) * step),
                8 => (float)(random.Next(5000) / 100.0),
                9 => (random.Next(1000) / 10.0) + (random.Next(1000) / 100.0),
                10 => random.Next(100) == 0 ? 1 : 0,
                11 => i + random.Next(2),
                12 => i * i % 50 * 13,
                13 => random.Next(3) switch { 0 => 0, 1 => 1500, _ => 98304 },
                _ => Odd[random.Next(Odd.Length)],
            };
            if (odd && random.Next(20) == 0)
                values[i] = Odd[random.Next(Odd.Length)];
        }

        return values;
    }

    private static Verdict MakeVerdict(Random random) => new(
        new WorkloadId($"bearing-{random.Next(3)}"), new ChannelName("drive-end"),
        new ModelReference("bearing-fault", $"1.{random.Next(3)}.0"),
        random.NextInt64(), random.Next(2) == 0 ? "normal" : "ünüsual ∿",
        BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue)),
        (Place)random.Next(2), random.Next(int.MinValue, int.MaxValue), random.Next(2) == 0);

    private static AlarmEvent MakeAlarm(Random random) => new(
        $"rule {random.Next(3)}", new ChannelName("drive-end.rms"), (AlarmSeverity)random.Next(3),
        (AlarmTransition)random.Next(2),
        random.NextInt64(), Values(random, 1)[0], new string('m', random.Next(50)));

    private static RawWindow MakeWindow(Random random, int count) => new(
        new ChannelName("drive-end"), random.NextInt64(), Values(random, 1)[0],
        [.. Enumerable.Range(0, count)
            .Select(_ => BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue)))], "rule 1");

    private static Gap MakeGap(Random random) => new(
        (RecordClass)random.Next(4), (ulong)random.NextInt64(), ulong.MaxValue, random.NextInt64(),
        random.NextInt64(), "full");

    private static Usage MakeUsage(Random random)
    {
        var start = random.NextInt64();
        return new Usage(
            random.Next(3) == 0 ? null : new WorkloadId($"bearing-{random.Next(3)}"),
            random.Next(3) == 0 ? null : new ModelReference("bearing-fault", $"1.{random.Next(3)}.0"),
            (NodeKind)random.Next(3), start, unchecked(start + random.NextInt64(1L << random.Next(1, 63))),
            new UsageAmounts(
                Amount(), Amount(), Amount(), Amount(), Amount(), random.Next(9) == 0 ? UsageAmounts.Max : Amount()));

        long Amount() => random.Next(3) == 0 ? 0 : random.NextInt64(1L << random.Next(1, 48));
    }
}
