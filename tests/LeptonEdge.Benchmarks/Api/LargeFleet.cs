using System.Diagnostics;
using Google.Protobuf;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Storage.Hubs;

namespace LeptonEdge.Benchmarks.Api;

/// <summary>A store of 10,000 devices and 100 million readings, made by the store's own ways of writing: 19 devices have a
/// year at one reading every 6 s, the others some recent ones. It is made once and kept.</summary>
internal static class LargeFleet
{
    public const int Devices = 10_000;
    public const int LongDevices = 19;
    public const string Channel = "oil.temperature";
    public const long StepMicros = 6_000_000;
    private const int YearReadings = 5_256_000;
    private const int BatchReadings = 52_560;
    private const int ShortReadings = 20;
    private const long EndMicros = 1_790_000_000_000_000;

    public static long BeginMicros => EndMicros - (YearReadings * StepMicros);

    public static long ToMicros => EndMicros;

    public static long Readings => ((long)LongDevices * YearReadings) + ((Devices - LongDevices) * (long)ShortReadings);

    public static string NameOf(int device) => $"device-{device:00000}";

    /// <returns>Seconds that it took; 0 where it was there.</returns>
    public static double Make(string folder)
    {
        var data = Directory.CreateDirectory(Path.Combine(folder, "data")).FullName;
        var done = Path.Combine(folder, "complete");
        if (File.Exists(done))
            return 0;
        foreach (var old in Directory.GetFiles(data, "hub.db*"))
            File.Delete(old);
        var watch = Stopwatch.StartNew();
        using (var store = HubStore.Open(
            new HubStoreOptions { Path = Path.Combine(data, "hub.db"), CacheKiB = 256 * 1024 }, TimeProvider.System))
        {
            for (var device = 0; device < Devices; device++)
                store.PutReported(new TenantId(HubProcess.Tenant), new DeviceId(NameOf(device)), Report(device).ToByteArray());
            for (var device = 0; device < LongDevices; device++)
            {
                WriteYear(store, device);
                Console.Error.Write($"\r  {device + 1} of {LongDevices} years of readings, {watch.Elapsed.TotalSeconds:0} s ");
            }

            foreach (var devices in Enumerable.Range(LongDevices, Devices - LongDevices).Chunk(500))
                store.Ingest([.. devices.Select(device => Batch(device, 1, EndMicros - (ShortReadings * StepMicros), ShortReadings))]);
            while (store.WriteCharts(all: true))
            {
            }
        }

        File.WriteAllText(done, "");
        Console.Error.WriteLine($"\r  made {Readings:N0} readings of {Devices:N0} devices in {watch.Elapsed.TotalSeconds:0} s");
        return watch.Elapsed.TotalSeconds;
    }

    public static double Value(int device, int number) =>
        Math.Round(60 + (10 * Math.Sin((number + device) / 14400.0 * Math.Tau)) + (number * 7919 % 100 / 100.0), 2);

    private static void WriteYear(HubStore store, int device)
    {
        const int AtOnce = 5;
        var batches = YearReadings / BatchReadings;
        for (var first = 0; first < batches; first += AtOnce)
        {
            store.Ingest([.. Enumerable.Range(first, Math.Min(AtOnce, batches - first)).Select(batch => Batch(
                device, batch + 1, BeginMicros + (batch * (long)BatchReadings * StepMicros), BatchReadings))]);
            // As the hub does beside its ingest: what is open is kept small.
            while (store.WriteCharts(all: true))
            {
            }
        }
    }

    private static Received Batch(int device, int sequence, long start, int count)
    {
        var batch = new RecordBatch(RecordClass.Telemetry);
        var channel = new ChannelName(Channel);
        for (var i = 0; i < count; i++)
            batch.AddReading(channel, start + (i * StepMicros), Value(device, i + (sequence * count)));
        return new ReceivedBatch(
            new TenantId(HubProcess.Tenant),
            new BatchHeader(
                new DeviceId(NameOf(device)), 1, (ulong)sequence, (ulong)sequence, RecordClass.Telemetry, count, start),
            batch, count * 3);
    }

    private static ReportedState Report(int number)
    {
        var state = new ReportedState
        {
            AgentVersion = "0.1.0", Board = number % 3 == 0 ? "jetson-orin-nano" : "raspberry-pi-5",
            Site = $"site-{number % 40:00}", Cores = 4, CpuLoad = number % 100 / 100.0, MemoryBytes = 8ul << 30,
            MemoryUsedBytes = 2ul << 30, LaneUtilisation = number % 50 / 50.0, StartedMicros = BeginMicros,
            Backlog = new Backlog { Records = (ulong)(number % 500) },
        };
        state.Channels.Add(new ReportedChannel { Channel = Channel, Source = "adc", Unit = "°C", ReadingsPerSecond = 0.03 });
        return state;
    }
}
