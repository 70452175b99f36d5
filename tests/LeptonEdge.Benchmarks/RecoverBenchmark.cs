using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Batches;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Outboxes;

namespace LeptonEdge.Benchmarks;

/// <summary>An agent with a large backlog, killed while it appends: how soon it is ready again, how soon its outbox is,
/// and how fast the backlog drains into a hub's store.</summary>
/// <remarks>The agent is the real one, offline, on a simulated bearing of which every sample is uploaded: 12,000
/// readings/s, the live rate that the drain is held against. Ready means that it says so: sensors deliver, records are
/// appended.</remarks>
internal sealed class RecoverBenchmark : IBenchmark
{
    private const double LiveReadingsPerSecond = 12_000;
    private const int ReadingsPerBatch = 4096;
    private const int BatchesAtOnce = 64;
    private const int DrainBatches = 1024;
    private static readonly TenantId Tenant = new("benchmark");
    private static readonly DeviceId Device = new("edge-press");
    // Of the log, while the agent appends: enough that its next start has to read some of it.
    private const int GrowthBytes = 64 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public string Name => "recover";

    public string Summary =>
        "time to ready after SIGKILL with a large backlog, and its drain [--rounds N, 5] [--mebibytes M, 1024] "
        + "[--folder DIR]";

    public async Task<IReadOnlyList<Figure>> RunAsync(string[] args)
    {
        var options = Options.Parse(args);
        using var key = HubPrivateKey.Generate();
        var folder = Directory.CreateDirectory(
            Path.Combine(options.Folder, $"lepton-recover-{Environment.ProcessId}"));
        try
        {
            var outbox = await PrepareAsync(folder.FullName, key, options.Mebibytes);
            var (agent, open, drain) = (new List<double>(), new List<double>(), new List<double>());
            for (var i = 0; i < options.Rounds; i++)
            {
                // The first start finds a file that was closed well: it is not counted.
                await KillWhileAppendingAsync(folder.FullName);
                agent.Add(await KillWhileAppendingAsync(folder.FullName));
                open.Add(TimeToFirstAppend(outbox));
                drain.Add(Drain(outbox, Path.Combine(folder.FullName, "hub.db"), key));
                Console.Error.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"  round {i + 1} of {options.Rounds}: agent ready {agent[^1]:0.00} s, outbox {open[^1] * 1000:0} ms, "
                    + $"drain {drain[^1]:#,0} readings/s"));
            }

            return
            [
                Figure.AtMost(
                    $"process start to ready, {options.Mebibytes} MiB backlog", Statistics.Median(agent), "s", 2),
                new Figure("outbox opened and appended to", Statistics.Median(open) * 1000, "ms"),
                Figure.RatioAtLeast("backlog drained into the hub's store", Statistics.Median(drain), "readings/s",
                    "live rate: one vibration sensor, every sample", LiveReadingsPerSecond, 10),
            ];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static OutboxOptions OutboxAt(string path) => new()
    {
        Path = path,
        BytesMax = 4L << 30,
        SealGap = (_, _, _, _, _) => throw new BenchmarkException("the outbox is full"),
    };

