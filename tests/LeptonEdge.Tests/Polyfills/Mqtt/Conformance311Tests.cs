using LeptonEdge.Tests.Support;
using MQTTnet.Protocol;
using static LeptonEdge.Tests.Polyfills.Mqtt.Wire;

namespace LeptonEdge.Tests.Polyfills.Mqtt;

/// <summary>The normative statements of MQTT 3.1.1, byte by byte, and its clients beside those of MQTT 5.</summary>
public sealed class Conformance311Tests
{
    public static TheoryData<string, byte[]> Forbidden => new()
    {
        { "1.5.3-1 not UTF-8", Packet(0x30, new byte[] { 0, 1, 0xFF }) },
        { "1.5.3-2 the null character", Packet(0x30, new byte[] { 0, 1, 0 }) },
        { "2.2.2-2 PINGREQ with a flag", [0xC1, 0] },
        { "2.3.1-1 packet identifier 0", Packet(0x32, "a", UInt16(0)) },
        { "3.1.0-2 a second CONNECT", Connect4("again") },
        { "3.3.1-2 DUP with QoS 0", Packet(0x38, "a") },
        { "3.3.1-4 both QoS bits", Packet(0x36, "a", UInt16(1)) },
        { "3.3.2-2 a wildcard in a topic", Packet(0x30, "a/+") },
        { "4.7.3-1 an empty topic", Packet(0x30, "") },
        { "3.6.1-1 PUBREL without its flags", Packet(0x60, UInt16(1)) },
        { "3.8.1-1 SUBSCRIBE without its flags", Packet(0x80, UInt16(1), "a", 0) },
        { "3.8.3-3 SUBSCRIBE without a filter", Packet(0x82, UInt16(1)) },
        { "3.8.3-4 QoS 3 asked for", Packet(0x82, UInt16(1), "a", 3) },
        { "3.8.3-4 MQTT 5's options", Packet(0x82, UInt16(1), "a", 4) },
        { "3.10.1-1 UNSUBSCRIBE without its flags", Packet(0xA0, UInt16(1), "a") },
        { "3.10.3-2 UNSUBSCRIBE without a filter", Packet(0xA2, UInt16(1)) },
        { "3.14.1-1 DISCONNECT with a flag", [0xE1, 0] },
        { "MQTT 5's AUTH", [0xF0, 0] },
        { "MQTT 5's reason code", Packet(0x40, UInt16(1), 0) },
    };

    /// <summary>MQTT-4.8.0-1: without a word, for the protocol has none.</summary>
    [Fact]
    public async Task What_MQTT_3_1_1_forbids_closes_the_connection()
    {
        await using var broker = await KestrelBroker.StartAsync();
        foreach (var row in Forbidden)
        {
            using var wire = await OpenAsync(broker.Port, Connect4("forbidden"));
            await wire.SendAsync((byte[])row[1]);
            var answer = await wire.ReadAsync();
            Assert.True(answer is [], $"{row[0]}: {Hex(answer)}");
        }
        byte[][] connects =
        [
            Connect4("c", flags: 3), Connect4("c", flags: 0x42), Connect4("c", flags: 0x0A), Connect4("c", flags: 0x22),
            Packet(0x10, "MQTT", 4, 0x1E, UInt16(60), "c", "w", ""), Packet(0x10, "MQXX", 4, 2, UInt16(60), "c"),
        ];
        foreach (var connect in connects)
        {
            using var wire = new Wire(broker.Port);
            await wire.SendAsync(connect);
            await wire.ExpectClosedAsync();
        }
    }

