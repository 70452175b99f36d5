using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Tests.Polyfills.GrpcPeers;

/// <summary>
/// Our server on Kestrel at a free port: HTTP/2 in plain text, and over TLS with a certificate of its own.
/// </summary>
public sealed class EchoHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private EchoHost(WebApplication app, X509Certificate2 certificate)
    {
        _app = app;
        Certificate = certificate;
    }

    public EchoLog Log => _app.Services.GetRequiredService<EchoLog>();

    public X509Certificate2 Certificate { get; }

    public string PlainAddress => _app.Urls.First(url => url.StartsWith("http:", StringComparison.Ordinal));

    public string TlsAddress => _app.Urls.First(url => url.StartsWith("https:", StringComparison.Ordinal));

    public static async Task<EchoHost> StartAsync(
        Action<GrpcServiceOptions>? options = null, Action<WebApplication>? map = null)
    {
        var certificate = CreateCertificate();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.UseHttps(certificate);
            });
        });
        builder.Services.AddSingleton<EchoLog>();
        builder.Services.AddGrpc(options ?? (_ => { }));
        var app = builder.Build();
        app.MapGrpcService<EchoService>();
        map?.Invoke(app);
        await app.StartAsync();
        return new EchoHost(app, certificate);
    }

    public async ValueTask DisposeAsync()
    {
        Log.Released.TrySetResult();
        await _app.DisposeAsync();
        Certificate.Dispose();
    }

    private static X509Certificate2 CreateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = DateTimeOffset.UtcNow;
        return request.CreateSelfSigned(now.AddHours(-1), now.AddHours(1));
    }
}
