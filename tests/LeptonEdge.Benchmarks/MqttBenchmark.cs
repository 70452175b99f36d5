using System.Globalization;
using LeptonEdge.Benchmarks.Mqtt;

namespace LeptonEdge.Benchmarks;

/// <summary>Messages of 100 bytes from one publisher to one subscriber over loopback: our client and embedded broker,
/// our client with mosquitto, and mosquitto's own clients with mosquitto; and what idle clients cost the broker.</summary>
/// <remarks>
/// Broker, publisher and subscriber are one process each, for every contestant. The brokers, and our two clients, live
/// through all rounds, and the first round warms up; mosquitto's clients are written in C, start anew each time and
/// need none. Measured from the moment the connected publisher is given its messages until the subscriber has the last
/// one; every contestant has to deliver all of them (ours says so, in order; mosquitto_sub ends when it has them).
/// mosquitto gets what it was measured to be fastest with: `mosquitto_pub -l -M 1000`, both clients in 3.1.1, output to
/// /dev/null, a broker without persistence, limits on queues or logs. (mosquitto_pub 2.0.11 takes its whole input at
/// once and never ends with more than 65,535 messages of QoS 1: hence the most that can be asked for.)
/// </remarks>
internal sealed class MqttBenchmark : IBenchmark
{
    private const double IdleMiBMax = 400;
    private const string Peer = "mosquitto_pub and _sub with mosquitto";

    public string Name => "mqtt";

    public string Summary => "messages/s beside mosquitto, and the memory of idle clients "
        + "[--rounds N, 5] [--messages N, 60000] [--idle N, 10000]";

    public async Task<IReadOnlyList<Figure>> RunAsync(string[] args)
    {
        if (args is ["--child", var role, ..])
        {
            await MqttChild.RunAsync(role, args[2..]);
            return [];
        }

        var options = Options.Parse(args);
        var figures = await ThroughputAsync(options);
        if (options.Idle > 0)
            figures.AddRange(await IdleAsync(options));
        return figures;
    }

    private static async Task<List<Figure>> ThroughputAsync(Options options)
    {
        using var mosquitto = await MosquittoBroker.StartAsync();
        using var ours = await OurBroker.StartAsync();
        using var ourPair = await OurPair.StartAsync(ours.Port);
        using var mixedPair = await OurPair.StartAsync(mosquitto.Port);
        IMqttPair[] pairs = [ourPair, mixedPair, new MosquittoPair(mosquitto)];
        Console.Error.WriteLine($"  {MosquittoBroker.Settings}");
        Console.Error.WriteLine(
            $"  messages of {MqttPayload.Bytes} bytes: {options.Messages} of QoS 1, {options.Messages * 3} of QoS 0");
        var rates = new List<double>[pairs.Length, 2];
        for (var round = 0; round <= options.Rounds; round++)
        {
            for (var turn = 0; turn < pairs.Length * 2; turn++)
            {
                // Each is first in turn: what else the machine does meets all.
                var (which, qos) = ((round + turn) % pairs.Length, turn / pairs.Length);
                var count = qos == 0 ? options.Messages * 3 : options.Messages;
                var seconds = await pairs[which].RunAsync(qos, count);
                if (round > 0)
                    (rates[which, qos] ??= []).Add(count / seconds);
            }

            if (round > 0)
                Console.Error.WriteLine($"  round {round} of {options.Rounds}: {Line(rates)}");
        }

        return
        [
            Figure.RatioAtLeast("QoS 1, our client and broker", Median(0, 1), "messages/s", Peer, Median(2, 1), 1),
            new Figure("QoS 1, our client with mosquitto", Median(1, 1), "messages/s", Peer, Median(2, 1),
                Median(1, 1) / Median(2, 1)),
            new Figure("QoS 0, our client and broker", Median(0, 0), "messages/s", Peer, Median(2, 0),
                Median(0, 0) / Median(2, 0)),
            new Figure("QoS 0, our client with mosquitto", Median(1, 0), "messages/s", Peer, Median(2, 0),
                Median(1, 0) / Median(2, 0)),
        ];

        double Median(int which, int qos) => Statistics.Median(rates[which, qos]);
    }

    private static string Line(List<double>[,] rates) => string.Join(", ", new[] { 0, 1 }.Select(qos =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"QoS {qos}: {rates[0, qos][^1]:#,0} ours, {rates[1, qos][^1]:#,0} mixed, "
            + $"{rates[2, qos][^1]:#,0} mosquitto")));

    private static async Task<List<Figure>> IdleAsync(Options options)
    {
        var runs = new List<IdleRun>();
        for (var round = 1; round <= options.Rounds; round++)
        {
            using var broker = await OurBroker.StartAsync();
            runs.Add(await IdleClients.MeasureAsync(broker, options.Idle));
            Console.Error.WriteLine($"  idle round {round} of {options.Rounds}: {runs[^1]}");
        }

        var clients = options.Idle.ToString("#,0", CultureInfo.InvariantCulture);
        return
        [
            Figure.AtMost($"{clients} idle clients, broker RSS", Median(run => run.RssMiB), "MiB", IdleMiBMax),
            new Figure($"{clients} idle clients, broker PSS", Median(run => run.PssMiB), "MiB"),
            new Figure("one idle client", Median(run => run.KiBPerClient), "KiB"),
        ];

        double Median(Func<IdleRun, double> of) => Statistics.Median(runs.Select(of));
    }

    private sealed record Options(int Rounds, int Messages, int Idle)
    {
        public static Options Parse(string[] args)
        {
            var options = new Options(5, 60_000, 10_000);
            for (var i = 0; i < args.Length; i += 2)
            {
                var number = i + 1 < args.Length && int.TryParse(args[i + 1], out var given) ? given : -1;
                options = args[i] switch
                {
                    "--rounds" when number is >= 1 and <= 100 => options with { Rounds = number },
                    "--messages" when number is >= 1000 and <= 65_000 => options with { Messages = number },
                    "--idle" when number is >= 0 and <= 15_000 => options with { Idle = number },
                    _ => throw new BenchmarkException(
                        "options: --rounds 1 to 100, --messages 1000 to 65000, --idle 0 (not at all) to 15000"),
                };
            }

            return options;
        }
    }
}
