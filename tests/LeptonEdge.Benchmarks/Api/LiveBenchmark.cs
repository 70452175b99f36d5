using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using LeptonEdge.Core;
using LeptonEdge.Hub.Trust;
using LeptonEdge.Core.Identity;
using Microsoft.AspNetCore.Http;

namespace LeptonEdge.Benchmarks.Api;

/// <summary>Values on their way to many open pages: from a device's reading over its outbox, TLS and MQTT, the hub's store
/// and its stream of events to each page; beside Kestrel alone, which sends the same bytes as often.</summary>
internal sealed class LiveBenchmark : IBenchmark
{
    private const int Pages = 200;
    private const int Devices = 10;
    private const int ChannelsOfEach = 10;
    private const int ChannelsOfPage = 50;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    public string Name => "live";

    public string Summary =>
        "200 pages that follow 50 live channels each: how old a value is when it comes [--rounds N, 5] [--seconds N, 10]";

    public async Task<IReadOnlyList<Figure>> RunAsync(string[] args)
    {
        var (rounds, seconds) = (Option(args, "--rounds", 5), Option(args, "--seconds", 10));
        var folder = Directory.CreateTempSubdirectory("lepton-live-");
        try
        {
            var data = folder.CreateSubdirectory("data").FullName;
            using (FleetAuthority.OpenOrCreate(data, new TenantId(HubProcess.Tenant)))
            {
                // Made before the hub starts, so that both issue from one.
            }

            await using var hub = await HubProcess.StartAsync(folder.FullName);
            using var client = hub.Client();
            await using var fleet = new SendingFleet(data, folder.FullName, hub.Mqtt, Devices, ChannelsOfEach);
            var channels = fleet.Channels.ToArray();
            fleet.Start(Every);
            await using var readers = new LiveReaders();
            for (var page = 0; page < Pages; page++)
            {
                var mine = Enumerable.Range(0, ChannelsOfPage).Select(i => channels[(page + i) % channels.Length]);
                readers.Open(client, "api/v1/live?channel=" + string.Join(',', mine));
            }

            await using var peer = new SseBroadcast();
            await peer.StartAsync(Pages, ChannelsOfPage);
            await readers.MeasureAsync(TimeSpan.FromSeconds(5));
            var (ours, theirs, memory) = (new List<double>(), new List<double>(), 0.0);
            var values = 0L;
            for (var round = 1; round <= rounds; round++)
            {
                var ages = await readers.MeasureAsync(TimeSpan.FromSeconds(seconds));
                values += ages.Count;
                if (ages.Count < Pages * ChannelsOfPage * seconds / 2)
                    throw new BenchmarkException($"only {ages.Count} values came in {seconds} s");
                ours.Add(OpenLoad.Percentile(ages, 0.99));
                theirs.Add(OpenLoad.Percentile(await peer.MeasureAsync(TimeSpan.FromSeconds(seconds)), 0.99));
                memory = Math.Max(memory, hub.ProportionalBytes() / 1048576.0);
                Console.Error.WriteLine(
                    $"  round {round} of {rounds}: p99 {ours[^1]:0} ms of {ages.Count} values, Kestrel alone {theirs[^1]:0.0} ms");
            }

            var (value, bare) = (Statistics.Median(ours), Statistics.Median(theirs));
            return
            [
                Figure.AtMost("p99 from reading to event", value, "ms", 250) with
                {
                    Peer = "Kestrel alone, same bytes", PeerValue = bare, Ratio = value / bare,
                },
                Figure.AtMost("hub's memory (PSS)", memory, "MiB", 500),
                new Figure("values that came to pages, per second", values / (double)(rounds * seconds), "values/s"),
            ];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static int Option(string[] args, string name, int standard)
    {
        var at = Array.IndexOf(args, name);
        return at >= 0 && at + 1 < args.Length && int.TryParse(args[at + 1], out var value) ? value : standard;
    }
}
