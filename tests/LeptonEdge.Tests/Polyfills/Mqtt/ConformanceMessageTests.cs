using MQTTnet.Packets;
using static LeptonEdge.Tests.Polyfills.Mqtt.Wire;

namespace LeptonEdge.Tests.Polyfills.Mqtt;

/// <summary>The normative statements of MQTT 5 about messages, subscriptions and flow control.</summary>
public sealed class ConformanceMessageTests
{
    /// <summary>MQTT-3.3.4-9, MQTT-3.3.4-10: no more than the receive maximum; QoS 0 is not held back by it.</summary>
    [Fact]
    public async Task The_clients_receive_maximum_holds_back_QoS_1_and_2_and_nothing_else()
    {
        await using var broker = await KestrelBroker.StartAsync();
        using var slow = await OpenAsync(broker.Port, Connect5("slow", properties: Properties(0x21, UInt16(2))));
        await slow.SendAsync(Packet(0x82, UInt16(1), 0, "t", 2));
        await slow.ExpectAsync(Packet(0x90, UInt16(1), 0, 2));
        using var writer = await OpenAsync(broker.Port, Connect5("writer"));
        for (var i = 1; i <= 3; i++)
        {
            await writer.SendAsync(Packet(i == 1 ? 0x34 : 0x32, "t", UInt16(i), 0, i));
            await writer.ReadAsync();
        }
        await slow.ExpectAsync(Packet(0x34, "t", UInt16(1), 0, 1), Packet(0x32, "t", UInt16(2), 0, 2));
        await slow.ExpectNothingAsync();
        // PUBREC does not free a place; PUBCOMP does.
        await slow.SendAsync(Packet(0x50, UInt16(1)));
        await slow.ExpectAsync(Packet(0x62, UInt16(1)));
        await slow.ExpectNothingAsync();
        await slow.SendAsync(Packet(0x70, UInt16(1)));
        await slow.ExpectAsync(Packet(0x32, "t", UInt16(3), 0, 3));
    }

    /// <summary>MQTT-3.1.2-24, -25: what is too large for the client is left out, and the rest follows.</summary>
    [Fact]
    public async Task The_clients_maximum_packet_size_is_kept_for_messages_and_for_answers()
    {
        await using var broker = await KestrelBroker.StartAsync(server => server.InterceptingPublishAsync += args =>
        {
            args.Response.ReasonString = new string('r', 100);
            return Task.CompletedTask;
        });
        using var small = await OpenAsync(broker.Port, Connect5("small", properties: Properties(39, UInt32(30))));
        await small.SendAsync(Packet(0x82, UInt16(1), 0, "t", 1));
        await small.ExpectAsync(Packet(0x90, UInt16(1), 0, 1));
        await small.SendAsync(
            Packet(0x32, "t", UInt16(2), 0, new byte[100]), Packet(0x32, "t", UInt16(3), 0, 1));
        var came = new[] { Hex(await small.ReadAsync()), Hex(await small.ReadAsync()), Hex(await small.ReadAsync()) };
        Assert.Equal(
            new[] { Packet(0x32, "t", UInt16(1), 0, 1), Packet(0x40, UInt16(2)), Packet(0x40, UInt16(3)) }.Select(Hex),
            came.Order());
    }

    /// <summary>MQTT-3.1.2-29: no reason string leaves but in CONNACK and DISCONNECT.</summary>
    [Fact]
    public async Task A_client_that_wants_no_problem_information_gets_none()
    {
        await using var broker = await KestrelBroker.StartAsync(server => server.InterceptingPublishAsync += args =>
        {
            args.Response.ReasonString = "because";
            args.Response.UserProperties.Add(new MqttUserProperty("a", "b"));
            return Task.CompletedTask;
        });
        using var quiet = await OpenAsync(broker.Port, Connect5("quiet", properties: Properties(23, 0)));
        await quiet.SendAsync(Packet(0x32, "t", UInt16(2), 0));
        await quiet.ExpectAsync(Packet(0x40, UInt16(2), 0x10));
        using var curious = await OpenAsync(broker.Port, Connect5("curious"));
        await curious.SendAsync(Packet(0x32, "t", UInt16(2), 0));
        await curious.ExpectAsync(Packet(0x40, UInt16(2), 0x10, Properties(31, "because", 38, "a", "b")));
    }

