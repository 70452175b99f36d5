using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MQTTnet.AspNetCore;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Server;

namespace LeptonEdge.Tests.Polyfills.Mqtt;

/// <summary>Our server behind Kestrel, as the hub wires it: a plain port, and one with mutual TLS.</summary>
internal sealed class KestrelBroker : IAsyncDisposable, IMqttNetLogger
{
    private readonly WebApplication _app;

    private KestrelBroker(TestCertificates? certificates, Action<MqttServerOptionsBuilder> configure)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, Port, listen => listen.UseMqtt());
            if (certificates is not null)
                kestrel.Listen(IPAddress.Loopback, TlsPort, listen => UseTls(listen, certificates));
        });
        builder.Services.AddMqttLogger(this);
        builder.Services.AddMqttServer(configure);
        _app = builder.Build();
        Server = _app.Services.GetRequiredService<MqttServer>();
    }

    public int Port { get; } = Peer.FreePort();

    public int TlsPort { get; } = Peer.FreePort();

    public MqttServer Server { get; }

    public ConcurrentQueue<string> Log { get; } = new();

    bool IMqttNetLogger.IsEnabled => true;

    public static async Task<KestrelBroker> StartAsync(
        Action<MqttServer>? events = null,
        Action<MqttServerOptionsBuilder>? configure = null,
        TestCertificates? certificates = null,
        string? sessionFile = null)
    {
        var broker = new KestrelBroker(certificates, o =>
        {
            o.WithPersistentSessions();
            configure?.Invoke(o);
        });
        if (sessionFile is not null)
            broker.Server.ServerSessionItems["MQTTnet.Server.SessionFile"] = sessionFile;
        events?.Invoke(broker.Server);
        await broker._app.StartAsync();
        return broker;
    }

    void IMqttNetLogger.Publish(
        MqttNetLogLevel logLevel, string source, string message, object[]? parameters, Exception? exception) =>
        Log.Enqueue($"{logLevel} {message} {exception}");

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static void UseTls(ListenOptions listen, TestCertificates certificates)
    {
        listen.Protocols = HttpProtocols.Http1;
        listen.UseHttps(new HttpsConnectionAdapterOptions
        {
            ServerCertificate = certificates.Server,
            SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ClientCertificateMode = ClientCertificateMode.RequireCertificate,
            ClientCertificateValidation = (certificate, _, errors) =>
                (errors & SslPolicyErrors.RemoteCertificateNotAvailable) == 0 && certificates.Issued(certificate),
        });
        listen.UseMqtt();
    }
}
