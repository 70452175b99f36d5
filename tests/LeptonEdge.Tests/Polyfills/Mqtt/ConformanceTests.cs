using static LeptonEdge.Tests.Polyfills.Mqtt.Wire;

namespace LeptonEdge.Tests.Polyfills.Mqtt;

/// <summary>
/// The server and the normative statements of MQTT 5, byte by byte: what is forbidden. Each test names what it checks.
/// </summary>
public sealed class ConformanceTests
{
    public static TheoryData<string, int, byte[]> ForbiddenPackets => new()
    {
        { "1.5.4-1 a surrogate in UTF-8", 0x81, Packet(0x30, new byte[] { 0, 3, 0xED, 0xA0, 0x80 }, 0) },
        { "1.5.4-2 the null character", 0x81, Packet(0x30, new byte[] { 0, 1, 0 }, 0) },
        { "1.5.5-1 a remaining length longer than needed", 0x81, [0xC0, 0x80, 0x00] },
        { "1.5.5-1 a property length longer than needed", 0x81, Packet(0x30, "a", 0x80, 0x00) },
        {
            "1.5.7-1 a user property that is not UTF-8", 0x81,
            Packet(0x30, "a", Properties(38, "k", new byte[] { 0, 1, 0xFF }))
        },
        { "2.1.3-1 PUBREL without its flags", 0x81, Packet(0x60, UInt16(1)) },
        { "2.1.3-1 PINGREQ with a flag", 0x81, [0xC1, 0] },
        { "2.2.1-3 packet identifier 0 in PUBLISH", 0x82, Packet(0x32, "a", UInt16(0), 0) },
        { "2.2.1-3 packet identifier 0 in SUBSCRIBE", 0x82, Packet(0x82, UInt16(0), 0, "a", 0) },
        { "2.2.2-1 an unknown property", 0x81, Packet(0x30, "a", Properties(0x7F, 1)) },
        { "2.2.2 a property that belongs elsewhere", 0x82, Packet(0x30, "a", Properties(0x21, UInt16(1))) },
        { "2.2.2 a property that is there twice", 0x82, Packet(0x30, "a", Properties(1, 0, 1, 0)) },
        { "3.1.0-2 a second CONNECT", 0x82, Connect5("again") },
        { "3.3.1-2 DUP with QoS 0", 0x81, Packet(0x38, "a", 0) },
        { "3.3.1-4 both QoS bits", 0x81, Packet(0x36, "a", UInt16(1), 0) },
        { "3.3.2-1 no topic and no alias", 0x82, Packet(0x30, "", 0) },
        { "3.3.2-2 a wildcard in a topic", 0x90, Packet(0x30, "a/#", 0) },
        { "3.3.2-8 topic alias 0", 0x94, Packet(0x30, "a", Properties(35, UInt16(0))) },
        { "3.3.2-9 a topic alias over the maximum", 0x94, Packet(0x30, "a", Properties(35, UInt16(17))) },
        { "3.3.2-7 an alias that stands for nothing", 0x82, Packet(0x30, "", Properties(35, UInt16(1))) },
        { "3.3.2-14 a wildcard in a response topic", 0x82, Packet(0x30, "a", Properties(8, "r/+")) },
        { "3.3.4-6 a client's subscription identifier", 0x82, Packet(0x30, "a", Properties(11, 1)) },
        { "3.3.2 a payload format that does not exist", 0x82, Packet(0x30, "a", Properties(1, 2)) },
        { "3.4.2-1 PUBACK with no such reason", 0x82, Packet(0x40, UInt16(1), 0x55) },
        { "3.5.2-1 PUBREC with no such reason", 0x82, Packet(0x50, UInt16(1), 0x01) },
        { "3.6.2-1 PUBREL with no such reason", 0x82, Packet(0x62, UInt16(1), 0x80) },
        { "3.8.1-1 SUBSCRIBE without its flags", 0x81, Packet(0x80, UInt16(1), 0, "a", 0) },
        { "3.8.3-2 SUBSCRIBE without a filter", 0x82, Packet(0x82, UInt16(1), 0) },
        { "3.8.3 QoS 3 asked for", 0x82, Packet(0x82, UInt16(1), 0, "a", 3) },
        { "3.8.3 retain handling 3", 0x82, Packet(0x82, UInt16(1), 0, "a", 0x30) },
        { "3.8.3-4 no-local on a shared subscription", 0x82, Packet(0x82, UInt16(1), 0, "$share/g/a", 4) },
        { "3.8.3-5 reserved bits of the options", 0x81, Packet(0x82, UInt16(1), 0, "a", 0x40) },
        { "3.8.2 subscription identifier 0", 0x82, Packet(0x82, UInt16(1), Properties(11, 0), "a", 0) },
        { "3.10.1-1 UNSUBSCRIBE without its flags", 0x81, Packet(0xA0, UInt16(1), 0, "a") },
        { "3.10.3-2 UNSUBSCRIBE without a filter", 0x82, Packet(0xA2, UInt16(1), 0) },
        { "3.14.1-1 DISCONNECT with a flag", 0x81, [0xE1, 0] },
        { "3.14.2-1 a server's reason in a client's DISCONNECT", 0x82, Packet(0xE0, 0x8E) },
        { "3.14.2 a session that CONNECT let expire", 0x82, Packet(0xE0, 0, Properties(17, UInt32(9))) },
        { "3.15 AUTH without a method in CONNECT", 0x82, [0xF0, 0] },
        { "a server's packet", 0x82, Packet(0x90, UInt16(1), 0, 0) },
        { "a packet longer than its content", 0x81, Packet(0x40, UInt16(1), 0, 0, 9) },
        { "3.2.2-15 a packet over the server's maximum", 0x95, [0x30, 0xFF, 0xFF, 0xFF, 0x7F] },
    };

