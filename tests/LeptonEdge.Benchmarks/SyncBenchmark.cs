using System.Diagnostics;
using System.Globalization;
using LeptonEdge.Benchmarks.Mqtt;

namespace LeptonEdge.Benchmarks;

/// <summary>The whole line at full speed: from the device's outbox over a broker into the hub's store, and back with the
/// receipt until the outbox is trimmed; through mosquitto and through our embedded broker; beside one QoS 1 message for each
/// reading over the same broker.</summary>
/// <remarks>
/// The outbox is filled before the clock starts; it stops when the last batch is trimmed, and then the store must hold
/// every reading once. Device and hub are one process, the broker another; all share the machine's cores. Both files are
/// on the disk with synchronous=FULL. The peer publishes a reading of 100 bytes for each message, many in flight, to a
/// subscriber that only counts them: it seals nothing and stores nothing. What is asked is asked beside mosquitto, the
/// broker that people have; our own, which passes several times as many messages on, stands beside it.
/// With --minutes the line runs on under a steady load, and the figures are how its memory changes.
/// </remarks>
internal sealed class SyncBenchmark : IBenchmark
{
    private const double ReadingsMin = 1_000_000;
    private const double RatioMin = 50;
    private const string Peer = "one QoS 1 message per reading, mosquitto";
    private const string OurPeer = "one QoS 1 message per reading, our broker";

    public string Name => "sync";

    public string Summary => "readings/s from outbox to store and back to the trim, beside one message per reading "
        + "[--rounds N, 5] [--batches N, 2000] [--minutes M: memory under steady load]";

    public async Task<IReadOnlyList<Figure>> RunAsync(string[] args)
    {
        var options = Options.Parse(args);
        using var mosquitto = await MosquittoBroker.StartAsync();
        using var ours = await OurBroker.StartAsync();
        return options.Minutes > 0
            ? await SyncEndurance.RunAsync(ours.Port, TimeSpan.FromMinutes(options.Minutes))
            : await ThroughputAsync(options, mosquitto.Port, ours.Port);
    }

    private static async Task<IReadOnlyList<Figure>> ThroughputAsync(Options options, int mosquittoPort, int ourPort)
    {
        var made = new MadeReadings(64);
        int[] ports = [ourPort, mosquittoPort];
        List<double>[] lines = [[], []];
        List<double>[] peers = [[], []];
        using var ourPair = await OurPair.StartAsync(ourPort);
        using var mosquittoPair = await OurPair.StartAsync(mosquittoPort);
        OurPair[] pairs = [ourPair, mosquittoPair];
        for (var round = 0; round <= options.Rounds; round++)
        {
            for (var turn = 0; turn < 2; turn++)
            {
                // Each is first in turn: what else the machine does meets both.
                var which = (round + turn) % 2;
                var line = await DrainAsync(made, ports[which], options.Batches);
                var messages = options.Messages / await pairs[which].RunAsync(1, options.Messages);
                if (round == 0)
                    continue;
                lines[which].Add(line);
                peers[which].Add(messages);
            }

            if (round > 0)
                Console.Error.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"  round {round} of {options.Rounds}: embedded broker {lines[0][^1]:#,0} and {peers[0][^1]:#,0}/s, "
                    + $"mosquitto {lines[1][^1]:#,0} and {peers[1][^1]:#,0}/s"));
        }

        return [.. Figures("through the embedded broker", 0), .. Figures("through mosquitto", 1)];

        IEnumerable<Figure> Figures(string name, int which)
        {
            var rate = Statistics.Median(lines[which]);
            var (ourPeer, peer) = (Statistics.Median(peers[0]), Statistics.Median(peers[1]));
            yield return Figure.AtLeast(name, rate, "readings/s", ReadingsMin);
            yield return Figure.RatioAtLeast($"{name}, to messages", rate, "readings/s", Peer, peer, RatioMin);
            yield return new Figure($"{name}, to messages", rate, "readings/s", OurPeer, ourPeer, rate / ourPeer);
        }
    }

    private static async Task<double> DrainAsync(MadeReadings made, int port, int batches)
    {
        using var line = new SyncLine(port);
        for (var i = 0; i < batches; i++)
            line.Append(made.Batch(i));
        var clock = Stopwatch.StartNew();
        await using (line.Run())
            await line.DrainedAsync();
        var seconds = clock.Elapsed.TotalSeconds;
        line.CheckStored((long)batches * MadeReadings.ReadingsPerBatch);
        return (double)batches * MadeReadings.ReadingsPerBatch / seconds;
    }

    private sealed record Options(int Rounds, int Batches, int Messages, int Minutes)
    {
        public static Options Parse(string[] args)
        {
            var options = new Options(5, 2_000, 40_000, 0);
            for (var i = 0; i < args.Length; i += 2)
            {
                var number = i + 1 < args.Length && int.TryParse(args[i + 1], out var given) ? given : 0;
                options = args[i] switch
                {
                    "--rounds" when number is >= 5 and <= 100 => options with { Rounds = number },
                    "--batches" when number is >= 100 and <= 100_000 => options with { Batches = number },
                    "--minutes" when number is >= 1 and <= 600 => options with { Minutes = number },
                    _ => throw new BenchmarkException(
                        "options: --rounds 5 to 100, --batches 100 to 100000, --minutes 1 to 600"),
                };
            }

            return options;
        }
    }
}