    /// <summary>MQTT-3.1.2-2, MQTT-3.1.3-7, -8, -9, MQTT-3.2.2-4, -5: the return codes of CONNACK.</summary>
    [Fact]
    public async Task CONNACK_has_the_return_codes_of_3_1_1()
    {
        await using var broker = await KestrelBroker.StartAsync(server => server.ValidatingConnectionAsync += args =>
        {
            args.ReasonCode = args.UserName switch
            {
                "bad" => MqttConnectReasonCode.BadUserNameOrPassword,
                "banned" => MqttConnectReasonCode.Banned,
                "busy" => MqttConnectReasonCode.ServerBusy,
                _ => MqttConnectReasonCode.Success,
            };
            return Task.CompletedTask;
        });
        (byte[] Connect, int Code)[] cases =
        [
            (Packet(0x10, "MQTT", 6, 2, UInt16(60), "c"), 1), (Packet(0x10, "MQTT", 3, 2, UInt16(60), "c"), 1),
            (Connect4("", flags: 0), 2), (Packet(0x10, "MQTT", 4, 0x82, UInt16(60), "c", "busy"), 3),
            (Packet(0x10, "MQTT", 4, 0x82, UInt16(60), "c", "bad"), 4),
            (Packet(0x10, "MQTT", 4, 0x82, UInt16(60), "c", "banned"), 5),
        ];
        foreach (var (connect, code) in cases)
        {
            using var refused = new Wire(broker.Port);
            await refused.SendAsync(connect);
            await refused.ExpectAsync([0x20, 2, 0, (byte)code]);
            await refused.ExpectClosedAsync();
        }
        using var nameless = new Wire(broker.Port);
        await nameless.SendAsync(Connect4("", flags: 2));
        await nameless.ExpectAsync([0x20, 2, 0, 0]);
    }

    /// <summary>MQTT-3.1.2-4 to -6, MQTT-3.2.2-1 to -3, MQTT-3.1.4-2, MQTT-4.4.0-1, MQTT-3.3.1-1.</summary>
    [Fact]
    public async Task A_session_without_clean_session_is_kept_and_taken_over()
    {
        await using var broker = await KestrelBroker.StartAsync();
        using var first = new Wire(broker.Port);
        await first.SendAsync(
            Connect4("s", flags: 0), Packet(0x82, UInt16(1), "t", 1), Packet(0x32, "t", UInt16(2), 1));
        await first.ExpectAsync([0x20, 2, 0, 0], Packet(0x90, UInt16(1), 1));
        await first.ExpectWithAsync(0x32, 1);
        using var second = new Wire(broker.Port);
        await second.SendAsync(Connect4("s", flags: 0));
        await second.ExpectAsync([0x20, 2, 1, 0], Packet(0x3A, "t", UInt16(1), 1));
        // PUBACK of what it published may come before the end; nothing else does.
        Assert.True(await first.ReadAsync() is [] or [0x40, ..], "the first is closed");
        using var clean = new Wire(broker.Port);
        await clean.SendAsync(Connect4("s", flags: 2));
        await clean.ExpectAsync([0x20, 2, 0, 0]);
        await clean.ExpectNothingAsync();
        await clean.SendAsync([0xE0, 0]);
        await clean.ExpectClosedAsync();
        using var again = new Wire(broker.Port);
        await again.SendAsync(Connect4("s", flags: 0));
        await again.ExpectAsync([0x20, 2, 0, 0]);
    }