    /// <summary>An agent's folder with an outbox that holds so much.</summary>
    private static async Task<string> PrepareAsync(string folder, HubPrivateKey key, int mebibytes)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "hub.pub"), key.Public.ToPem());
        await File.WriteAllTextAsync(Path.Combine(folder, "agent.yaml"), $$"""
            tenant: benchmark
            device: edge-press
            identity: { hub_key: hub.pub }
            data_dir: state
            models_dir: {{AgentProcess.Shipped}}/models
            outbox: { bytes_max: 4GiB }
            sensors:
              - { driver: simulated-bearing, channel: drive-end }
            channels:
              - { match: drive-end, upload: everything }
            workloads:
              - { file: {{AgentProcess.Shipped}}/workloads/bearing.yaml, channel: drive-end }
            """);
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "state")).FullName, "outbox.db");
        using var sealer = new BatchSealer(key.Public, Tenant, Device);
        using var outbox = Outbox.Open(OutboxAt(path), TimeProvider.System);
        var plaintexts = Enumerable.Range(0, 16).Select(Vibration).ToArray();
        var group = new PendingBatch[BatchesAtOnce];
        for (var i = 0; i < group.Length; i++)
        {
            var plaintext = plaintexts[i % plaintexts.Length];
            group[i] = new PendingBatch(RecordClass.Telemetry, ReadingsPerBatch, (first, sequence, target) => sealer.Seal(
                new BatchHeader(
                    Device, outbox.Epoch, first, sequence, RecordClass.Telemetry, ReadingsPerBatch, 0),
                plaintext, target));
        }

        while (outbox.Backlog.Bytes < mebibytes * 1024L * 1024)
            outbox.Append(group);
        Console.Error.WriteLine($"  prepared: {outbox.Backlog}");
        return path;
    }

    /// <summary>A third of a second of one sensor, encoded.</summary>
    private static byte[] Vibration(int seed)
    {
        var random = new Random(seed);
        var batch = new RecordBatch(RecordClass.Telemetry);
        for (var i = 0; i < ReadingsPerBatch; i++)
            batch.AddReading(
                new ChannelName("drive-end"), (seed * 341_333L) + (i * 1_000_000L / 12_000),
                (float)(Math.Sin(i / 9.0) + random.NextDouble()));
        var plaintext = new ArrayBufferWriter<byte>();
        BatchCodec.Encode(batch, plaintext);
        return plaintext.WrittenSpan.ToArray();
    }

    /// <returns>Seconds from process start to ready.</returns>
    private static async Task<double> KillWhileAppendingAsync(string folder)
    {
        var log = new FileInfo(Path.Combine(folder, "state", "outbox.db-wal"));
        var clock = Stopwatch.StartNew();
        using var agent = AgentProcess.Start(Path.Combine(folder, "agent.yaml"));
        await AgentProcess.WaitForAsync(agent, AgentProcess.ReadyText, Patience);
        var ready = clock.Elapsed.TotalSeconds;
        // What it appends from now on goes to the log, which the next start has to read.
        var before = log.Exists ? log.Length : 0;
        try
        {
            while (!log.Exists || log.Length <= before + GrowthBytes)
            {
                if (clock.Elapsed > Patience)
                    throw new BenchmarkException(
                        $"the agent appended less than {GrowthBytes} bytes within {Patience.TotalSeconds} s");
                await Task.Delay(20);
                log.Refresh();
            }
        }
        finally
        {
            agent.Kill();
            await agent.WaitForExitAsync();
        }

        return ready;
    }

    private static double TimeToFirstAppend(string path)
    {
        var clock = Stopwatch.StartNew();
        using var outbox = Outbox.Open(OutboxAt(path), TimeProvider.System);
        outbox.Append(RecordClass.Event, 1, (_, _, target) => target.Advance(target.GetSpan(100)[..100].Length));
        var seconds = clock.Elapsed.TotalSeconds;
        return outbox.SetAside is null ? seconds : throw new BenchmarkException("the outbox was damaged");
    }

    /// <returns>Readings per second through reading, opening, storing and trimming.</returns>
    private static double Drain(string path, string hub, HubPrivateKey key)
    {
        using var outbox = Outbox.Open(OutboxAt(path), TimeProvider.System);
        using var store = HubStore.Open(new HubStoreOptions { Path = hub }, TimeProvider.System);
        var opener = new BatchOpener([key]);
        var plaintext = new ArrayBufferWriter<byte>();
        var (batches, group) = (new List<OutboxBatch>(), new List<Received>());
        var readings = 0L;
        var clock = Stopwatch.StartNew();
        for (var drained = 0; drained < DrainBatches; drained += batches.Count)
        {
            batches.Clear();
            group.Clear();
            if (outbox.ReadAfter(outbox.ReceiptedThrough, BatchesAtOnce, 8 * 1024 * 1024, batches) == 0)
                throw new BenchmarkException("the backlog is too small for this many rounds");
            foreach (var batch in batches)
            {
                plaintext.ResetWrittenCount();
                if (opener.Open(batch.Sealed, plaintext) is not OpenResult.Opened opened)
                    throw new BenchmarkException($"batch {batch.Sequence} did not open");
                group.Add(new ReceivedBatch(
                    opened.Tenant, opened.Header, BatchCodec.Decode(plaintext.WrittenSpan), batch.Sealed.Length,
                    batch.SealMark, batch.PreviousMark));
            }

            var last = store.Ingest(group)[^1];
            if (last is not IngestOutcome.Stored
                || outbox.Trim(batches[0].Epoch, last.Through, last.SealMark) != TrimResult.Trimmed)
                throw new BenchmarkException($"the hub answered {last}");
            readings += batches.Sum(batch => (long)batch.Records);
        }

        return readings / clock.Elapsed.TotalSeconds;
    }

    private sealed record Options(int Rounds, int Mebibytes, string Folder)
    {
        public static Options Parse(string[] args)
        {
            var options = new Options(5, 1024, Path.GetTempPath());
            for (var i = 0; i < args.Length; i += 2)
            {
                var value = i + 1 < args.Length ? args[i + 1] : "";
                var number = int.TryParse(value, out var given) ? given : 0;
                options = args[i] switch
                {
                    "--rounds" when number is >= 5 and <= 100 => options with { Rounds = number },
                    "--mebibytes" when number is >= 256 and <= 3072 => options with { Mebibytes = number },
                    "--folder" when Directory.Exists(value) => options with { Folder = value },
                    _ => throw new BenchmarkException(
                        "options: --rounds 5 to 100, --mebibytes 256 to 3072, --folder DIR on the disk to measure"),
                };
            }

            return options;
        }
    }
}
