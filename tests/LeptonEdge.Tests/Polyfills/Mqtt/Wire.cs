using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LeptonEdge.Tests.Polyfills.Mqtt;

/// <summary>A socket and MQTT's bytes, written and read without our codec.</summary>
internal sealed class Wire : IDisposable
{
    private readonly TcpClient _socket;

    public Wire(int port)
        : this(new TcpClient { NoDelay = true }) => _socket.Connect(IPAddress.Loopback, port);

    private Wire(TcpClient socket) => _socket = socket;

    /// <summary>The server's side: the next connection that somebody makes.</summary>
    public static async Task<Wire> AcceptAsync(TcpListener listener) => new(await listener.AcceptTcpClientAsync());

    private Stream Stream => _socket.GetStream();

    /// <summary>One packet: numbers are bytes, text is a string with its length, byte arrays go as they are.</summary>
    public static byte[] Packet(int first, params object[] parts)
    {
        var body = Body(parts);
        var length = new List<byte>();
        for (var rest = body.Length; ; rest >>= 7)
        {
            length.Add((byte)((rest & 0x7F) | (rest > 0x7F ? 0x80 : 0)));
            if (rest <= 0x7F)
                break;
        }
        return [(byte)first, .. length, .. body];
    }

    public static byte[] Body(params object[] parts) => [.. parts.SelectMany(part => part switch
    {
        int number => [(byte)number],
        string text => Text(text),
        byte[] bytes => bytes,
        _ => throw new ArgumentException($"{part} is no part of a packet", nameof(parts)),
    })];

    /// <summary>An MQTT 5 property block with its length.</summary>
    public static byte[] Properties(params object[] parts) => [(byte)Body(parts).Length, .. Body(parts)];

    public static byte[] UInt16(int value) => [(byte)(value >> 8), (byte)value];

    public static byte[] UInt32(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    public static byte[] Connect5(string clientId, int flags = 2, int keepAlive = 60, byte[]? properties = null) =>
        Packet(0x10, "MQTT", 5, flags, UInt16(keepAlive), properties ?? [0], clientId);

    public static byte[] Connect4(string clientId, int flags = 2, int keepAlive = 60) =>
        Packet(0x10, "MQTT", 4, flags, UInt16(keepAlive), clientId);

    /// <summary>Connects and takes the CONNACK.</summary>
    public static async Task<Wire> OpenAsync(int port, byte[] connect)
    {
        var wire = new Wire(port);
        await wire.SendAsync(connect);
        var answer = await wire.ReadAsync();
        Assert.True(answer is [0x20, _, _, 0, ..], $"CONNACK was {Hex(answer)}");
        return wire;
    }

    public async Task SendAsync(params byte[][] packets)
    {
        try
        {
            await Stream.WriteAsync(packets.SelectMany(p => p).ToArray());
        }
        catch (IOException)
        {
            // The server may already have closed on what was sent before; what it said can still be read.
        }
    }

    /// <summary>The next packet's bytes; empty when the server closed the connection.</summary>
    public async Task<byte[]> ReadAsync(int secondsMax = 15)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(secondsMax));
        var packet = new List<byte>();
        var one = new byte[1];
        var length = 0;
        try
        {
            for (var shift = -7; ; shift += 7)
            {
                if (await Stream.ReadAsync(one, limit.Token) == 0)
                    return [];
                packet.Add(one[0]);
                if (shift < 0)
                    continue;
                length |= (one[0] & 0x7F) << shift;
                if (one[0] < 0x80)
                    break;
            }
            var body = new byte[length];
            await Stream.ReadExactlyAsync(body, limit.Token);
            return [.. packet, .. body];
        }
        catch (IOException)
        {
            return [];
        }
    }

    public async Task ExpectAsync(params byte[][] packets)
    {
        foreach (var packet in packets)
            Assert.Equal(Hex(packet), Hex(await ReadAsync()));
    }

    /// <summary>So many packets that begin with this byte come, among whatever others.</summary>
    public async Task ExpectWithAsync(int first, int count)
    {
        while (count > 0)
        {
            var packet = await ReadAsync();
            Assert.NotEmpty(packet);
            count -= packet[0] == first ? 1 : 0;
        }
    }

    /// <summary>A DISCONNECT with this reason code (and whatever sentence), then the end.</summary>
    public async Task ExpectEndAsync(int reason)
    {
        var goodbye = await ReadAsync();
        Assert.True(goodbye is [0xE0, _, _, ..] && goodbye[2] == reason, $"not 0x{reason:X2} but {Hex(goodbye)}");
        await ExpectClosedAsync();
    }

    public async Task ExpectClosedAsync() => Assert.Equal("", Hex(await ReadAsync()));

    /// <summary>Everything sent before was taken, and nothing else came than the answer to this PINGREQ.</summary>
    public async Task ExpectNothingAsync()
    {
        await SendAsync([0xC0, 0]);
        await ExpectAsync([0xD0, 0]);
    }

    public static string Hex(byte[] bytes) => Convert.ToHexString(bytes);

    /// <summary>Ends the connection without DISCONNECT.</summary>
    public void Dispose() => _socket.Dispose();

    private static byte[] Text(string text) =>
        [.. UInt16(Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];
}
