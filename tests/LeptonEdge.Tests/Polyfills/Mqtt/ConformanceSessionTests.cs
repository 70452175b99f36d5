using static LeptonEdge.Tests.Polyfills.Mqtt.Wire;

namespace LeptonEdge.Tests.Polyfills.Mqtt;

/// <summary>The normative statements of MQTT 5 about connections, sessions and exchanges.</summary>
public sealed class ConformanceSessionTests
{
    /// <summary>MQTT-3.1.3-5, -6, -7, MQTT-3.2.2-16; MQTT-3.1.4-5, MQTT-3.2.2-2.</summary>
    [Fact]
    public async Task Client_identifiers_of_the_protocol_are_taken_and_a_missing_one_is_assigned()
    {
        await using var broker = await KestrelBroker.StartAsync();
        using var longest = await OpenAsync(broker.Port, Connect5("0123456789abcdefghijklmnopqrstuvwxyzABC"));
        var assigned = new HashSet<string>();
        for (var i = 0; i < 2; i++)
        {
            using var wire = new Wire(broker.Port);
            await wire.SendAsync(Connect5(""));
            var answer = await wire.ReadAsync();
            Assert.Equal([0, 0], answer[2..4]);
            var at = Array.IndexOf(answer, (byte)18, 5);
            Assert.True(at > 0, Hex(answer));
            assigned.Add(Hex(answer[(at + 3)..(at + 3 + answer[at + 2])]));
        }
        Assert.Equal(2, assigned.Count);
    }

    /// <summary>MQTT-3.1.2-4, -5, -6, MQTT-3.2.2-2, -3, MQTT-3.1.2-23: Session Present says what is kept.</summary>
    [Fact]
    public async Task Session_present_follows_clean_start_and_the_expiry()
    {
        await using var broker = await KestrelBroker.StartAsync();
        async Task<int> PresentAsync(int flags, uint expiry, uint? goodbyeExpiry = null)
        {
            using var wire = new Wire(broker.Port);
            await wire.SendAsync(Connect5("s", flags, properties: Properties(17, UInt32(expiry))));
            var present = (await wire.ReadAsync())[2];
            await wire.SendAsync(Packet(0xE0, 0, goodbyeExpiry is { } e ? Properties(17, UInt32(e)) : Properties()));
            await wire.ExpectClosedAsync();
            return present;
        }
        Assert.Equal(0, await PresentAsync(flags: 0, expiry: 60));
        Assert.Equal(1, await PresentAsync(flags: 0, expiry: 60));
        Assert.Equal(0, await PresentAsync(flags: 2, expiry: 60));
        Assert.Equal(1, await PresentAsync(flags: 0, expiry: 60, goodbyeExpiry: 0));
        Assert.Equal(0, await PresentAsync(flags: 0, expiry: 60));
        Assert.Equal(1, await PresentAsync(flags: 0, expiry: 0));
        Assert.Equal(0, await PresentAsync(flags: 0, expiry: 0));
    }

    /// <summary>MQTT-3.1.4-3: the one that was there is told 0x8E, and its will is sent (MQTT-3.1.2-8).</summary>
    [Fact]
    public async Task A_second_connection_of_one_client_identifier_ends_the_first()
    {
        await using var broker = await KestrelBroker.StartAsync();
        using var watcher = await OpenAsync(broker.Port, Connect5("watcher"));
        await watcher.SendAsync(Packet(0x82, UInt16(1), 0, "will", 0));
        await watcher.ExpectAsync(Packet(0x90, UInt16(1), 0, 0));
        using var first = await OpenAsync(
            broker.Port, Packet(0x10, "MQTT", 5, 6, UInt16(60), 0, "twin", 0, "will", "taken over"));
        using var second = await OpenAsync(broker.Port, Connect5("twin"));
        await first.ExpectEndAsync(0x8E);
        await watcher.ExpectAsync(Packet(0x30, "will", 0, "taken over"u8.ToArray()));
    }

    /// <summary>MQTT-3.1.2-10, MQTT-3.14.4-3: 0x00 takes the will back; 0x04 and a cut do not.</summary>
    [Fact]
    public async Task A_will_is_sent_unless_the_client_takes_it_back()
    {
        await using var broker = await KestrelBroker.StartAsync();
        using var watcher = await OpenAsync(broker.Port, Connect5("watcher"));
        await watcher.SendAsync(Packet(0x82, UInt16(1), 0, "w/#", 0));
        await watcher.ExpectAsync(Packet(0x90, UInt16(1), 0, 0));
        var properties = Properties(3, "text", 38, "a", "1", 38, "a", "2");
        foreach (var (name, goodbye) in new[] { ("w/0", Packet(0xE0, 0)), ("w/4", Packet(0xE0, 4)), ("w/cut", []) })
        {
            using (var dying = await OpenAsync(
                broker.Port, Packet(0x10, "MQTT", 5, 6, UInt16(60), 0, name, properties, name, "x")))
            {
                await dying.SendAsync(goodbye);
                if (goodbye.Length > 0)
                    await dying.ExpectClosedAsync();
            }
            // MQTT-3.1.3-10: user properties keep their order, and the will its other properties.
            if (name != "w/0")
                await watcher.ExpectAsync(Packet(0x30, name, properties, "x"u8.ToArray()));
        }
        await watcher.ExpectNothingAsync();
    }