    public static TheoryData<string, int, byte[]> ForbiddenConnects => new()
    {
        { "3.1.2-3 the reserved flag", 0x81, Connect5("c", flags: 3) },
        { "3.1.2-11 will QoS without a will", 0x81, Connect5("c", flags: 0x0A) },
        { "3.1.2-12 will QoS 3", 0x81, Packet(0x10, "MQTT", 5, 0x1E, UInt16(60), 0, "c", 0, "w", "") },
        { "3.1.2-13 will retain without a will", 0x81, Connect5("c", flags: 0x22) },
        { "3.1.2-9 a will flag without a will", 0x81, Connect5("c", flags: 6) },
        { "3.1.2-17 a user name flag without a name", 0x81, Connect5("c", flags: 0x82) },
        {
            "3.1.3-4 a client identifier that is not UTF-8", 0x81,
            Packet(0x10, "MQTT", 5, 2, UInt16(60), 0, new byte[] { 0, 1, 0xFF })
        },
        { "3.1.2.11 receive maximum 0", 0x82, Connect5("c", properties: Properties(0x21, UInt16(0))) },
        { "3.1.2.11 maximum packet size 0", 0x82, Connect5("c", properties: Properties(39, UInt32(0))) },
        { "3.1.2.11 a property twice", 0x82, Connect5("c", properties: Properties(17, UInt32(1), 17, UInt32(1))) },
        { "3.1.2.11 authentication data without a method", 0x82, Connect5("c", properties: Properties(22, UInt16(0))) },
        { "4.12 enhanced authentication is not served", 0x8C, Connect5("c", properties: Properties(21, "X")) },
        { "3.1.3 a will's topic with a wildcard", 0x90, Packet(0x10, "MQTT", 5, 6, UInt16(60), 0, "c", 0, "w/#", "") },
        { "a will below $SYS", 0x90, Packet(0x10, "MQTT", 5, 6, UInt16(60), 0, "c", 0, "$SYS/w", "") },
        { "CONNECT longer than its content", 0x81, Packet(0x10, "MQTT", 5, 2, UInt16(60), 0, "c", 9) },
        { "CONNECT over its limit", 0x95, [.. Packet(0x10, "MQTT", 5, new byte[300_000])] },
    };

    [Fact]
    public async Task What_MQTT_5_forbids_ends_the_connection_with_its_reason()
    {
        await using var broker = await KestrelBroker.StartAsync();
        foreach (var row in ForbiddenPackets)
        {
            var (statement, reason, packet) = ((string)row[0], (int)row[1], (byte[])row[2]);
            using var wire = await OpenAsync(broker.Port, Connect5("forbidden"));
            await wire.SendAsync(packet);
            var goodbye = await wire.ReadAsync();
            Assert.True(goodbye is [0xE0, _, _, ..] && goodbye[2] == reason, $"{statement}: {Hex(goodbye)}");
            Assert.True(await wire.ReadAsync() is [], $"{statement}: the connection stays open");
        }
        Assert.DoesNotContain(broker.Log, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    /// <summary>MQTT-3.1.4-1, MQTT-3.2.2-6, MQTT-3.2.2-7, MQTT-3.14.0-1.</summary>
    [Fact]
    public async Task A_CONNECT_that_MQTT_5_forbids_is_told_why_and_the_connection_closed()
    {
        await using var broker = await KestrelBroker.StartAsync();
        foreach (var row in ForbiddenConnects)
        {
            var (statement, reason, packet) = ((string)row[0], (int)row[1], (byte[])row[2]);
            using var wire = new Wire(broker.Port);
            await wire.SendAsync(packet);
            var answer = await wire.ReadAsync();
            Assert.True(
                answer is [0x20, _, 0, _, ..] && answer[3] == reason, $"{statement}: {Hex(answer)}");
            Assert.True(await wire.ReadAsync() is [], $"{statement}: the connection stays open");
        }
    }

    /// <summary>MQTT-3.1.0-1, MQTT-3.1.2-1: told nothing, for who does not begin with CONNECT speaks no MQTT.</summary>
    [Fact]
    public async Task What_does_not_begin_with_CONNECT_is_closed()
    {
        await using var broker = await KestrelBroker.StartAsync();
        byte[][] starts = [[0xC0, 0], Packet(0x30, "a", 0), Packet(0x10, "HTTP", 5, 2, UInt16(60), 0, "c")];
        foreach (var start in starts)
        {
            using var wire = new Wire(broker.Port);
            await wire.SendAsync(start);
            await wire.ExpectClosedAsync();
        }
    }
}
