using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using LeptonEdge.Core.Identity;
using LeptonEdge.Protocol.Batches;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Storage.Hubs;

namespace LeptonEdge.Benchmarks;

/// <summary>The hub alone: what many devices sealed is verified, opened, decoded, told from what came before, and
/// durably stored; beside the same readings as plain SQLite rows.</summary>
/// <remarks>64 devices take turns, and 64 batches share one transaction, as the hub's link gathers them. One batch in
/// ten comes twice and must not be stored again.</remarks>
internal sealed class IngestBenchmark : IBenchmark
{
    private const int Devices = 64;
    private const int BatchesPerDevice = 24;
    private const int BatchesAtOnce = 64;
    private const int RowsPerCommit = 1000;
    private static readonly TenantId Tenant = new("benchmark");

    public string Name => "ingest";

    public string Summary =>
        "readings/s that the hub opens and stores durably, beside plain SQLite rows [--rounds N, 5] [--folder DIR]";

    public Task<IReadOnlyList<Figure>> RunAsync(string[] args)
    {
        var (count, parent) = Options(args);
        using var key = HubPrivateKey.Generate();
        var made = new MadeReadings(BatchesPerDevice);
        var sent = Seal(made, key);
        var rounds = new List<(Rate Ours, Rate Plain)>();
        for (var i = 0; i <= count; i++)
        {
            var folder = Directory.CreateDirectory(
                Path.Combine(parent, $"lepton-ingest-{Environment.ProcessId}-{i}"));
            try
            {
                var oursFirst = i % 2 == 0;
                var plain = oursFirst ? default : Plain(made, Path.Combine(folder.FullName, "plain.db"));
                var ours = Ingest(sent, key, Path.Combine(folder.FullName, "hub.db"));
                var round = (ours, oursFirst ? Plain(made, Path.Combine(folder.FullName, "plain.db")) : plain);
                Console.Error.WriteLine(
                    $"  {(i == 0 ? "warm-up" : $"round {i} of {count}")}: hub {round.Item1}, plain rows {round.Item2}");
                if (i > 0)
                    rounds.Add(round);
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        }

        return Task.FromResult<IReadOnlyList<Figure>>(
        [
            Compare("opened and stored, per second of the processor", rate => rate.PerProcessorSecond, 2_000_000),
            Compare("opened and stored, per second", rate => rate.Readings / rate.WallSeconds, null),
        ]);

        Figure Compare(string name, Func<Rate, double> of, double? asked)
        {
            var (ours, plain) = (
                Statistics.Median(rounds.Select(round => of(round.Ours))),
                Statistics.Median(rounds.Select(round => of(round.Plain))));
            return new Figure(
                name, ours, "readings/s", $"SQLite, {RowsPerCommit:N0} rows per transaction", plain, ours / plain,
                asked is null ? null : string.Create(CultureInfo.InvariantCulture, $"≥ {asked:#,0}"),
                asked is null ? null : ours >= asked);
        }
    }

    private static (int Rounds, string Folder) Options(string[] args)
    {
        var (rounds, folder) = (5, Path.GetTempPath());
        for (var i = 0; i < args.Length; i += 2)
        {
            var value = i + 1 < args.Length ? args[i + 1] : "";
            if (args[i] == "--rounds" && int.TryParse(value, out var number) && number is >= 5 and <= 100)
                rounds = number;
            else if (args[i] == "--folder" && Directory.Exists(value))
                folder = value;
            else
                throw new BenchmarkException("options: --rounds 5 to 100, --folder DIR on the disk to measure");
        }

        return (rounds, folder);
    }

    /// <summary>What the devices send, in the order in which it reaches the hub.</summary>
    private static List<byte[]> Seal(MadeReadings made, HubPrivateKey key)
    {
        var sealers = Enumerable.Range(0, Devices).Select(
            device => new BatchSealer(key.Public, Tenant, new DeviceId($"edge-{device}"))).ToList();
        var sent = new List<byte[]>();
        var (plaintext, target) = (new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>());
        for (var index = 0; index < BatchesPerDevice; index++)
        {
            var batch = made.Batch(index);
            plaintext.ResetWrittenCount();
            BatchCodec.Encode(batch, plaintext);
            foreach (var sealer in sealers)
            {
                var sequence = (ulong)index + 1;
                target.ResetWrittenCount();
                sealer.Seal(
                    new BatchHeader(sealer.Device, 7, sequence, sequence, batch.Class, batch.Count, 0),
                    plaintext.WrittenSpan, target);
                sent.Add(target.WrittenSpan.ToArray());
                if (sent.Count % 10 == 0)
                    sent.Add(sent[^1]);
            }
        }

        sealers.ForEach(sealer => sealer.Dispose());
        return sent;
    }

    private static Rate Ingest(List<byte[]> sent, HubPrivateKey key, string file)
    {
        var opener = new BatchOpener([key]);
        using var store = HubStore.Open(new HubStoreOptions { Path = file }, TimeProvider.System);
        var plaintext = new ArrayBufferWriter<byte>();
        var group = new List<Received>();
        var (stored, again) = (0L, 0);
        var meter = new Meter();
        foreach (var sealedBytes in sent)
        {
            plaintext.ResetWrittenCount();
            if (opener.Open(sealedBytes, plaintext) is not OpenResult.Opened opened)
                throw new BenchmarkException("a batch did not open");
            group.Add(new ReceivedBatch(
                opened.Tenant, opened.Header, BatchCodec.Decode(plaintext.WrittenSpan), sealedBytes.Length,
                BinaryPrimitives.ReadUInt64LittleEndian(sealedBytes.AsSpan()[^sizeof(ulong)..])));
            if (group.Count == BatchesAtOnce)
                Store();
        }

        Store();
        var rate = meter.Stop(stored);
        const long Sent = (long)Devices * BatchesPerDevice * MadeReadings.ReadingsPerBatch;
        if (stored != Sent || again != sent.Count - (Devices * BatchesPerDevice)
            || store.Devices(Tenant).Sum(device => device.Records) != Sent)
            throw new BenchmarkException($"{stored} readings were stored and {again} batches known, {Sent} were sent");
        return rate;

        void Store()
        {
            var outcomes = store.Ingest(group);
            for (var i = 0; i < outcomes.Length; i++)
            {
                if (outcomes[i] is IngestOutcome.Stored)
                    stored += ((ReceivedBatch)group[i]).Records.Count;
                else
                    again++;
            }

            group.Clear();
        }
    }

    private static Rate Plain(MadeReadings made, string file)
    {
        using var table = new PlainRows(file);
        var inserted = 0L;
        var meter = new Meter();
        for (var index = 0; index < BatchesPerDevice * Devices / 4; index++)
        {
            foreach (var (channel, time, value) in made.Rows(index))
            {
                if (inserted++ % RowsPerCommit == 0)
                    table.Execute(inserted == 1 ? "BEGIN" : "COMMIT; BEGIN");
                table.Insert(channel, time, value);
            }
        }

        table.Execute("COMMIT");
        return meter.Stop(inserted);
    }
}
