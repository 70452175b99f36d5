using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using LeptonEdge.Tests.Support;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace LeptonEdge.Tests.Polyfills.Mqtt;

/// <summary>Mutated streams of packets over real sockets, at a server that is a process of its own.</summary>
public sealed class FuzzTests
{
    private const int Connections = 800;
    private const long MemoryBytesMax = 400L * 1024 * 1024;

    private static readonly MqttProtocolVersion[] Versions =
        [MqttProtocolVersion.V310, MqttProtocolVersion.V311, MqttProtocolVersion.V500];

    [Fact]
    public async Task Mutated_packet_streams_hurt_neither_the_server_nor_its_other_clients()
    {
        using var folder = new TempFolder();
        var port = Peer.FreePort();
        using var broker = await BrokerProcess.StartAsync(port, folder.File("broker.db"));
        var received = new ConcurrentDictionary<string, int>();
        using var reader = await ConnectAsync(port, "reader");
        reader.ApplicationMessageReceivedAsync += args =>
        {
            received.AddOrUpdate(args.ApplicationMessage.ConvertPayloadToString()!, 1, (_, count) => count + 1);
            return Task.CompletedTask;
        };
        await reader.SubscribeAsync("bystanders/only", MqttQualityOfServiceLevel.ExactlyOnce);
        using var writer = await ConnectAsync(port, "writer");
        using var ending = new CancellationTokenSource();
        var sent = 0;
        var publishing = Task.Run(async () =>
        {
            while (!ending.IsCancellationRequested)
            {
                var qos = (MqttQualityOfServiceLevel)(1 + (sent % 2));
                Assert.True((await writer.PublishStringAsync("bystanders/only", $"{sent}", qos)).IsSuccess);
                sent++;
            }
        });
        await Parallel.ForAsync(
            0, Connections, new ParallelOptions { MaxDegreeOfParallelism = 6 },
            async (seed, _) => await AttackAsync(port, new Random(seed)));
        await ending.CancelAsync();
        await publishing;
        await Eventually.True(() => received.Count == sent, "the bystander has all its messages");
        Assert.All(received.Values, count => Assert.Equal(1, count));
        Assert.True(reader.IsConnected && writer.IsConnected, "a bystander was cut off");
        Assert.InRange(broker.MemoryBytes, 1, MemoryBytesMax);
        Assert.Empty(broker.Errors);
    }

    private static async Task<IMqttClient> ConnectAsync(int port, string name)
    {
        var client = new MqttClientFactory().CreateMqttClient();
        await client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithClientId(name)
            .WithCleanStart(false).WithSessionExpiryInterval(600).Build());
        return client;
    }

    private static async Task AttackAsync(int port, Random random)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, port);
        var stream = socket.GetStream();
        // Few names, so that sessions are taken over and resumed; most begin with a CONNECT that is accepted.
        var version = Versions[random.Next(Versions.Length)];
        var bytes = new List<byte>();
        if (random.Next(10) > 0)
            bytes.AddRange(Connect(random, version));
        for (var i = random.Next(1, 40); i > 0; i--)
        {
            var packet = CodecTests.Encode(RandomPackets.Next(random, version), version);
            if (random.Next(6) == 0)
                Mutate(packet, random);
            bytes.AddRange(packet);
        }
        var swallowing = SwallowAsync(stream);
        try
        {
            await stream.WriteAsync(bytes.ToArray());
            // Half of them leave in the middle of it, the others say that they are done.
            if (random.Next(2) == 0)
                socket.Client.Shutdown(SocketShutdown.Send);
            else
                socket.Close();
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            // The server has closed already.
        }
        await swallowing;
    }

    private static byte[] Connect(Random random, MqttProtocolVersion version)
    {
        var packet = new MqttConnectPacket
        {
            ProtocolVersion = version,
            ClientId = $"attacker{random.Next(20)}",
            CleanSession = random.Next(2) == 0,
            KeepAlivePeriod = 60,
        };
        if (version == MqttProtocolVersion.V500)
            packet.Properties = new MqttProperties()
                .Add(MqttPropertyId.SessionExpiryInterval, (uint)random.Next(3))
                .Add(MqttPropertyId.ReceiveMaximum, (uint)random.Next(1, 20))
                .Add(MqttPropertyId.TopicAliasMaximum, (uint)random.Next(4));
        return CodecTests.Encode(packet, version);
    }

    private static void Mutate(byte[] packet, Random random)
    {
        for (var i = random.Next(1, 4); i > 0; i--)
            packet[random.Next(packet.Length)] = (byte)random.Next(256);
    }

    private static async Task SwallowAsync(NetworkStream stream)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        var bytes = new byte[4096];
        try
        {
            while (await stream.ReadAsync(bytes, limit.Token) > 0)
            {
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // Closed, by whichever side.
        }
    }
}
