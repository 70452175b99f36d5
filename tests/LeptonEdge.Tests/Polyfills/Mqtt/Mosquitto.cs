using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Polyfills.Mqtt;

/// <summary>A real mosquitto broker with a plain port and, given certificates, a port with mutual TLS.</summary>
internal sealed class Mosquitto : IDisposable
{
    private readonly TempFolder _folder = new();
    private Peer _process;

    private Mosquitto(TestCertificates? certificates, string extra)
    {
        var tls = certificates is null ? "" : $"""
            listener {TlsPort} 127.0.0.1
            allow_anonymous true
            cafile {certificates.AuthorityFile}
            certfile {certificates.ServerFile}
            keyfile {certificates.ServerKeyFile}
            require_certificate true
            use_identity_as_username true
            """;
        File.WriteAllText(_folder.File("mosquitto.conf"), $"""
            user root
            listener {Port} 127.0.0.1
            allow_anonymous true
            persistence true
            persistence_location {_folder.Path}/
            log_type all
            log_dest stderr
            {extra}
            {tls}

            """);
        _process = Peer.Start("mosquitto", "-c", _folder.File("mosquitto.conf"));
    }

    public int Port { get; } = Peer.FreePort();

    public int TlsPort { get; } = Peer.FreePort();

    public string Log => _process.Output;

    public static async Task<Mosquitto> StartAsync(TestCertificates? certificates = null, string extra = "")
    {
        var broker = new Mosquitto(certificates, extra);
        await Peer.ListensAsync(broker.Port);
        return broker;
    }

    /// <summary>Ends the broker without a goodbye.</summary>
    public void Kill() => _process.Kill();

    public async Task StartAgainAsync()
    {
        _process.Dispose();
        _process = Peer.Start("mosquitto", "-c", _folder.File("mosquitto.conf"));
        await Peer.ListensAsync(Port);
    }

    public void Dispose()
    {
        _process.Dispose();
        _folder.Dispose();
    }
}
