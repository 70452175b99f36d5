using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace LeptonEdge.Benchmarks.Mqtt;

/// <summary>A publisher and a subscriber at one broker.</summary>
internal interface IMqttPair
{
    /// <returns>Seconds from the first publish to the last message received.</returns>
    Task<double> RunAsync(int qos, int count);
}

/// <summary>Our embedded broker in a process of its own, behind Kestrel as in the hub.</summary>
internal sealed class OurBroker : IDisposable
{
    private readonly ChildProcess _process;

    private OurBroker(ChildProcess process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    public int ProcessId => _process.Id;

    public static async Task<OurBroker> StartAsync()
    {
        var process = ChildProcess.StartSelf("broker");
        var line = await process.LineWithAsync("port ");
        return new OurBroker(process, int.Parse(line[5..], CultureInfo.InvariantCulture));
    }

    public void Dispose() => _process.Dispose();
}

internal sealed class MosquittoBroker : IDisposable
{
    public const string Settings = "mosquitto: persistence false, max_inflight_messages 1000, max_queued_messages 0, "
        + "max_queued_bytes 0; mosquitto_pub -l -M 1000; both clients 3.1.1";

    private readonly string _file;

    private MosquittoBroker(ChildProcess process, int port, string file) =>
        (Process, Port, _file) = (process, port, file);

    /// <summary>Says who connects and who subscribes.</summary>
    public ChildProcess Process { get; }

    public int Port { get; }

    public static async Task<MosquittoBroker> StartAsync()
    {
        var port = FreePort();
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, $"""
            listener {port} 127.0.0.1
            allow_anonymous true
            persistence false
            max_inflight_messages 1000
            max_queued_messages 0
            max_queued_bytes 0
            log_dest stderr
            log_type notice
            log_type information
            log_type subscribe

            """);
        var process = ChildProcess.Start("mosquitto", ["-c", file], "2>&1");
        await process.LineWithAsync(" running");
        return new MosquittoBroker(process, port, file);
    }

    public void Dispose()
    {
        Process.Dispose();
        File.Delete(_file);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>Our client as publisher and as subscriber.</summary>
internal sealed class OurPair : IMqttPair, IDisposable
{
    private readonly ChildProcess _publisher;
    private readonly ChildProcess _subscriber;

    private OurPair(int port)
    {
        var at = port.ToString(CultureInfo.InvariantCulture);
        _subscriber = ChildProcess.StartSelf("subscriber", at);
        _publisher = ChildProcess.StartSelf("publisher", at);
    }

    public static async Task<OurPair> StartAsync(int port)
    {
        var pair = new OurPair(port);
        await pair._subscriber.LineWithAsync("connected");
        await pair._publisher.LineWithAsync("connected");
        return pair;
    }

    public async Task<double> RunAsync(int qos, int count)
    {
        var what = string.Create(CultureInfo.InvariantCulture, $"{qos} {count}");
        await _subscriber.TellAsync(what);
        await _subscriber.LineWithAsync("subscribed");
        var clock = Stopwatch.StartNew();
        await _publisher.TellAsync(what);
        await _subscriber.LineWithAsync("received");
        var seconds = clock.Elapsed.TotalSeconds;
        await _publisher.LineWithAsync("sent");
        return seconds;
    }

    public void Dispose()
    {
        _publisher.Dispose();
        _subscriber.Dispose();
    }
}

/// <summary>mosquitto_pub and mosquitto_sub.</summary>
internal sealed class MosquittoPair(MosquittoBroker broker) : IMqttPair
{
    private int _number;

    public async Task<double> RunAsync(int qos, int count)
    {
        var lines = MqttPayload.Lines(count);
        var number = ++_number;
        string[] common =
        [
            "-h", "127.0.0.1", "-p", $"{broker.Port}", "-t", MqttPayload.PeersTopic, "-q", $"{qos}", "-V", "mqttv311",
        ];
        using var subscriber = ChildProcess.Start(
            "mosquitto_sub", [.. common, "-i", $"sub-{number}", "-C", $"{count}"], "> /dev/null");
        await broker.Process.LineWithAsync($": sub-{number} {qos} ");
        using var publisher = ChildProcess.Start(
            "mosquitto_pub", [.. common, "-i", $"pub-{number}", "-M", "1000", "-l"], "> /dev/null");
        await broker.Process.LineWithAsync($" as pub-{number} ");
        var clock = Stopwatch.StartNew();
        await publisher.Input.WriteAsync(lines);
        publisher.Input.Close();
        await subscriber.EndsAsync();
        var seconds = clock.Elapsed.TotalSeconds;
        await publisher.EndsAsync();
        return seconds;
    }
}
