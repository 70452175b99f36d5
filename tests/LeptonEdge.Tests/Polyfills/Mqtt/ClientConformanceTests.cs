using System.Net;
using System.Net.Sockets;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using static LeptonEdge.Tests.Polyfills.Mqtt.Wire;

namespace LeptonEdge.Tests.Polyfills.Mqtt;

/// <summary>The client and the normative statements of MQTT 5, at a server that sends what a test wants.</summary>
public sealed class ClientConformanceTests : IDisposable
{
    private static readonly MqttClientFactory Factory = new();

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly IMqttClient _client = Factory.CreateMqttClient();

    public ClientConformanceTests() => _listener.Start();

    public void Dispose()
    {
        _client.Dispose();
        _listener.Dispose();
    }

    /// <summary>MQTT-3.2.2-4: a session that the client has not.</summary>
    [Fact]
    public async Task A_session_that_the_client_told_to_forget_ends_the_connection()
    {
        var connecting = _client.ConnectAsync(Options().WithCleanStart().Build());
        using var server = await AcceptAsync(_listener);
        await server.ReadAsync();
        await server.SendAsync(Packet(0x20, 1, 0, 0));
        await Assert.ThrowsAnyAsync<MqttCommunicationException>(() => connecting);
        await server.ExpectClosedAsync();
    }

    public static TheoryData<string, int, byte[]> Forbidden => new()
    {
        { "1.5.4-1 not UTF-8", 0x81, Packet(0x30, new byte[] { 0, 1, 0xFF }, 0) },
        { "2.1.3-1 PUBREL without its flags", 0x81, Packet(0x60, UInt16(1)) },
        { "3.2.0-2 a second CONNACK", 0x82, Packet(0x20, 0, 0, 0) },
        { "3.3.1-4 both QoS bits", 0x81, Packet(0x36, "a", UInt16(1), 0) },
        { "3.3.2-2 a wildcard in a topic", 0x90, Packet(0x30, "#", 0) },
        { "3.3.2-8 topic alias 0", 0x94, Packet(0x30, "a", Properties(35, UInt16(0))) },
        { "3.3.2-11 a topic alias over the client's maximum", 0x94, Packet(0x30, "a", Properties(35, UInt16(3))) },
        { "3.3.2-7 an alias that stands for nothing", 0x82, Packet(0x30, "", Properties(35, UInt16(2))) },
        { "3.1.2-24 a packet over the client's maximum", 0x95, Packet(0x30, "a", 0, new byte[1000]) },
        { "a client's packet", 0x82, [0xC0, 0] },
        { "4.12 AUTH without a method", 0x82, [0xF0, 0] },
    };

    [Fact]
    public async Task What_a_server_must_not_send_ends_the_connection_with_its_reason()
    {
        foreach (var row in Forbidden)
        {
            using var client = Factory.CreateMqttClient();
            using var server = await OpenAsync(client, Options().WithTopicAliasMaximum(2).WithMaximumPacketSize(500));
            await server.SendAsync((byte[])row[2]);
            var goodbye = await server.ReadAsync();
            Assert.True(goodbye is [0xE0, _, _, ..] && goodbye[2] == (int)row[1], $"{row[0]}: {Hex(goodbye)}");
            Assert.True(await server.ReadAsync() is [], $"{row[0]}: the connection stays open");
        }
    }

    /// <summary>MQTT-3.2.2-11, -14, MQTT-3.3.2-9, MQTT-3.2.2-15: no more than the server serves.</summary>
    [Fact]
    public async Task What_the_server_does_not_serve_is_not_asked_of_it()
    {
        using var server = await OpenAsync(
            _client, Options(),
            Properties(36, 1, 37, 0, 39, UInt32(50), 34, UInt16(1), 40, 0, 41, 0, 42, 0));
        MqttApplicationMessageBuilder Message() => new MqttApplicationMessageBuilder().WithTopic("a");
        MqttApplicationMessage[] messages =
        [
            Message().WithQualityOfServiceLevel(MqttQualityOfServiceLevel.ExactlyOnce).Build(),
            Message().WithRetainFlag().Build(), Message().WithTopicAlias(2).Build(),
            Message().WithPayload(new byte[100]).Build(),
        ];
        foreach (var message in messages)
            await Assert.ThrowsAsync<MqttProtocolViolationException>(() => _client.PublishAsync(message));
        MqttClientSubscribeOptions[] requests =
        [
            new MqttClientSubscribeOptionsBuilder().WithTopicFilter("a/#").Build(),
            new MqttClientSubscribeOptionsBuilder().WithTopicFilter("$share/g/a").Build(),
            new MqttClientSubscribeOptionsBuilder().WithTopicFilter("a").WithSubscriptionIdentifier(1).Build(),
        ];
        foreach (var request in requests)
            await Assert.ThrowsAsync<MqttProtocolViolationException>(() => _client.SubscribeAsync(request));
        await _client.PublishAsync(Message().WithTopicAlias(1).WithPayload("x").Build());
        await server.ExpectAsync(Packet(0x30, "a", Properties(35, UInt16(1)), "x"u8.ToArray()));
    }