    /// <summary>MQTT-3.8.4-1 to -6, MQTT-3.9.3-2, MQTT-3.10.4-5, MQTT-4.3.2-2, MQTT-4.3.3-2, MQTT-3.12.4-1.</summary>
    [Fact]
    public async Task Answers_have_no_reason_codes_but_those_of_SUBACK()
    {
        await using var broker = await KestrelBroker.StartAsync(server =>
        {
            server.InterceptingPublishAsync += args =>
            {
                args.ProcessPublish = args.ApplicationMessage.Topic != "no";
                args.Response.ReasonCode = MqttPubAckReasonCode.NotAuthorized;
                return Task.CompletedTask;
            };
            server.InterceptingSubscriptionAsync += args =>
            {
                if (args.TopicFilter.Topic == "no")
                    args.Response.ReasonCode = MqttSubscribeReasonCode.NotAuthorized;
                return Task.CompletedTask;
            };
        });
        using var wire = await OpenAsync(broker.Port, Connect4("c"));
        await wire.SendAsync(Packet(0x82, UInt16(1), "a", 0, "b", 2, "no", 1, "c#", 1));
        await wire.ExpectAsync(Packet(0x90, UInt16(1), 0, 2, 0x80, 0x80));
        await wire.SendAsync(Packet(0xA2, UInt16(2), "b", "never"), Packet(0x32, "no", UInt16(3), 1));
        await wire.ExpectAsync(Packet(0xB0, UInt16(2)), Packet(0x40, UInt16(3)));
        await wire.SendAsync(Packet(0x34, "no", UInt16(4), 1), Packet(0x62, UInt16(4)), Packet(0x62, UInt16(9)));
        await wire.ExpectAsync(Packet(0x50, UInt16(4)), Packet(0x70, UInt16(4)), Packet(0x70, UInt16(9)));
        await wire.ExpectNothingAsync();
    }

    /// <summary>MQTT-3.3.1-5 to -12: the retain flag is set for newcomers only.</summary>
    [Fact]
    public async Task Retained_messages_have_their_flag_for_newcomers_only()
    {
        await using var broker = await KestrelBroker.StartAsync();
        using var wire = await OpenAsync(broker.Port, Connect4("c"));
        await wire.SendAsync(Packet(0x31, "r", 1), Packet(0x31, "gone", 1), Packet(0x31, "gone"));
        for (var i = 0; i < 2; i++)
        {
            await wire.SendAsync(Packet(0x82, UInt16(1), "#", 0));
            await wire.ExpectAsync(Packet(0x90, UInt16(1), 0), Packet(0x31, "r", 1));
        }
        await wire.SendAsync(Packet(0x31, "r", 2), Packet(0x31, "r"));
        await wire.ExpectAsync(Packet(0x30, "r", 2), Packet(0x30, "r"));
        await wire.ExpectNothingAsync();
    }

    /// <summary>What MQTT 5 adds stays with its own clients; the message itself is the same for both.</summary>
    [Fact]
    public async Task Clients_of_both_versions_share_one_broker()
    {
        await using var broker = await KestrelBroker.StartAsync();
        using var old = await OpenAsync(broker.Port, Connect4("old"));
        await old.SendAsync(Packet(0x82, UInt16(1), "t/#", 1));
        await old.ExpectAsync(Packet(0x90, UInt16(1), 1));
        using var five = await OpenAsync(broker.Port, Connect5("five", properties: Properties(34, UInt16(5))));
        await five.SendAsync(Packet(0x82, UInt16(1), Properties(11, 3), "t/#", 0x09));
        await five.ExpectAsync(Packet(0x90, UInt16(1), 0, 1));
        using var writer = await OpenAsync(broker.Port, Connect5("writer"));
        var said = Properties(3, "text", 35, UInt16(1), 38, "a", "b");
        await writer.SendAsync(Packet(0x33, "t/x", UInt16(1), said, 1));
        await writer.ExpectAsync(Packet(0x40, UInt16(1)));
        await old.ExpectAsync(Packet(0x32, "t/x", UInt16(1), 1));
        await five.ExpectAsync(Packet(0x33, "t/x", UInt16(1), Properties(3, "text", 11, 3, 38, "a", "b"), 1));
        // Retained, the properties wait for a client that understands them.
        await old.SendAsync(Packet(0x40, UInt16(1)), Packet(0x82, UInt16(2), "t/x", 0));
        await old.ExpectAsync(Packet(0x90, UInt16(2), 0), Packet(0x31, "t/x", 1));
        await old.SendAsync(Packet(0x32, "t/topic", UInt16(7), 2));
        await old.ExpectWithAsync(0x40, 1);
        await five.ExpectAsync(
            Packet(0x32, "t/topic", UInt16(2), Properties(35, UInt16(1), 11, 3), 2));
    }
}
