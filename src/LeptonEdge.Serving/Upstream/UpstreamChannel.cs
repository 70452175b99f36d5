using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;

namespace LeptonEdge.Serving.Upstream;

/// <summary>Connections to the servers of a pool.</summary>
internal static class UpstreamChannel
{
    // The handler takes no less.
    private static readonly TimeSpan PingLeast = TimeSpan.FromSeconds(1);

    /// <exception cref="System.Security.Cryptography.CryptographicException">A PEM file holds no
    /// certificate.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static GrpcChannel Open(UpstreamOptions pool, Uri address)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = pool.Health.Timeout,
            // A server that vanished without a word is noticed by these, whether or not calls come.
            KeepAlivePingDelay = pool.Health.Every > PingLeast ? pool.Health.Every : PingLeast,
            KeepAlivePingTimeout = pool.Health.Timeout > PingLeast ? pool.Health.Timeout : PingLeast,
            EnableMultipleHttp2Connections = true,
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
        };
        if (address.Scheme == Uri.UriSchemeHttps)
            handler.SslOptions = Tls(pool);
        return GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            HttpHandler = handler, DisposeHttpClient = true, MaxReceiveMessageSize = pool.ReplyBytesMax,
        });
    }

    /// <summary>What every call brings: the path so far, and the token if there is one.</summary>
    public static Metadata HeadersFor(string? token, UpstreamPath path)
    {
        var headers = new Metadata { { UpstreamPath.Header, path.Next } };
        if (token is not null)
            headers.Add("authorization", $"Bearer {token}");
        return headers;
    }

    private static SslClientAuthenticationOptions Tls(UpstreamOptions pool)
    {
        var tls = new SslClientAuthenticationOptions();
        if (pool.AuthorityFile is { } authority)
        {
            tls.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            tls.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(authority);
        }

        if (pool.Identity is { } files)
        {
            var own = X509Certificate2.CreateFromPemFile(files.Certificate, files.Key);
            tls.ClientCertificates = [own];
            tls.LocalCertificateSelectionCallback = (_, _, _, _, _) => own;
        }

        return tls;
    }
}
