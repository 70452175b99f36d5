using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Batches;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Storage.Outboxes;

namespace LeptonEdge.Benchmarks;

/// <summary>Readings encoded, sealed and durably in the outbox, beside a plain SQLite table with the same durability on
/// the same disk.</summary>
/// <remarks>The contestants take turns within each round, each on a file of its own. Every commit ends in an fsync. Some
/// threads append, as the agent's do, and share the way to the disk; what they do is counted against one core: a rate
/// is readings over the wall's seconds or the processor's, whichever are more.</remarks>
internal sealed class SealStoreBenchmark : IBenchmark
{
    private const int BatchesMade = 64;
    private const int RowsPerCommit = 1000;
    private static readonly TenantId Tenant = new("benchmark");
    private static readonly DeviceId Device = new("edge-press");

    public string Name => "seal-store";

    public string Summary =>
        "readings/s sealed and on the disk, beside plain SQLite rows [--rounds N, 7] [--seconds S, 1] [--writers N, 4] "
        + "[--folder DIR]";

    public Task<IReadOnlyList<Figure>> RunAsync(string[] args)
    {
        var options = Options.Parse(args);
        using var key = HubPrivateKey.Generate();
        var made = new MadeReadings(BatchesMade);
        var rounds = new List<Round>();
        // The first round warms up: compiled code, the disk's caches.
        for (var i = 0; i <= options.Rounds; i++)
        {
            var round = Measure(made, key, options, i);
            Console.Error.WriteLine($"  {(i == 0 ? "warm-up" : $"round {i} of {options.Rounds}")}: {round}");
            if (i > 0)
                rounds.Add(round);
        }

        var ours = Median(round => round.Sealed.PerCore);
        var sealedBytes = Median(round => round.SealedBytesPerReading);
        var plainBytes = Median(round => round.PlainBytesPerReading);
        var (p99, bareP99) = (
            Median(round => round.AppendP99.TotalMilliseconds), Median(round => round.BareP99.TotalMilliseconds));
        return Task.FromResult<IReadOnlyList<Figure>>(
        [
            Figure.AtLeast("encoded, sealed, durable, per core", ours, "readings/s", 1_000_000),
            Figure.RatioAtLeast("encoded, sealed, durable, per core", ours, "readings/s", "SQLite, a row per transaction",
                Median(round => round.PlainSingle.PerCore), 150),
            Figure.RatioAtLeast("encoded, sealed, durable, per core", ours, "readings/s",
                $"SQLite, {RowsPerCommit:N0} rows per transaction", Median(round => round.PlainBatched.PerCore), 2),
            new Figure("per second of the processor", Median(round => round.Sealed.PerProcessorSecond), "readings/s",
                $"SQLite, {RowsPerCommit:N0} rows per transaction",
                Median(round => round.PlainBatched.PerProcessorSecond),
                Median(round => round.Sealed.PerProcessorSecond / round.PlainBatched.PerProcessorSecond)),
            new Figure("append acknowledged, p99", p99, "ms", "4 KiB written and fsynced, p99", bareP99, p99 / bareP99,
                "≤ 5", p99 <= 5),
            new Figure("sealed batch", sealedBytes, "bytes/reading", "SQLite table file", plainBytes,
                sealedBytes / plainBytes),
        ]);

        double Median(Func<Round, double> of) => Statistics.Median(rounds.Select(of));
    }