    /// <summary>MQTT-3.1.2-21, MQTT-3.1.2-20: the server's keep-alive in place of the client's own.</summary>
    [Fact]
    public async Task The_servers_keep_alive_is_kept()
    {
        using var server = await OpenAsync(
            _client, Options().WithKeepAlivePeriod(TimeSpan.FromHours(1)), Properties(19, UInt16(1)));
        await server.ExpectAsync([0xC0, 0]);
        await server.SendAsync([0xD0, 0]);
        await server.ExpectAsync([0xC0, 0]);
    }

    /// <summary>MQTT-3.3.4-7, MQTT-4.9.0-2: no more unanswered messages than the server takes.</summary>
    [Fact]
    public async Task The_servers_receive_maximum_holds_back_the_next_message()
    {
        using var server = await OpenAsync(_client, Options(), Properties(33, UInt16(1)));
        var first = _client.PublishStringAsync("a", "1", MqttQualityOfServiceLevel.ExactlyOnce);
        var second = _client.PublishStringAsync("a", "2", MqttQualityOfServiceLevel.AtLeastOnce);
        await server.ExpectAsync(Packet(0x34, "a", UInt16(1), 0, "1"u8.ToArray()));
        await server.SendAsync(Packet(0x50, UInt16(1)));
        await server.ExpectAsync(Packet(0x62, UInt16(1)));
        Assert.False(first.IsCompleted || second.IsCompleted);
        await server.SendAsync(Packet(0x70, UInt16(1)));
        await server.ExpectAsync(Packet(0x32, "a", UInt16(2), 0, "2"u8.ToArray()));
        await server.SendAsync(Packet(0x40, UInt16(2)));
        Assert.True((await first).IsSuccess && (await second).IsSuccess);
    }

    /// <summary>MQTT-4.3.3-10, MQTT-2.2.1-5: a repeated QoS 2 message is answered again and delivered once.</summary>
    [Fact]
    public async Task A_repeated_QoS_2_message_is_delivered_once()
    {
        var received = 0;
        _client.ApplicationMessageReceivedAsync += _ =>
        {
            Interlocked.Increment(ref received);
            return Task.CompletedTask;
        };
        using var server = await OpenAsync(_client, Options());
        await server.SendAsync(Packet(0x34, "a", UInt16(9), 0));
        await server.ExpectAsync(Packet(0x50, UInt16(9)));
        await server.SendAsync(Packet(0x3C, "a", UInt16(9), 0), Packet(0x62, UInt16(9)));
        await server.ExpectAsync(Packet(0x50, UInt16(9)), Packet(0x70, UInt16(9)));
        await server.SendAsync(Packet(0x34, "a", UInt16(9), 0));
        await server.ExpectAsync(Packet(0x50, UInt16(9)));
        Assert.Equal(2, received);
    }

    private async Task<Wire> OpenAsync(IMqttClient client, MqttClientOptionsBuilder options, byte[]? properties = null)
    {
        var connecting = client.ConnectAsync(options.Build());
        var server = await AcceptAsync(_listener);
        await server.ReadAsync();
        await server.SendAsync(Packet(0x20, 0, 0, properties ?? [0]));
        Assert.Equal(MqttClientConnectResultCode.Success, (await connecting).ResultCode);
        return server;
    }

    private MqttClientOptionsBuilder Options() => new MqttClientOptionsBuilder()
        .WithTcpServer("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port)
        .WithProtocolVersion(MqttProtocolVersion.V500);
}