    /// <summary>MQTT-3.3.2-4, -6, -15, -16, -18, -20, MQTT-3.3.4-3, -4: properties arrive as they were sent; those of
    /// all matching subscriptions are named in one copy at the highest QoS (MQTT-3.3.4-2).</summary>
    [Fact]
    public async Task Properties_arrive_unaltered_with_the_subscription_identifiers()
    {
        await using var broker = await KestrelBroker.StartAsync();
        using var reader = await OpenAsync(broker.Port, Connect5("reader"));
        await reader.SendAsync(
            Packet(0x82, UInt16(1), Properties(11, 5), "p/#", 0),
            Packet(0x82, UInt16(2), Properties(11, 0x81, 1), "p/+", 1));
        await reader.ExpectAsync(Packet(0x90, UInt16(1), 0, 0), Packet(0x90, UInt16(2), 0, 1));
        using var writer = await OpenAsync(broker.Port, Connect5("writer"));
        object[] before = [1, 1, 2, UInt32(1000)];
        object[] after = [3, "text/plain", 8, "reply/to", 9, new byte[] { 0, 2, 0xAA, 0xBB }];
        object[] user = [38, "k", "1", 38, "k", "2", 38, "a", "3"];
        await writer.SendAsync(Packet(0x32, "p/x", UInt16(1), Properties([.. before, .. after, .. user]), 7));
        var came = Hex(await reader.ReadAsync());
        object[] ids = [11, 5, 11, 0x81, 1], swapped = [11, 0x81, 1, 11, 5];
        Assert.Contains(came, new[] { ids, swapped }.Select(order => Hex(Packet(
            0x32, "p/x", UInt16(1), Properties([.. before, .. after, .. order, .. user]), 7))));
    }

    /// <summary>MQTT-3.3.2-5, -6: what is left of the interval arrives, and nothing after it.</summary>
    [Fact]
    public async Task A_message_that_expired_while_it_waited_is_not_sent()
    {
        await using var broker = await KestrelBroker.StartAsync();
        var expiry = Properties(17, UInt32(60));
        using (var first = await OpenAsync(broker.Port, Connect5("away", flags: 0, properties: expiry)))
        {
            await first.SendAsync(Packet(0x82, UInt16(1), 0, "t", 1));
            await first.ExpectAsync(Packet(0x90, UInt16(1), 0, 1));
            await first.SendAsync([0xE0, 0]);
            await first.ExpectClosedAsync();
        }
        using var writer = await OpenAsync(broker.Port, Connect5("writer"));
        await writer.SendAsync(
            Packet(0x32, "t", UInt16(1), Properties(2, UInt32(1)), 1),
            Packet(0x32, "t", UInt16(2), Properties(2, UInt32(1000)), 2));
        await writer.ReadAsync();
        await writer.ReadAsync();
        // A keep-alive's worth of silence later: the server itself tells when more than a second has passed.
        using var timer = await OpenAsync(broker.Port, Connect5("timer", keepAlive: 1));
        await timer.ExpectEndAsync(0x8D);
        using var second = await OpenAsync(broker.Port, Connect5("away", flags: 0, properties: expiry));
        var came = await second.ReadAsync();
        Assert.Equal(Packet(0x32, "t", UInt16(1), Properties(2, UInt32(1000)), 2).Length, came.Length);
        Assert.Equal(2, came[^1]);
        Assert.InRange((came[11] << 8) | came[12], 900, 999);
    }

    /// <summary>MQTT-3.3.1-5 to -13, MQTT-3.8.4-4: what is retained, who gets it, and with which flag.</summary>
    [Fact]
    public async Task Retained_messages_follow_retain_handling_and_retain_as_published()
    {
        await using var broker = await KestrelBroker.StartAsync();
        using var writer = await OpenAsync(broker.Port, Connect5("writer"));
        await writer.SendAsync(Packet(0x31, "r", 0, 1), Packet(0x31, "gone", 0, 1), Packet(0x31, "gone", 0),
            Packet(0x30, "r", 0, 9));
        await writer.ExpectNothingAsync();
        using var reader = await OpenAsync(broker.Port, Connect5("reader"));
        async Task SubscribeAsync(string filter, int options, params byte[][] retained)
        {
            await reader.SendAsync(Packet(0x82, UInt16(1), 0, filter, options));
            await reader.ExpectAsync(Packet(0x90, UInt16(1), 0, options & 3));
            await reader.ExpectAsync(retained);
            await reader.ExpectNothingAsync();
        }
        byte[] kept = Packet(0x31, "r", 0, 1);
        await SubscribeAsync("gone", 0);
        await SubscribeAsync("r", 0x20);
        await SubscribeAsync("r", 0x10);
        await SubscribeAsync("r", 0x00, kept);
        await SubscribeAsync("r", 0x00, kept);
        await SubscribeAsync("#", 0x18, kept);
        await SubscribeAsync("$share/g/r", 0x00);
        await reader.SendAsync(Packet(0xA2, UInt16(2), 0, "r", "$share/g/r"));
        await reader.ExpectAsync(Packet(0xB0, UInt16(2), 0, 0, 0));
        await writer.SendAsync(Packet(0x31, "r", 0, 2));
        await reader.ExpectAsync(Packet(0x31, "r", 0, 2));
        await SubscribeAsync("#", 0x20);
        await writer.SendAsync(Packet(0x31, "r", 0, 3));
        await reader.ExpectAsync(Packet(0x30, "r", 0, 3));
        await reader.ExpectNothingAsync();
    }

