using System.Collections.Concurrent;
using LeptonEdge.Tests.Support;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace LeptonEdge.Tests.Polyfills.Mqtt;

/// <summary>The broker as a process that is killed at random moments while messages go through it.</summary>
public sealed class SessionFileKillTests
{
    private const int Rounds = 12;

    private static readonly MqttClientFactory Factory = new();

    [Fact]
    public async Task No_acknowledged_message_is_lost_and_none_of_QoS_2_comes_twice_when_the_broker_is_killed()
    {
        using var folder = new TempFolder();
        var port = Peer.FreePort();
        var random = new Random(20260722);
        using var five = new Subscriber("five", MqttProtocolVersion.V500);
        using var three = new Subscriber("three", MqttProtocolVersion.V311);
        using var writer = new Publisher("writer", MqttProtocolVersion.V500);
        using var oldWriter = new Publisher("old-writer", MqttProtocolVersion.V311);
        var repeater = new RepeatingPublisher("k/2");
        for (var round = 0; round < Rounds; round++)
        {
            using var broker = await BrokerProcess.StartAsync(port, folder.File("broker.db"));
            await five.ConnectAsync(port);
            await three.ConnectAsync(port);
            await writer.ConnectAsync(port);
            await oldWriter.ConnectAsync(port);
            using var ending = new CancellationTokenSource();
            var publishing = Task.WhenAll(
                writer.PublishAsync(ending.Token), oldWriter.PublishAsync(ending.Token),
                repeater.PublishAsync(port, () => ending.IsCancellationRequested));
            var before = writer.Acknowledged.Count + oldWriter.Acknowledged.Count;
            var until = before + random.Next(1, 400);
            await Eventually.True(
                () => writer.Acknowledged.Count + oldWriter.Acknowledged.Count >= until || publishing.IsCompleted,
                "messages are acknowledged");
            await broker.KillAsync();
            await ending.CancelAsync();
            await publishing;
        }
        using var last = await BrokerProcess.StartAsync(port, folder.File("broker.db"));
        await five.ConnectAsync(port);
        await three.ConnectAsync(port);
        var enough = repeater.Done + 1;
        await repeater.PublishAsync(port, () => repeater.Done >= enough);
        var acknowledged = writer.Acknowledged.Concat(oldWriter.Acknowledged)
            .Concat(Enumerable.Range(1, repeater.Done).Select(i => $"2/repeater/{i}")).ToList();
        Assert.True(acknowledged.Count > Rounds * 10, $"only {acknowledged.Count} messages were acknowledged");
        foreach (var subscriber in new[] { five, three })
        {
            await Eventually.True(
                () => acknowledged.All(subscriber.Received.ContainsKey), $"all come to {subscriber.Name}");
            Assert.DoesNotContain(
                subscriber.Received, r => r.Key.StartsWith("2/", StringComparison.Ordinal) && r.Value > 1);
        }
    }

    [PeerFact("mosquitto_pub", "mosquitto_sub")]
    public async Task Mosquittos_clients_lose_nothing_that_was_acknowledged_when_the_broker_is_killed()
    {
        using var folder = new TempFolder();
        var port = Peer.FreePort();
        var names = new List<string>();
        string[] session = ["-p", $"{port}", "-i", "keeper", "-c", "-q", "2", "-t", "m/#"];
        using (var first = await BrokerProcess.StartAsync(port, folder.File("broker.db")))
        {
            using var enrol = Peer.Start("mosquitto_sub", [.. session, "-E"]);
            Assert.Equal(0, await enrol.ExitAsync());
            await first.KillAsync();
        }
        for (var round = 0; round < 4; round++)
        {
            using var broker = await BrokerProcess.StartAsync(port, folder.File("broker.db"));
            for (var qos = 1; qos <= 2; qos++)
            {
                var name = $"{round}-{qos}";
                using var writer = Peer.Start(
                    "mosquitto_pub", "-p", $"{port}", "-q", $"{qos}", "-t", $"m/{qos}", "-m", name, "-V", "mqttv5");
                Assert.Equal(0, await writer.ExitAsync());
                names.Add(name);
            }
            await broker.KillAsync();
        }
        using var last = await BrokerProcess.StartAsync(port, folder.File("broker.db"));
        using var reader = Peer.Start("stdbuf", ["-oL", "mosquitto_sub", .. session]);
        await Eventually.True(() => reader.Lines.Length >= names.Count, "all messages come");
        Assert.Equal(names.Order(), reader.Lines.Order());
    }

    private static MqttClientOptions Options(int port, string name, MqttProtocolVersion version)
    {
        var options = new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithClientId(name)
            .WithProtocolVersion(version).WithCleanSession(false);
        return version == MqttProtocolVersion.V500
            ? options.WithSessionExpiryInterval(3600).Build() : options.Build();
    }

    /// <summary>A session that lives through all kills, and counts how often each message comes.</summary>
    private sealed class Subscriber(string name, MqttProtocolVersion version) : IDisposable
    {
        private readonly IMqttClient _client = Factory.CreateMqttClient();
        private bool _isKnown;

        public string Name => name;

        public ConcurrentDictionary<string, int> Received { get; } = new();

        public async Task ConnectAsync(int port)
        {
            await Eventually.True(() => !_client.IsConnected, "the client knows that the broker is gone");
            var result = await _client.ConnectAsync(Options(port, name, version));
            Assert.Equal(_isKnown, result.IsSessionPresent);
            if (_isKnown)
                return;
            _isKnown = true;
            _client.ApplicationMessageReceivedAsync += args =>
            {
                Received.AddOrUpdate(args.ApplicationMessage.ConvertPayloadToString()!, 1, (_, count) => count + 1);
                return Task.CompletedTask;
            };
            await _client.SubscribeAsync("k/#", MqttQualityOfServiceLevel.ExactlyOnce);
        }

        public void Dispose() => _client.Dispose();
    }

    /// <summary>Publishes numbered messages of QoS 1 and 2, and remembers which were acknowledged.</summary>
    private sealed class Publisher(string name, MqttProtocolVersion version) : IDisposable
    {
        private readonly IMqttClient _client = Factory.CreateMqttClient();
        private int _number;

        public ConcurrentQueue<string> Acknowledged { get; } = new();

        public async Task ConnectAsync(int port)
        {
            await Eventually.True(() => !_client.IsConnected, "the client knows that the broker is gone");
            await _client.ConnectAsync(Options(port, name, version));
        }

        public Task PublishAsync(CancellationToken ending) =>
            Task.WhenAll(Enumerable.Range(0, 8).Select(i => PublishAsync(1 + (i % 2), ending)));

        public void Dispose() => _client.Dispose();

        private async Task PublishAsync(int qos, CancellationToken ending)
        {
            try
            {
                while (!ending.IsCancellationRequested)
                {
                    var content = $"{qos}/{name}/{Interlocked.Increment(ref _number)}";
                    var result = await _client.PublishStringAsync(
                        $"k/{qos}", content, (MqttQualityOfServiceLevel)qos, cancellationToken: ending);
                    Assert.True(result.IsSuccess, result.ReasonString);
                    Acknowledged.Enqueue(content);
                }
            }
            catch (Exception exception) when (exception is MqttCommunicationException or OperationCanceledException)
            {
                // The broker was killed: this message was not acknowledged, and may have come or not.
            }
        }
    }
}
