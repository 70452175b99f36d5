using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Batches;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Outboxes;

namespace LeptonEdge.Benchmarks;

/// <summary>Readings encoded, sealed and durably in the outbox, beside a plain SQLite table with the same durability on
/// the same disk; and the hub's half of the way: opened, decoded and stored.</summary>
/// <remarks>The contestants take turns within each round, each on a file of its own. Every commit ends in an fsync: one
/// for 2,048 readings in the outbox, one for each row in the plain table.</remarks>
internal sealed class SealStoreBenchmark : IBenchmark
{
    private const double RatioMin = 100;
    private const int BatchesMade = 64;
    private static readonly TenantId Tenant = new("benchmark");
    private static readonly DeviceId Device = new("edge-press");

    public string Name => "seal-store";

    public string Summary =>
        "readings/s sealed and on the disk, beside plain SQLite rows [--rounds N, 7] [--seconds S, 1] [--folder DIR]";

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

        var ours = Median(round => round.Sealed);
        var sealedBytes = Median(round => round.SealedBytesPerReading);
        var plainBytes = Median(round => round.PlainBytesPerReading);
        var batched = Median(round => round.PlainBatched);
        return Task.FromResult<IReadOnlyList<Figure>>(
        [
            Figure.RatioAtLeast("encoded, sealed, durable", ours, "readings/s", "SQLite, a row per transaction",
                Median(round => round.PlainSingle), RatioMin),
            new Figure("encoded, sealed, durable", ours, "readings/s", "SQLite, 2,048 rows per transaction", batched,
                ours / batched),
            new Figure("sealed batch", sealedBytes, "bytes/reading", "SQLite table file", plainBytes,
                sealedBytes / plainBytes),
            new Figure("hub: opened, decoded, stored", Median(round => round.Hub), "readings/s"),
        ]);

        double Median(Func<Round, double> of) => Statistics.Median(rounds.Select(of));
    }

    private static Round Measure(MadeReadings made, HubPrivateKey key, Options options, int number)
    {
        var folder = Directory.CreateDirectory(
            Path.Combine(options.Folder, $"lepton-seal-store-{Environment.ProcessId}-{number}"));
        try
        {
            var rate = new double[3];
            var sealedBatches = new List<OutboxBatch>();
            // Each is first in turn: what else the machine does meets all.
            for (var turn = 0; turn < rate.Length; turn++)
            {
                var which = (number + turn) % rate.Length;
                var file = Path.Combine(folder.FullName, $"{which}.db");
                rate[which] = which switch
                {
                    0 => Seal(made, key, file, options.Duration, sealedBatches),
                    1 => Plain(made, file, options.Duration, rowsPerCommit: 1),
                    _ => Plain(made, file, options.Duration, MadeReadings.ReadingsPerBatch),
                };
            }

            var some = sealedBatches.Take(BatchesMade).ToList();
            return new Round(rate[0], rate[1], rate[2],
                Store(sealedBatches, key, Path.Combine(folder.FullName, "hub.db")),
                some.Sum(batch => (double)batch.Sealed.Length) / some.Sum(batch => batch.Records),
                PlainBytes(made, Path.Combine(folder.FullName, "size.db")));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The agent's way: put together, encoded, sealed, one durable append for each batch.</summary>
    private static double Seal(
        MadeReadings made, HubPrivateKey key, string file, TimeSpan duration, List<OutboxBatch> sealedBatches)
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
        var plaintext = new ArrayBufferWriter<byte>();
        var appended = 0;
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < duration)
        {
            var batch = made.Batch(appended++);
            plaintext.ResetWrittenCount();
            BatchCodec.Encode(batch, plaintext);
            outbox.Append(batch.Class, batch.Count, (first, sequence, target) => sealer.Seal(
                new BatchHeader(Device, outbox.Epoch, first, sequence, batch.Class, batch.Count, 0),
                plaintext.WrittenSpan, target));
        }

        var seconds = clock.Elapsed.TotalSeconds;
        outbox.ReadAfter(0, int.MaxValue, long.MaxValue, sealedBatches);
        Check("outbox", sealedBatches.Sum(batch => (long)batch.Records),
            (long)appended * MadeReadings.ReadingsPerBatch);
        return appended * MadeReadings.ReadingsPerBatch / seconds;
    }

    private static double Plain(MadeReadings made, string file, TimeSpan duration, int rowsPerCommit)
    {
        using var table = new PlainRows(file);
        long inserted = 0;
        var clock = Stopwatch.StartNew();
        for (var index = 0; clock.Elapsed < duration; index++)
        {
            if (rowsPerCommit > 1)
                table.Execute("BEGIN");
            foreach (var (channel, time, value) in made.Rows(index))
            {
                table.Insert(channel, time, value);
                inserted++;
                if (rowsPerCommit == 1 && clock.Elapsed >= duration)
                    break;
            }

            if (rowsPerCommit > 1)
                table.Execute("COMMIT");
        }

        var seconds = clock.Elapsed.TotalSeconds;
        Check("plain table", table.Count(), inserted);
        return inserted / seconds;
    }

    /// <summary>The hub's way: opened, decoded, one durable transaction for each batch.</summary>
    private static double Store(List<OutboxBatch> sealedBatches, HubPrivateKey key, string file)
    {
        var opener = new BatchOpener([key]);
        using var store = HubStore.Open(new HubStoreOptions { Path = file }, TimeProvider.System);
        var plaintext = new ArrayBufferWriter<byte>();
        var clock = Stopwatch.StartNew();
        foreach (var batch in sealedBatches)
        {
            plaintext.ResetWrittenCount();
            if (opener.Open(batch.Sealed, plaintext) is not OpenResult.Opened opened)
                throw new BenchmarkException($"batch {batch.Sequence} did not open");
            var records = BatchCodec.Decode(plaintext.WrittenSpan);
            if (store.Ingest(opened.Tenant, opened.Header, records, batch.Sealed.Length) is not IngestOutcome.Stored)
                throw new BenchmarkException($"batch {batch.Sequence} was not stored");
        }

        var seconds = clock.Elapsed.TotalSeconds;
        var readings = sealedBatches.Sum(batch => (long)batch.Records);
        Check("hub's store", store.Channels(Tenant, Device).Sum(channel => channel.Readings), readings);
        return readings / seconds;
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
        double Sealed, double PlainSingle, double PlainBatched, double Hub, double SealedBytesPerReading,
        double PlainBytesPerReading)
    {
        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"sealed {Sealed:#,0}/s, plain rows {PlainSingle:#,0}/s, 2,048 at once {PlainBatched:#,0}/s, hub "
            + $"{Hub:#,0}/s");
    }

    private sealed record Options(int Rounds, TimeSpan Duration, string Folder)
    {
        public static Options Parse(string[] args)
        {
            var options = new Options(7, TimeSpan.FromSeconds(1), Path.GetTempPath());
            for (var i = 0; i < args.Length; i += 2)
            {
                var value = i + 1 < args.Length ? args[i + 1] : "";
                var number = int.TryParse(value, out var given) ? given : 0;
                options = args[i] switch
                {
                    "--rounds" when number is >= 5 and <= 100 => options with { Rounds = number },
                    "--seconds" when number is >= 1 and <= 60 =>
                        options with { Duration = TimeSpan.FromSeconds(number) },
                    "--folder" when Directory.Exists(value) => options with { Folder = value },
                    _ => throw new BenchmarkException(
                        "options: --rounds 5 to 100, --seconds 1 to 60, --folder DIR on the disk to measure"),
                };
            }

            return options;
        }
    }
}
