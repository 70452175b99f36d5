using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace LeptonEdge.Tests.Support;

/// <summary>One HTTP/2 connection by hand, which may stop where it likes. It reads only when told to.</summary>
public sealed class RudeClient : IDisposable
{
    private readonly Socket _socket;
    private readonly SslStream _tls;
    private readonly byte[] _block;
    private readonly byte[] _header = new byte[Http2Bytes.FrameHeader];
    private int _stream = -1;

    private RudeClient(Socket socket, SslStream tls, byte[] block) =>
        (_socket, _tls, _block) = (socket, tls, block);

    /// <summary>Status codes of gRPC that have come, as they were read.</summary>
    public List<string> Statuses { get; } = [];

    /// <param name="window">Bytes that it lets the server send on each stream.</param>
    public static async Task<RudeClient> ConnectAsync(
        Uri server, X509Certificate2 certificate, string path, int window = Http2Bytes.Window)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, server.Port);
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = server.Host,
                ApplicationProtocols = [SslApplicationProtocol.Http2],
                ClientCertificates = [certificate],
                RemoteCertificateValidationCallback = static (_, _, _, _) => true,
            });
            await tls.WriteAsync(Http2Bytes.Opening(window));
            return new RudeClient(
                socket, tls, Http2Bytes.RequestBlock(server.Authority, path, isTls: true));
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends many calls at once, each with these bytes of a body.</summary>
    /// <param name="ends">False: the rest of each body never comes.</param>
    public async Task CallAsync(int calls, byte[] body, bool ends)
    {
        var bytes = new List<byte>();
        for (var i = 0; i < calls; i++)
        {
            _stream += 2;
            Http2Bytes.Add(bytes, Http2Bytes.Headers, Http2Bytes.EndHeaders, _stream, _block);
            Http2Bytes.Add(bytes, Http2Bytes.Data, ends ? Http2Bytes.EndStream : (byte)0, _stream, body);
        }

        await _tls.WriteAsync(bytes.ToArray());
        await _tls.FlushAsync();
    }

    /// <summary>Takes back all calls but the last so many, without waiting for anything.</summary>
    public async Task ResetAsync(int calls)
    {
        var bytes = new List<byte>();
        for (var stream = Math.Max(1, _stream - 2 * (calls - 1)); stream <= _stream; stream += 2)
            Http2Bytes.Add(bytes, Http2Bytes.Reset, 0, stream, Http2Bytes.Number(8));
        await _tls.WriteAsync(bytes.ToArray());
        await _tls.FlushAsync();
    }

    /// <summary>Returns when the server has read all that was sent before.</summary>
    public async Task PingAsync()
    {
        var bytes = new List<byte>();
        Http2Bytes.Add(bytes, Http2Bytes.Ping, 0, 0, new byte[8]);
        await _tls.WriteAsync(bytes.ToArray());
        while (await ReadFrameAsync() is var (type, flags) && (type, flags) != (Http2Bytes.Ping, Http2Bytes.Ack))
        {
        }
    }

    /// <summary>Reads until so many statuses have come.</summary>
    public async Task ReadAsync(int statuses)
    {
        while (Statuses.Count < statuses)
            await ReadFrameAsync();
    }

    /// <summary>Breaks the connection off: the server receives RST in place of what TCP had still to say.</summary>
    public void Break()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    public void Dispose()
    {
        _tls.Dispose();
        _socket.Dispose();
    }

    private async Task<(byte Type, byte Flags)> ReadFrameAsync()
    {
        await _tls.ReadExactlyAsync(_header);
        var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(_header) >>> 8];
        await _tls.ReadExactlyAsync(payload);
        if (_header[3] == Http2Bytes.Headers && Http2Bytes.StatusIn(payload) is { } status)
            Statuses.Add(status);
        return (_header[3], _header[4]);
    }
}