    /// <summary>MQTT-2.2.1-5, -6, MQTT-3.3.4-1, MQTT-4.3.2-4, MQTT-4.3.3-8, -10, -11, MQTT-3.12.4-1, MQTT-3.8.4-1,
    /// -2, -6, MQTT-3.10.4-4, -5, -6: every request has its answer, under its own identifier, code by code.</summary>
    [Fact]
    public async Task Every_request_is_answered_under_its_own_identifier()
    {
        await using var broker = await KestrelBroker.StartAsync();
        using var wire = await OpenAsync(broker.Port, Connect5("asks"));
        await wire.SendAsync(Packet(0x82, UInt16(7), 0, "a", 1, "b/#", 2, "c#", 0, "$share//x", 0));
        await wire.ExpectAsync(Packet(0x90, UInt16(7), 0, 1, 2, 0x8F, 0x8F));
        await wire.SendAsync(Packet(0xA2, UInt16(8), 0, "b/#", "b/#", "c#"));
        await wire.ExpectAsync(Packet(0xB0, UInt16(8), 0, 0, 0x11, 0x8F));
        await wire.SendAsync(Packet(0x32, "nobody", UInt16(9), 0));
        await wire.ExpectAsync(Packet(0x40, UInt16(9), 0x10));
        await wire.SendAsync(Packet(0x34, "nobody", UInt16(10), 0));
        await wire.ExpectAsync(Packet(0x50, UInt16(10), 0x10));
        await wire.SendAsync(Packet(0x62, UInt16(10)));
        await wire.ExpectAsync(Packet(0x70, UInt16(10)));
        // An identifier that is not in use: 0x92.
        await wire.SendAsync(Packet(0x62, UInt16(10)), Packet(0x50, UInt16(99)));
        await wire.ExpectAsync(Packet(0x70, UInt16(10), 0x92), Packet(0x62, UInt16(99), 0x92));
        await wire.SendAsync([0xC0, 0]);
        await wire.ExpectAsync([0xD0, 0]);
    }

    /// <summary>MQTT-4.3.3-10, -12: until its PUBREL a QoS 2 message is a repetition; then it is a new one.</summary>
    [Fact]
    public async Task A_repeated_QoS_2_message_is_delivered_once_until_it_is_released()
    {
        await using var broker = await KestrelBroker.StartAsync();
        using var reader = await OpenAsync(broker.Port, Connect5("reader"));
        await reader.SendAsync(Packet(0x82, UInt16(1), 0, "t", 0));
        await reader.ExpectAsync(Packet(0x90, UInt16(1), 0, 0));
        using var writer = await OpenAsync(broker.Port, Connect5("writer"));
        await writer.SendAsync(Packet(0x34, "t", UInt16(5), 0, 1), Packet(0x3C, "t", UInt16(5), 0, 1));
        await writer.ExpectAsync(Packet(0x50, UInt16(5)), Packet(0x50, UInt16(5)));
        await writer.SendAsync(Packet(0x62, UInt16(5)));
        await writer.ExpectAsync(Packet(0x70, UInt16(5)));
        await writer.SendAsync(Packet(0x34, "t", UInt16(5), 0, 2));
        await writer.ExpectAsync(Packet(0x50, UInt16(5)));
        await reader.ExpectAsync(Packet(0x30, "t", 0, 1), Packet(0x30, "t", 0, 2));
        await reader.ExpectNothingAsync();
    }

    /// <summary>MQTT-3.3.1-1, MQTT-4.4.0-1, MQTT-4.6.0-1: again with DUP and the old identifiers, in order.</summary>
    [Fact]
    public async Task What_was_not_acknowledged_is_sent_again_on_resume()
    {
        await using var broker = await KestrelBroker.StartAsync();
        var expiry = Properties(17, UInt32(60));
        byte[] one = [0, 1], two = [0, 2], three = [0, 3];
        using (var first = await OpenAsync(broker.Port, Connect5("resumes", flags: 0, properties: expiry)))
        {
            await first.SendAsync(Packet(0x82, UInt16(1), 0, "t", 2));
            await first.ExpectAsync(Packet(0x90, UInt16(1), 0, 2));
            using var writer = await OpenAsync(broker.Port, Connect5("writer"));
            await writer.SendAsync(
                Packet(0x34, "t", UInt16(1), 0, 1), Packet(0x32, "t", UInt16(2), 0, 2),
                Packet(0x34, "t", UInt16(3), 0, 3));
            await first.ExpectAsync(
                Packet(0x34, "t", one, 0, 1), Packet(0x32, "t", two, 0, 2), Packet(0x34, "t", three, 0, 3));
            await first.SendAsync(Packet(0x50, one));
            await first.ExpectAsync(Packet(0x62, one));
        }
        using var second = await OpenAsync(broker.Port, Connect5("resumes", flags: 0, properties: expiry));
        await second.ExpectAsync(
            Packet(0x62, one), Packet(0x3A, "t", two, 0, 2), Packet(0x3C, "t", three, 0, 3));
        await second.SendAsync(Packet(0x70, one), Packet(0x40, two), Packet(0x50, three));
        await second.ExpectAsync(Packet(0x62, three));
        await second.SendAsync(Packet(0x70, three));
        await second.ExpectNothingAsync();
    }
}
