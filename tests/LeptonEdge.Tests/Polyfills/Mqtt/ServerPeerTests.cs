using LeptonEdge.Tests.Support;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace LeptonEdge.Tests.Polyfills.Mqtt;

/// <summary>The server behind Kestrel against other people's clients.</summary>
public sealed class ServerPeerTests
{
    private static string Script(string name) => Path.Combine(Requires.RepositoryRoot, "tests", "peers", name);

    [PythonPeerFact("paho", "python3-paho-mqtt")]
    public async Task Paho_is_served_in_version_5() => await PahoAsync("5");

    [PythonPeerFact("paho", "python3-paho-mqtt")]
    public async Task Paho_is_served_in_version_3_1_1() => await PahoAsync("4");

    [NpmPeerFact("mqtt")]
    public async Task MQTT_js_is_served_in_version_5() => await NodeAsync("5");

    [NpmPeerFact("mqtt")]
    public async Task MQTT_js_is_served_in_version_3_1_1() => await NodeAsync("4");

    [PeerFact("mosquitto_pub", "mosquitto_sub")]
    public async Task Mosquittos_clients_are_served_in_every_version_with_and_without_TLS()
    {
        using var certificates = new TestCertificates();
        await using var broker = await KestrelBroker.StartAsync(certificates: certificates);
        string[] tls =
        [
            "-h", "localhost", "-p", $"{broker.TlsPort}", "--cafile", certificates.AuthorityFile,
            "--cert", certificates.DeviceFile, "--key", certificates.DeviceKeyFile,
        ];
        string[] plain = ["-p", $"{broker.Port}"];
        foreach (var version in new[] { "mqttv31", "mqttv311", "mqttv5" })
        {
            foreach (var way in new[] { plain, tls })
            {
                var topic = $"m/{version}/{way.Length}";
                using var subscriber = Peer.Start(
                    "stdbuf", ["-oL", "mosquitto_sub", .. way, "-V", version, "-t", topic, "-q", "2", "-C", "3", "-d"]);
                await subscriber.SaidAsync("Subscribed");
                foreach (var qos in new[] { "0", "1", "2" })
                {
                    using var publisher = Peer.Start(
                        "mosquitto_pub", [.. way, "-V", version, "-t", topic, "-q", qos, "-m", $"quality {qos}"]);
                    Assert.Equal(0, await publisher.ExitAsync());
                    await subscriber.SaidAsync($"quality {qos}");
                }
                Assert.Equal(0, await subscriber.ExitAsync());
            }
        }
        using var without = Peer.Start(
            "mosquitto_pub", "-h", "localhost", "-p", $"{broker.TlsPort}", "--cafile", certificates.AuthorityFile,
            "-t", "x", "-m", "y");
        Assert.NotEqual(0, await without.ExitAsync());
    }

    private static Task PahoAsync(string version) =>
        BothWaysAsync("/usr/bin/python3", Script("mqtt_roundtrip.py"), version);

    private static Task NodeAsync(string version) => BothWaysAsync("node", Script("mqtt_roundtrip.js"), version);

    /// <summary>Plain and with mutual TLS, each with a server that remembers nothing.</summary>
    private static async Task BothWaysAsync(string program, string script, string version)
    {
        using var certificates = new TestCertificates();
        await using (var plain = await KestrelBroker.StartAsync(Forbid))
            await OkAsync(program, script, $"{plain.Port}", version);
        await using var tls = await KestrelBroker.StartAsync(Forbid, certificates: certificates);
        await OkAsync(
            program, script, $"{tls.TlsPort}", version,
            certificates.AuthorityFile, certificates.DeviceFile, certificates.DeviceKeyFile);
    }

    private static void Forbid(MqttServer server) => server.InterceptingPublishAsync += args =>
    {
        if (!args.ApplicationMessage.Topic.StartsWith("forbidden/", StringComparison.Ordinal))
            return Task.CompletedTask;
        args.ProcessPublish = false;
        args.Response.ReasonCode = MqttPubAckReasonCode.NotAuthorized;
        return Task.CompletedTask;
    };

    private static async Task OkAsync(string program, params string[] arguments)
    {
        using var peer = Peer.Start(program, Path.Combine(Requires.RepositoryRoot, "tests", "peers"), arguments);
        var code = await peer.ExitAsync(60);
        Assert.True(code == 0 && peer.Lines[^1] == "ok", peer.Output);
    }
}
