using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using MQTTnet.Formatter;
using MQTTnet.Internal;
using MQTTnet.Packets;

namespace LeptonEdge.Tests.Polyfills.Mqtt;

/// <summary>A socket that sends whatever bytes a test wants, and decodes what comes back.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly TcpClient _socket = new();
    private readonly PacketPipe _pipe;

    public RawClient(int port)
    {
        _socket.Connect(IPAddress.Loopback, port);
        var input = PipeReader.Create(_socket.GetStream());
        _pipe = new PacketPipe(input, PipeWriter.Create(Stream.Null), TimeProvider.System);
    }

    public static byte[] Connect(string clientId, ushort keepAliveSeconds) => CodecTests.Encode(
        new MqttConnectPacket { ClientId = clientId, CleanSession = true, KeepAlivePeriod = keepAliveSeconds },
        MqttProtocolVersion.V500);

    public async Task SendAsync(byte[] bytes)
    {
        try
        {
            await _socket.GetStream().WriteAsync(bytes);
        }
        catch (IOException)
        {
            // The server may already have closed on what was sent before.
        }
    }

    /// <summary>The next packet, or null when the server closed the connection.</summary>
    public async Task<MqttPacket?> ReadAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        return await _pipe.ReadAsync(limit.Token);
    }

    public async Task<byte[]> ReadBytesAsync(int count)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        var bytes = new byte[count];
        await _socket.GetStream().ReadExactlyAsync(bytes, limit.Token);
        return bytes;
    }

    public void Dispose() => _socket.Dispose();
}
