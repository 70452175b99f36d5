using System.Globalization;
using System.Net.Sockets;
using System.Text;
using static LeptonEdge.Tests.Polyfills.Mqtt.Wire;

namespace LeptonEdge.Tests.Polyfills.Mqtt;

/// <summary>
/// A publisher of QoS 2 in a kept session that carries every exchange to its end, over as many connections as it takes:
/// what it has begun it repeats under its old identifier (MQTT-4.4.0-1).
/// </summary>
internal sealed class RepeatingPublisher(string topic)
{
    private const int Identifier = 7;

    private bool _isKnown;
    private bool _isSent;
    private bool _isReleased;

    /// <summary>Messages that are through, named 1, 2, 3 …</summary>
    public int Done { get; private set; }

    /// <summary>Publishes one after the other until the connection ends, or <paramref name="isEnough"/>.</summary>
    public async Task PublishAsync(int port, Func<bool> isEnough)
    {
        using var wire = TryOpen(port);
        if (wire is null)
            return;
        await wire.SendAsync(Connect5("repeater", flags: 0, properties: Properties(17, UInt32(3600))));
        if (await wire.ReadAsync() is not { Length: > 3 } answer)
            return;
        Assert.Equal(0, answer[3]);
        Assert.True(answer[2] == 1 || !_isKnown, "the session is lost");
        _isKnown = true;
        while (_isSent || !isEnough())
        {
            if (!_isReleased && !await ExchangeAsync(wire, Publish(), 0x50))
                return;
            _isReleased = true;
            if (!await ExchangeAsync(wire, Packet(0x62, UInt16(Identifier)), 0x70))
                return;
            (_isSent, _isReleased) = (false, false);
            Done++;
        }
    }

    private static Wire? TryOpen(int port)
    {
        try
        {
            return new Wire(port);
        }
        catch (SocketException)
        {
            // Killed before we came.
            return null;
        }
    }

    private byte[] Publish()
    {
        var content = Encoding.UTF8.GetBytes($"2/repeater/{(Done + 1).ToString(CultureInfo.InvariantCulture)}");
        var first = _isSent ? 0x3C : 0x34;
        _isSent = true;
        return Packet(first, topic, UInt16(Identifier), 0, content);
    }

    /// <returns>False when the connection ended before the answer.</returns>
    private static async Task<bool> ExchangeAsync(Wire wire, byte[] packet, int answer)
    {
        await wire.SendAsync(packet);
        var came = await wire.ReadAsync();
        // 0x92: the broker had this PUBREL before it was killed, and only its PUBCOMP was lost.
        Assert.True(
            came is [] || (came[0] == answer && (came.Length == 4 || came[4] is 0 or 0x92)), Hex(came));
        return came.Length > 0;
    }
}
