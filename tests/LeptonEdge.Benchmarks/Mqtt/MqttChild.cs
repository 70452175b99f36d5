using System.Buffers;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.AspNetCore;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace LeptonEdge.Benchmarks.Mqtt;

/// <summary>The roles that this executable plays in processes of their own; they end with their input.</summary>
internal static class MqttChild
{
    // As much as is on its way at once: mosquitto_pub's -M.
    private const int InFlightMax = 1000;

    public static Task RunAsync(string role, string[] args) => role switch
    {
        "broker" => BrokerAsync(),
        "publisher" => PublisherAsync(int.Parse(args[0], CultureInfo.InvariantCulture)),
        "subscriber" => SubscriberAsync(int.Parse(args[0], CultureInfo.InvariantCulture)),
        _ => throw new BenchmarkException($"no role '{role}'"),
    };

    private static async Task BrokerAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseMqtt()));
        // The subscriber may lag behind the publisher by all of a run, as mosquitto's max_queued_messages 0 allows.
        builder.Services.AddMqttServer(server => server.WithMaxPendingMessagesPerClient(1_000_000));
        await using var app = builder.Build();
        app.UseMqttServer(server => server.ValidatingConnectionAsync += args =>
        {
            args.SessionItems["identity"] = args.ClientId;
            return Task.CompletedTask;
        });
        await app.StartAsync();
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        Console.WriteLine($"port {new Uri(addresses.Addresses.First()).Port}");
        while (await Console.In.ReadLineAsync() is not null)
        {
        }
    }

    private static async Task PublisherAsync(int port)
    {
        using var client = await ConnectAsync(port, "publisher");
        var outstanding = new Task<MqttClientPublishResult>[InFlightMax];
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var (qos, count) = Command(line);
            for (var i = 0; i < count + InFlightMax; i++)
            {
                ref var place = ref outstanding[i % InFlightMax];
                if (place is not null && !(await place).IsSuccess)
                    throw new BenchmarkException($"error: message {i - InFlightMax} was refused");
                outstanding[i % InFlightMax] = i < count ? client.PublishAsync(Message(qos, i)) : null!;
            }

            Console.WriteLine($"sent {count}");
        }
    }

    private static async Task SubscriberAsync(int port)
    {
        using var client = await ConnectAsync(port, "subscriber");
        var (next, expected) = (0, 0);
        client.ApplicationMessageReceivedAsync += args =>
        {
            var number = MqttPayload.Number(args.ApplicationMessage.Payload.IsSingleSegment
                ? args.ApplicationMessage.Payload.FirstSpan : args.ApplicationMessage.Payload.ToArray());
            if (number != next)
                Console.WriteLine($"error: message {number} came where {next} was due");
            if (++next == expected)
                Console.WriteLine($"received {next}");
            return Task.CompletedTask;
        };
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var (qos, count) = Command(line);
            (next, expected) = (0, count);
            await client.SubscribeAsync(MqttPayload.Topic, (MqttQualityOfServiceLevel)qos);
            Console.WriteLine("subscribed");
        }
    }

    private static async Task<IMqttClient> ConnectAsync(int port, string name)
    {
        var client = new MqttClientFactory().CreateMqttClient();
        await client.ConnectAsync(new MqttClientOptionsBuilder()
            .WithTcpServer("127.0.0.1", port).WithClientId(name)
            .WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V500).Build());
        Console.WriteLine("connected");
        return client;
    }

    private static (int Qos, int Count) Command(string line)
    {
        var parts = line.Split(' ');
        return (int.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture));
    }

    private static MqttApplicationMessage Message(int qos, int number) => new()
    {
        Topic = MqttPayload.Topic,
        Payload = new ReadOnlySequence<byte>(MqttPayload.Make(number)),
        QualityOfServiceLevel = (MqttQualityOfServiceLevel)qos,
    };
}
