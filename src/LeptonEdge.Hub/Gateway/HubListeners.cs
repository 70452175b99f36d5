using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using LeptonEdge.Sync;
using LeptonEdge.Hub.Trust;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using MQTTnet.AspNetCore;
using KestrelListenOptions = Microsoft.AspNetCore.Server.Kestrel.Core.ListenOptions;
using ListenOptions = LeptonEdge.Hub.Configuration.ListenOptions;

namespace LeptonEdge.Hub.Gateway;

/// <summary>The hub's ports: TLS 1.3 with the fleet's own authority, for HTTPS and for MQTT; plain HTTP on loopback
/// alone.</summary>
public sealed class HubListeners(ListenOptions where, FleetAuthority authority)
{
    private const long BodyBytesMax = 16 * 1024 * 1024;
    private const long ConnectionsMax = 20_000;

    // Slower than any link that carries inference: who sends or takes less than this has stopped, and what was buffered
    // for it is given up.
    private static readonly MinDataRate s_slowest = new(bytesPerSecond: 2048, gracePeriod: TimeSpan.FromSeconds(10));
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(30);

    private readonly ConnectionGate _gate = new();
    private KestrelListenOptions? _https;
    private KestrelListenOptions? _mqtt;
    private KestrelListenOptions? _http;

    /// <summary>The ports in use, once the hub listens; 0 where it does not.</summary>
    public HubPorts Ports => new(PortOf(_https), PortOf(_mqtt), PortOf(_http));

    public void Configure(KestrelServerOptions options)
    {
        options.AddServerHeader = false;
        options.Limits.MaxRequestBodySize = BodyBytesMax;
        options.Limits.MaxConcurrentConnections = ConnectionsMax;
        options.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
        options.Limits.MinRequestBodyDataRate = s_slowest;
        options.Limits.MinResponseDataRate = s_slowest;
        // A stream may be silent for hours; whether anyone is at its other end only a question tells.
        options.Limits.Http2.KeepAlivePingDelay = s_silence;
        options.Limits.Http2.KeepAlivePingTimeout = s_silence;
        // First, so that its port is known before the first request can ask for the link to it.
        if (where.Mqtt is not null)
        {
            options.Listen(where.Mqtt, listen =>
            {
                _mqtt = listen;
                listen.UseHttps(Tls(ClientCertificateMode.RequireCertificate));
                listen.UseMqtt();
            });
        }

        options.Listen(where.Https, listen =>
        {
            _https = listen;
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.Use(next => connection => _gate.BeforeTlsAsync(connection, next));
            listen.UseHttps(Tls(ClientCertificateMode.AllowCertificate));
            listen.Use(next => connection => _gate.BehindTlsAsync(connection, next));
        });
        if (where.Http is not null)
        {
            options.Listen(where.Http, listen =>
            {
                _http = listen;
                listen.Protocols = HttpProtocols.Http1;
            });
        }
    }

    private HttpsConnectionAdapterOptions Tls(ClientCertificateMode mode) => new()
    {
        ServerCertificate = authority.HubCertificate,
        SslProtocols = SslProtocols.Tls13,
        ClientCertificateMode = mode,
        HandshakeTimeout = TimeSpan.FromSeconds(10),
        // The system's trust store does not count, so neither do the errors it found: our own authority alone decides.
        ClientCertificateValidation = (certificate, _, _) => IsOfTheFleet(certificate),
        OnAuthenticate = (_, ssl) => ssl.AllowRenegotiation = false,
    };

    private bool IsOfTheFleet(X509Certificate2 certificate) =>
        authority.Issued(certificate) && FleetIdentity.Read(certificate)?.Tenant == authority.Tenant;

    private static int PortOf(KestrelListenOptions? listen) => listen?.IPEndPoint?.Port ?? 0;
}

/// <summary>What <c>ports.json</c> in the data folder says; 0 where the hub does not listen.</summary>
public sealed record HubPorts(int Https, int Mqtt, int Http);
