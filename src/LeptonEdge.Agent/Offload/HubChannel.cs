using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Grpc.Net.Client;
using LeptonEdge.Core.Identity;
using LeptonEdge.Protocol.Inference;
using LeptonEdge.Sync;

namespace LeptonEdge.Agent.Offload;

/// <summary>The gRPC channel to the hub, or to another device of the site: mutual TLS 1.3, trusting the fleet's own
/// authority alone.</summary>
public sealed class HubChannel : IDisposable
{
    private readonly GrpcChannel _channel;
    private readonly SocketsHttpHandler _handler;

    /// <param name="peer">The device that must answer there; null for a hub, which proves the name in its
    /// address.</param>
    public HubChannel(
        Uri address, X509Certificate2 certificate, X509Certificate2Collection roots, TimeProvider clock,
        DeviceId? peer = null)
    {
        Address = address;
        _handler = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(2),
            // A hub that vanished without a word is noticed by these, not by the next window.
            KeepAlivePingDelay = TimeSpan.FromSeconds(5),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(3),
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5),
            EnableMultipleHttp2Connections = false,
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                EnabledSslProtocols = SslProtocols.Tls13,
                ClientCertificates = [certificate],
                LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate,
                RemoteCertificateValidationCallback = (_, presented, _, errors) => peer is null
                    ? FleetTrust.IsFromFleet(presented, errors, roots, certificate, clock)
                    : FleetTrust.DeviceOf(presented, roots, certificate, clock) == peer,
            },
        };
        _channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            HttpHandler = _handler,
            MaxReceiveMessageSize = 1024 * 1024,
        });
        Client = new GRPCInferenceService.GRPCInferenceServiceClient(_channel);
    }

    public Uri Address { get; }

    public GRPCInferenceService.GRPCInferenceServiceClient Client { get; }

    public void Dispose()
    {
        _channel.Dispose();
        _handler.Dispose();
    }
}
