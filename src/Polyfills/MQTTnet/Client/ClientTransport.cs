using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace MQTTnet.Internal;

/// <summary>The socket to the server, with TLS when it is wanted.</summary>
internal sealed class ClientTransport : IDisposable
{
    private readonly Socket _socket;
    private readonly Stream _stream;
    // Between who writes and the socket: while one send is under way, all that is written meanwhile waits for the next.
    private readonly Pipe _outgoing = new(new PipeOptions(
        pauseWriterThreshold: 256 * 1024, resumeWriterThreshold: 128 * 1024, minimumSegmentSize: 16 * 1024,
        useSynchronizationContext: false));
    private readonly Task _sending;
    private volatile bool _isClosing;

    private ClientTransport(Socket socket, Stream stream, int bufferSize)
    {
        _socket = socket;
        _stream = stream;
        Input = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: bufferSize, leaveOpen: true));
        _sending = Task.Run(SendAsync);
    }

    public PipeReader Input { get; }

    public PipeWriter Output => _outgoing.Writer;

    public static async Task<ClientTransport> ConnectAsync(MqttClientTcpOptions options, CancellationToken cancellation)
    {
        var remote = options.RemoteEndpoint ?? throw new ArgumentException("No endpoint is set.", nameof(options));
        var socket = NewSocket(options, remote);
        try
        {
            await socket.ConnectAsync(remote, cancellation).ConfigureAwait(false);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (options.TlsOptions.UseTls)
                stream = await SecureAsync(stream, options, remote, cancellation).ConfigureAwait(false);
            return new ClientTransport(socket, stream, options.BufferSize);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Says goodbye at the TLS and TCP level, so that what was sent last still arrives.</summary>
    public async Task CloseAsync(CancellationToken cancellation)
    {
        EndSending();
        await _sending.WaitAsync(cancellation).ConfigureAwait(false);
        if (_stream is SslStream tls)
            await tls.ShutdownAsync().WaitAsync(cancellation).ConfigureAwait(false);
        _socket.LingerState = new LingerOption(false, 0);
        _socket.Shutdown(SocketShutdown.Both);
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
        EndSending();
    }

    private void EndSending()
    {
        _isClosing = true;
        _outgoing.Reader.CancelPendingRead();
    }

    private async Task SendAsync()
    {
        Exception? failure = null;
        try
        {
            while (true)
            {
                var read = await _outgoing.Reader.ReadAsync().ConfigureAwait(false);
                foreach (var part in read.Buffer)
                    await _stream.WriteAsync(part).ConfigureAwait(false);
                _outgoing.Reader.AdvanceTo(read.Buffer.End);
                if (read.IsCanceled && _isClosing)
                    break;
            }
        }
        catch (Exception exception)
        {
            failure = exception is IOException ? exception : new IOException("The connection is closed.", exception);
        }
        // From here on a write fails with this, or finds the connection closed.
        await _outgoing.Reader.CompleteAsync(failure).ConfigureAwait(false);
    }

    private static Socket NewSocket(MqttClientTcpOptions options, EndPoint remote)
    {
        if (remote is UnixDomainSocketEndPoint)
            return new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var socket = options.AddressFamily == AddressFamily.Unspecified
            ? new Socket(SocketType.Stream, options.ProtocolType)
            : new Socket(options.AddressFamily, SocketType.Stream, options.ProtocolType);
        socket.NoDelay = options.NoDelay;
        socket.LingerState = options.LingerState;
        if (options.DualMode is { } dual)
            socket.DualMode = dual;
        if (options.LocalEndpoint is not null)
            socket.Bind(options.LocalEndpoint);
        return socket;
    }

    private static async Task<Stream> SecureAsync(
        Stream plain, MqttClientTcpOptions options, EndPoint remote, CancellationToken cancellation)
    {
        var tls = options.TlsOptions;
        var secure = new SslStream(plain, leaveInnerStreamOpen: false);
        var authentication = new SslClientAuthenticationOptions
        {
            TargetHost = !string.IsNullOrEmpty(tls.TargetHost) ? tls.TargetHost : remote switch
            {
                DnsEndPoint dns => dns.Host,
                IPEndPoint ip => ip.Address.ToString(),
                _ => string.Empty,
            },
            ApplicationProtocols = tls.ApplicationProtocols,
            EnabledSslProtocols = tls.SslProtocol,
            CertificateRevocationCheckMode = tls.RevocationMode,
            AllowRenegotiation = tls.AllowRenegotiation,
            ClientCertificates = tls.ClientCertificatesProvider?.GetCertificates(),
            CipherSuitesPolicy = tls.CipherSuitesPolicy,
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                IsTrusted(options, certificate, chain, errors),
        };
        if (tls.TrustChain is { Count: > 0 } roots)
        {
            authentication.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                VerificationFlags = X509VerificationFlags.IgnoreEndRevocationUnknown,
                RevocationMode = tls.RevocationMode,
            };
            authentication.CertificateChainPolicy.CustomTrustStore.AddRange(roots);
        }
        await secure.AuthenticateAsClientAsync(authentication, cancellation).ConfigureAwait(false);
        return secure;
    }

    private static bool IsTrusted(
        MqttClientTcpOptions options, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        var tls = options.TlsOptions;
        if (tls.CertificateValidationHandler is { } decide)
            return decide(new MqttClientCertificateValidationEventArgs(certificate, chain, errors, options));
        if (errors == SslPolicyErrors.None || tls.AllowUntrustedCertificates)
            return true;
        const X509ChainStatusFlags revocation = X509ChainStatusFlags.RevocationStatusUnknown
            | X509ChainStatusFlags.Revoked | X509ChainStatusFlags.OfflineRevocation;
        var excused = (tls.IgnoreCertificateRevocationErrors ? revocation : 0)
            | (tls.IgnoreCertificateChainErrors ? X509ChainStatusFlags.PartialChain : 0);
        return errors == SslPolicyErrors.RemoteCertificateChainErrors
            && chain is not null
            && chain.ChainStatus.All(s => (s.Status & ~excused) == X509ChainStatusFlags.NoError);
    }
}