    /// <summary>MQTT-3.8.3-3, MQTT-3.8.4-3: no-local, and a renewed subscription that replaces the old.</summary>
    [Fact]
    public async Task No_local_keeps_a_clients_own_messages_from_it()
    {
        await using var broker = await KestrelBroker.StartAsync();
        using var both = await OpenAsync(broker.Port, Connect5("both"));
        await both.SendAsync(Packet(0x82, UInt16(1), 0, "t", 4), Packet(0x30, "t", 0, 1));
        await both.ExpectAsync(Packet(0x90, UInt16(1), 0, 0));
        await both.ExpectNothingAsync();
        using var other = await OpenAsync(broker.Port, Connect5("other"));
        await other.SendAsync(Packet(0x30, "t", 0, 2));
        await both.ExpectAsync(Packet(0x30, "t", 0, 2));
        await both.SendAsync(Packet(0x82, UInt16(2), 0, "t", 0), Packet(0x30, "t", 0, 3));
        await both.ExpectAsync(Packet(0x90, UInt16(2), 0, 0), Packet(0x30, "t", 0, 3));
        await both.ExpectNothingAsync();
    }

    /// <summary>MQTT-4.7.1-1, -2, MQTT-4.7.2-1, MQTT-4.7.3-4, MQTT-1.5.4-3: what filters match.</summary>
    [Theory]
    [InlineData("sport/#", "sport", true)]
    [InlineData("sport/#", "sport/tennis/x", true)]
    [InlineData("sport/+", "sport", false)]
    [InlineData("sport/+", "sport/", true)]
    [InlineData("+/+", "/finance", true)]
    [InlineData("/+", "/finance", true)]
    [InlineData("+", "/finance", false)]
    [InlineData("+/tennis/#", "sport/tennis", true)]
    [InlineData("#", "$other/x", false)]
    [InlineData("+/x", "$other/x", false)]
    [InlineData("$other/#", "$other/x", true)]
    [InlineData("ACCOUNTS", "Accounts", false)]
    [InlineData("\uFEFFa", "a", false)]
    [InlineData("\uFEFFa", "\uFEFFa", true)]
    [InlineData("A\u030A", "\u00C5", false)]
    public async Task Filters_match_as_the_protocol_says(string filter, string topic, bool matches)
    {
        await using var broker = await KestrelBroker.StartAsync();
        using var wire = await OpenAsync(broker.Port, Connect5("c"));
        await wire.SendAsync(Packet(0x82, UInt16(1), 0, filter, 0), Packet(0x30, topic, 0, 1));
        await wire.ExpectAsync(Packet(0x90, UInt16(1), 0, 0));
        if (matches)
            await wire.ExpectAsync(Packet(0x30, topic, 0, 1));
        await wire.ExpectNothingAsync();
    }

    /// <summary>MQTT-3.3.2-7, -12: aliases towards the server, until the connection ends.</summary>
    [Fact]
    public async Task A_clients_topic_aliases_are_resolved_and_may_be_given_anew()
    {
        await using var broker = await KestrelBroker.StartAsync();
        using var reader = await OpenAsync(broker.Port, Connect5("reader"));
        await reader.SendAsync(Packet(0x82, UInt16(1), 0, "t/#", 0));
        await reader.ExpectAsync(Packet(0x90, UInt16(1), 0, 0));
        using var writer = await OpenAsync(broker.Port, Connect5("writer"));
        var alias = Properties(35, UInt16(16));
        await writer.SendAsync(
            Packet(0x30, "t/a", alias, 1), Packet(0x30, "", alias, 2), Packet(0x30, "t/b", alias, 3),
            Packet(0x30, "", alias, 4));
        await reader.ExpectAsync(
            Packet(0x30, "t/a", 0, 1), Packet(0x30, "t/a", 0, 2), Packet(0x30, "t/b", 0, 3),
            Packet(0x30, "t/b", 0, 4));
    }

