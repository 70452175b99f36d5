using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;

namespace LeptonEdge.Benchmarks.Api;

/// <summary>The hub's API over a large fleet: device list, one device, newest readings and a chart of a year, in turns and at
/// a steady rate; beside Kestrel alone with the same answers, and the chart beside plain SQLite rows.</summary>
internal sealed class ApiBenchmark : IBenchmark
{
    private const int PerSecond = 500;
    private static readonly string[] Kinds = ["device list", "device", "latest readings", "one-year chart"];

    public string Name => "api";

    public string Summary =>
        "answers of the API with 10,000 devices and 100 million readings, at 500 requests/s "
        + "[--rounds N, 5] [--seconds N, 10] [--folder DIR for the store, which is made once and kept]";

    public async Task<IReadOnlyList<Figure>> RunAsync(string[] args)
    {
        var rounds = Option(args, "--rounds", 5);
        var seconds = Option(args, "--seconds", 10);
        var at = Array.IndexOf(args, "--folder");
        var folder = at >= 0 && at + 1 < args.Length
            ? args[at + 1]
            : Path.Combine(Path.GetTempPath(), "lepton-api-benchmark");
        var made = LargeFleet.Make(folder);
        await using var hub = await HubProcess.StartAsync(folder);
        using var client = hub.Client();
        var samples = await SamplesAsync(client);
        var (peer, peerClient) = await BarePeer.StartAsync(context =>
            context.Response.Body.WriteAsync(samples[int.Parse(context.Request.Path.Value.AsSpan(1), CultureInfo.InvariantCulture)])
                .AsTask());
        await using var running = peer;
        using var bare = peerClient;
        await OpenLoad.RunAsync(client, Path4, PerSecond, 10);
        await OpenLoad.RunAsync(bare, number => $"/{number % Kinds.Length}", PerSecond, 3);
        var ours = new List<double[]>();
        var theirs = new List<double[]>();
        for (var round = 1; round <= rounds; round++)
        {
            ours.Add(await OpenLoad.RunAsync(client, Path4, PerSecond, seconds));
            theirs.Add(await OpenLoad.RunAsync(bare, number => $"/{number % Kinds.Length}", PerSecond, seconds));
            Console.Error.WriteLine(
                $"  round {round} of {rounds}: p99 {OpenLoad.Percentile(ours[^1], 0.99):0.0} ms, "
                + $"Kestrel alone {OpenLoad.Percentile(theirs[^1], 0.99):0.0} ms");
        }

        var figures = new List<Figure>
        {
            Compare($"p99 at {PerSecond} requests/s, all kinds", ours, theirs, null, 50),
        };
        for (var kind = 0; kind < Kinds.Length; kind++)
            figures.Add(Compare($"p99 of {Kinds[kind]}", ours, theirs, kind, 50));
        figures.AddRange(await ChartAsync(client, Math.Max(rounds, 5)));
        figures.Add(new Figure("readings in the store", LargeFleet.Readings, "readings"));
        figures.Add(new Figure("hub's memory (PSS)", hub.ProportionalBytes() / 1048576.0, "MiB"));
        if (made > 0)
            figures.Add(new Figure("time to make the store", made, "s"));
        return figures;
    }

    private static string Path4(int number) => (number % Kinds.Length) switch
    {
        0 => number % 8 == 0 ? "api/v1/devices?limit=100" : "api/v1/devices?limit=100&sort=-cpuLoad&site=site-07",
        1 => $"api/v1/devices/{LargeFleet.NameOf(number * 31 % LargeFleet.Devices)}",
        2 => "api/v1/readings/latest?channel=" + string.Join(',', Enumerable.Range(0, 50).Select(i =>
            $"{LargeFleet.NameOf((number + (i * 199)) % LargeFleet.Devices)}/{LargeFleet.Channel}")),
        _ => Chart(number / Kinds.Length % LargeFleet.LongDevices),
    };

    private static string Chart(int device) => string.Create(
        CultureInfo.InvariantCulture,
        $"api/v1/devices/{LargeFleet.NameOf(device)}/channels/{LargeFleet.Channel}/readings?from={LargeFleet.BeginMicros}&to={LargeFleet.ToMicros}&points=400");

    private static async Task<byte[][]> SamplesAsync(HttpClient client)
    {
        var samples = new byte[Kinds.Length][];
        for (var kind = 0; kind < Kinds.Length; kind++)
            samples[kind] = await client.GetByteArrayAsync(Path4(kind));
        return samples;
    }

    private static Figure Compare(string name, List<double[]> ours, List<double[]> theirs, int? kind, double asked)
    {
        double P99(double[] times) => OpenLoad.Percentile(
            kind is { } one ? times.Where((_, number) => number % Kinds.Length == one) : times, 0.99);

        var (value, peer) = (Statistics.Median(ours.Select(P99)), Statistics.Median(theirs.Select(P99)));
        return Figure.AtMost(name, value, "ms", asked) with
        {
            Peer = "Kestrel alone, same bytes", PeerValue = peer, Ratio = value / peer,
        };
    }

    private static async Task<IReadOnlyList<Figure>> ChartAsync(HttpClient client, int rounds)
    {
        using var plain = new PlainYear();
        var (ours, theirs) = (new List<double>(), new List<double>());
        for (var round = 0; round <= rounds; round++)
        {
            var clock = Stopwatch.StartNew();
            await client.GetByteArrayAsync(Chart(round));
            var mine = clock.Elapsed.TotalMilliseconds;
            clock.Restart();
            plain.Chart();
            if (round == 0)
                continue;
            ours.Add(mine);
            theirs.Add(clock.Elapsed.TotalMilliseconds);
        }

        var (value, peer) = (Statistics.Median(ours), Statistics.Median(theirs));
        return
        [
            Figure.AtMost("one-year chart, asked alone", value, "ms", 100) with
            {
                Peer = "plain SQLite rows, one channel", PeerValue = peer, Ratio = value / peer,
            },
        ];
    }

    private static int Option(string[] args, string name, int standard)
    {
        var at = Array.IndexOf(args, name);
        return at >= 0 && at + 1 < args.Length && int.TryParse(args[at + 1], out var value) ? value : standard;
    }
}
