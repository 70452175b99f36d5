using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using MQTTnet.Diagnostics.Logger;

namespace MQTTnet.Server.Internal;

/// <summary>The server's own ports, for a process without Kestrel.</summary>
internal sealed class TcpListeners(IMqttNetLogger logger) : IMqttServerAdapter
{
    private readonly List<Socket> _sockets = [];
    private CancellationTokenSource? _running;

    private Func<ServerChannel, Task>? _handle;

    Func<ServerChannel, Task>? IMqttServerAdapter.ClientHandler
    {
        get => _handle;
        set => _handle = value;
    }

    Task IMqttServerAdapter.StartAsync(MqttServerOptions options)
    {
        _running = new CancellationTokenSource();
        Listen(options.DefaultEndpointOptions, null, options.DefaultCommunicationTimeout);
        if (options.TlsEndpointOptions is { IsEnabled: true, Certificate: null })
            throw new ArgumentException("The encrypted endpoint is enabled, but has no certificate.");
        Listen(options.TlsEndpointOptions, options.TlsEndpointOptions, options.DefaultCommunicationTimeout);
        return Task.CompletedTask;
    }

    public Task StopAsync()
    {
        foreach (var socket in _sockets)
            socket.Dispose();
        _sockets.Clear();
        return _running?.CancelAsync() ?? Task.CompletedTask;
    }

    public void Dispose() => _ = StopAsync();

    private void Listen(
        MqttServerTcpEndpointBaseOptions endpoint, MqttServerTlsTcpEndpointOptions? tls, TimeSpan timeout)
    {
        if (!endpoint.IsEnabled)
            return;
        var socket = new Socket(endpoint.BoundInterNetworkAddress.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _sockets.Add(socket);
        socket.Bind(new IPEndPoint(endpoint.BoundInterNetworkAddress, endpoint.Port));
        socket.Listen(endpoint.ConnectionBacklog);
        _ = Task.Run(() => AcceptAsync(socket, endpoint, tls, timeout, _running!.Token));
    }

    private async Task AcceptAsync(
        Socket socket,
        MqttServerTcpEndpointBaseOptions endpoint,
        MqttServerTlsTcpEndpointOptions? tls,
        TimeSpan timeout,
        CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var client = await socket.AcceptAsync(stopping).ConfigureAwait(false);
                client.NoDelay = endpoint.NoDelay;
                _ = Task.Run(() => ServeAsync(client, tls, timeout, stopping), CancellationToken.None);
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                // One connection that could not be accepted (out of descriptors, reset) must not end the listening.
                Log("A connection could not be accepted.", exception);
                await Task.Delay(TimeSpan.FromMilliseconds(100), CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(
        Socket client, MqttServerTlsTcpEndpointOptions? tls, TimeSpan timeout, CancellationToken stopping)
    {
        using (client)
        {
            try
            {
                Stream stream = new NetworkStream(client, ownsSocket: false);
                if (tls is not null)
                    stream = await SecureAsync(stream, tls, timeout, stopping).ConfigureAwait(false);
                await using (stream.ConfigureAwait(false))
                {
                    if (_handle is { } handle)
                        await handle(Channel(client, stream)).ConfigureAwait(false);
                    if (stream is SslStream secure)
                        await secure.ShutdownAsync().WaitAsync(TimeSpan.FromSeconds(1), CancellationToken.None)
                            .ConfigureAwait(false);
                    client.Shutdown(SocketShutdown.Both);
                }
            }
            catch (Exception exception)
            {
                Log($"A connection from {client.RemoteEndPoint} failed.", exception);
            }
        }
    }

    private static ServerChannel Channel(Socket client, Stream stream) => new()
    {
        Transport = new StreamPipe(stream),
        RemoteEndPoint = client.RemoteEndPoint,
        IsSecure = stream is SslStream,
        ClientCertificate = (stream as SslStream)?.RemoteCertificate as X509Certificate2,
        Abort = client.Dispose,
    };

    private static async Task<Stream> SecureAsync(
        Stream plain, MqttServerTlsTcpEndpointOptions tls, TimeSpan timeout, CancellationToken stopping)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(timeout);
        var secure = new SslStream(plain, leaveInnerStreamOpen: false);
        await secure.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificate = tls.Certificate,
                ClientCertificateRequired = tls.ClientCertificateRequired,
                EnabledSslProtocols = tls.SslProtocol,
                CertificateRevocationCheckMode =
                    tls.CheckCertificateRevocation ? X509RevocationMode.Online : X509RevocationMode.NoCheck,
                RemoteCertificateValidationCallback = tls.RemoteCertificateValidationCallback,
            },
            limit.Token).ConfigureAwait(false);
        return secure;
    }

    private void Log(string message, Exception exception) =>
        logger.Publish(MqttNetLogLevel.Warning, nameof(MqttServer), message, null, exception);

    private sealed class StreamPipe(Stream stream) : IDuplexPipe
    {
        public PipeReader Input { get; } = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));

        public PipeWriter Output { get; } = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
    }
}