    /// <summary>MQTT-3.1.2-26, -27, MQTT-3.3.2-11: aliases towards the client, as many as it allows, and none if it
    /// allows none; a new connection starts without any (MQTT-3.3.2-7).</summary>
    [Fact]
    public async Task The_server_uses_topic_aliases_within_the_clients_maximum()
    {
        await using var broker = await KestrelBroker.StartAsync();
        using var writer = await OpenAsync(broker.Port, Connect5("writer"));
        for (var connection = 0; connection < 2; connection++)
        {
            using var reader = await OpenAsync(
                broker.Port, Connect5("reader", properties: Properties(34, UInt16(1))));
            await reader.SendAsync(Packet(0x82, UInt16(1), 0, "topic/#", 1));
            await reader.ExpectAsync(Packet(0x90, UInt16(1), 0, 1));
            await writer.SendAsync(
                Packet(0x30, "topic/a", 0, 1), Packet(0x30, "topic/a", 0, 2), Packet(0x30, "topic/b", 0, 3),
                Packet(0x32, "topic/a", UInt16(1), 0, 4));
            var alias = Properties(35, UInt16(1));
            await reader.ExpectAsync(
                Packet(0x30, "topic/a", alias, 1), Packet(0x30, "", alias, 2), Packet(0x30, "topic/b", 0, 3),
                Packet(0x32, "", UInt16(1), alias, 4));
            await writer.ReadAsync();
        }
    }

    /// <summary>$SYS: told to who asks for it, hidden from "#" (MQTT-4.7.2-1), closed to publishers.</summary>
    [Fact]
    public async Task SYS_topics_tell_of_the_server_and_take_no_messages()
    {
        await using var broker = await KestrelBroker.StartAsync();
        using var wire = await OpenAsync(broker.Port, Connect5("sys"));
        await wire.SendAsync(Packet(0x82, UInt16(1), 0, "#", 0));
        await wire.ExpectAsync(Packet(0x90, UInt16(1), 0, 0));
        await wire.ExpectNothingAsync();
        await wire.SendAsync(Packet(0x82, UInt16(2), 0, "$SYS/broker/clients/connected", 1));
        await wire.ExpectAsync(
            Packet(0x90, UInt16(2), 0, 1), Packet(0x31, "$SYS/broker/clients/connected", 0, "1"u8.ToArray()));
        await wire.SendAsync(Packet(0x82, UInt16(3), 0, "$SYS/broker/#", 0x10));
        await wire.ExpectAsync(Packet(0x90, UInt16(3), 0, 0));
        for (var i = 0; i < 11; i++)
            Assert.Equal(0x31, (await wire.ReadAsync())[0]);
        await wire.ExpectNothingAsync();
        await wire.SendAsync(
            Packet(0x30, "$SYS/broker/uptime", 0, 1), Packet(0x32, "$SYS/x", UInt16(4), 0),
            Packet(0x34, "$SYS", UInt16(5), 0));
        await wire.ExpectAsync(Packet(0x40, UInt16(4), 0x87), Packet(0x50, UInt16(5), 0x87));
        await wire.ExpectNothingAsync();
    }

    /// <summary>MQTT-3.2.2-21: a keep-alive over the server's is told, and the client cut by the told one.</summary>
    [Fact]
    public async Task The_servers_keep_alive_replaces_the_clients()
    {
        await using var broker = await KestrelBroker.StartAsync(
            server => server.ServerSessionItems["MQTTnet.Server.KeepAliveMax"] = TimeSpan.FromSeconds(1));
        using var wire = new Wire(broker.Port);
        await wire.SendAsync(Connect5("c", keepAlive: 0));
        var answer = await wire.ReadAsync();
        Assert.Contains(Hex([19, 0, 1]), Hex(answer), StringComparison.Ordinal);
        await wire.ExpectEndAsync(0x8D);
    }
}