    private static Round Measure(MadeReadings made, HubPrivateKey key, Options options, int number)
    {
        var folder = Directory.CreateDirectory(
            Path.Combine(options.Folder, $"lepton-seal-store-{Environment.ProcessId}-{number}"));
        try
        {
            var rate = new Rate[3];
            var (p99, bytesPerReading) = (TimeSpan.Zero, 0.0);
            // Each is first in turn: what else the machine does meets all.
            for (var turn = 0; turn < rate.Length; turn++)
            {
                var which = (number + turn) % rate.Length;
                var file = Path.Combine(folder.FullName, $"{which}.db");
                rate[which] = which switch
                {
                    0 => Seal(made, key, file, options, out p99, out bytesPerReading),
                    1 => Plain(made, file, options.Duration, rowsPerCommit: 1),
                    _ => Plain(made, file, options.Duration, RowsPerCommit),
                };
            }

            return new Round(rate[0], rate[1], rate[2], p99, Bare(Path.Combine(folder.FullName, "bare")), bytesPerReading,
                PlainBytes(made, Path.Combine(folder.FullName, "size.db")));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The agent's way: put together, encoded, sealed, a durable append for each batch.</summary>
    private static Rate Seal(
        MadeReadings made, HubPrivateKey key, string file, Options options, out TimeSpan p99, out double bytesPerReading)
    {
        using var sealer = new BatchSealer(key.Public, Tenant, Device);
        using var outbox = Outbox.Open(
            new OutboxOptions
            {
                Path = file,
                BytesMax = 1L << 34,
                SealGap = (_, _, _, _, _) => throw new BenchmarkException(
                    "the outbox is full: measure for fewer seconds"),
            }, TimeProvider.System);
        var latencies = new List<long>[options.Writers];
        var meter = new Meter();
        var threads = Enumerable.Range(0, options.Writers).Select(writer =>
        {
            latencies[writer] = [];
            var thread = new Thread(() =>
                Write(made, sealer, outbox, writer, options, meter, latencies[writer]));
            thread.Start();
            return thread;
        }).ToList();
        threads.ForEach(thread => thread.Join());
        var all = latencies.SelectMany(some => some).ToArray();
        var rate = meter.Stop((long)all.Length * MadeReadings.ReadingsPerBatch);
        Check("outbox", outbox.Backlog.Records, rate.Readings);
        bytesPerReading = (double)outbox.Backlog.Bytes / rate.Readings;
        p99 = TimeSpan.FromSeconds(Statistics.Percentile(all, 0.99) / Stopwatch.Frequency);
        return rate;
    }

    private static void Write(
        MadeReadings made, BatchSealer sealer, Outbox outbox, int writer, Options options, Meter meter,
        List<long> latencies)
    {
        var plaintext = new ArrayBufferWriter<byte>();
        for (var index = writer; meter.Elapsed < options.Duration; index += options.Writers)
        {
            var batch = made.Batch(index);
            plaintext.ResetWrittenCount();
            BatchCodec.Encode(batch, plaintext);
            var start = Stopwatch.GetTimestamp();
            outbox.Append(batch.Class, batch.Count, (first, sequence, target) => sealer.Seal(
                new BatchHeader(Device, outbox.Epoch, first, sequence, batch.Class, batch.Count, 0),
                plaintext.WrittenSpan, target));
            latencies.Add(Stopwatch.GetTimestamp() - start);
        }
    }

    private static Rate Plain(MadeReadings made, string file, TimeSpan duration, int rowsPerCommit)
    {
        using var table = new PlainRows(file);
        long inserted = 0;
        var meter = new Meter();
        for (var index = 0; meter.Elapsed < duration; index++)
        {
            foreach (var (channel, time, value) in made.Rows(index))
            {
                if (rowsPerCommit > 1 && inserted % rowsPerCommit == 0)
                    table.Execute(inserted == 0 ? "BEGIN" : "COMMIT; BEGIN");
                table.Insert(channel, time, value);
                inserted++;
                if (rowsPerCommit == 1 && meter.Elapsed >= duration)
                    break;
            }
        }

        if (rowsPerCommit > 1)
            table.Execute("COMMIT");
        var rate = meter.Stop(inserted);
        Check("plain table", table.Count(), inserted);
        return rate;
    }

    /// <summary>What the disk itself takes at this moment.</summary>
    private static TimeSpan Bare(string file)
    {
        const int Writes = 200;
        using var handle = File.OpenHandle(file, FileMode.CreateNew, FileAccess.Write);
        var latencies = new long[Writes];
        var page = new byte[4096];
        for (var i = 0; i < Writes; i++)
        {
            var start = Stopwatch.GetTimestamp();
            RandomAccess.Write(handle, page, i * (long)page.Length);
            RandomAccess.FlushToDisk(handle);
            latencies[i] = Stopwatch.GetTimestamp() - start;
        }

        return TimeSpan.FromSeconds(Statistics.Percentile(latencies, 0.99) / Stopwatch.Frequency);
    }

    /// <summary>The same readings as plain rows.</summary>
    private static double PlainBytes(MadeReadings made, string file)
    {
        using var table = new PlainRows(file);
        table.Execute("BEGIN");
        for (var index = 0; index < made.Batches; index++)
        {
            foreach (var (channel, time, value) in made.Rows(index))
                table.Insert(channel, time, value);
        }

        table.Execute("COMMIT");
        return (double)table.FileBytes() / table.Count();
    }

    private static void Check(string where, long found, long expected)
    {
        if (found != expected)
            throw new BenchmarkException($"the {where} holds {found} readings, {expected} were written");
    }

    private sealed record Round(
        Rate Sealed, Rate PlainSingle, Rate PlainBatched, TimeSpan AppendP99, TimeSpan BareP99,
        double SealedBytesPerReading, double PlainBytesPerReading)
    {
        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"sealed {Sealed}, p99 {AppendP99.TotalMilliseconds:0.0} ms (bare {BareP99.TotalMilliseconds:0.0} ms); a row each {PlainSingle}; "
            + $"{RowsPerCommit:#,0} rows each {PlainBatched}");
    }

    private sealed record Options(int Rounds, TimeSpan Duration, int Writers, string Folder)
    {
        public static Options Parse(string[] args)
        {
            var options = new Options(7, TimeSpan.FromSeconds(1), 4, Path.GetTempPath());
            for (var i = 0; i < args.Length; i += 2)
            {
                var value = i + 1 < args.Length ? args[i + 1] : "";
                var number = int.TryParse(value, out var given) ? given : 0;
                options = args[i] switch
                {
                    "--rounds" when number is >= 5 and <= 100 => options with { Rounds = number },
                    "--seconds" when number is >= 1 and <= 60 =>
                        options with { Duration = TimeSpan.FromSeconds(number) },
                    "--writers" when number is >= 1 and <= 64 => options with { Writers = number },
                    "--folder" when Directory.Exists(value) => options with { Folder = value },
                    _ => throw new BenchmarkException(
                        "options: --rounds 5 to 100, --seconds 1 to 60, --writers 1 to 64, --folder DIR on the disk to "
                        + "measure"),
                };
            }

            return options;
        }
    }
}
