using System.Text.Json;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Polyfills.Mqtt;

/// <summary>Other people's clients of MQTT 3.1.1 and 5 on one broker: each gets what its version knows.</summary>
public sealed class MixedVersionTests
{
    private static readonly string Peers = Path.Combine(Requires.RepositoryRoot, "tests", "peers");

    [PythonPeerFact("paho", "python3-paho-mqtt")]
    public Task Paho_of_both_versions_gets_messages_from_both() =>
        BothVersionsAsync("/usr/bin/python3", "mqtt_listen.py");

    [NpmPeerFact("mqtt")]
    public Task MQTT_js_of_both_versions_gets_messages_from_both() => BothVersionsAsync("node", "mqtt_listen.js");

    private static async Task BothVersionsAsync(string program, string script)
    {
        await using var broker = await KestrelBroker.StartAsync();
        using var old = Peer.Start(program, Peers, [script, $"{broker.Port}", "4", "mixed/#", "3"]);
        using var five = Peer.Start(program, Peers, [script, $"{broker.Port}", "5", "mixed/#", "3"]);
        await old.SaidAsync("subscribed");
        await five.SaidAsync("subscribed");
        string[][] publishers =
        [
            ["-V", "mqttv5", "-r", "-t", "mixed/5", "-m", "from five", "-D", "publish", "content-type", "text/x",
                "-D", "publish", "user-property", "k", "v"],
            ["-V", "mqttv311", "-t", "mixed/4", "-m", "from 3.1.1"],
            ["-V", "mqttv31", "-t", "mixed/3", "-m", "from 3.1"],
        ];
        foreach (var publisher in publishers)
        {
            using var mosquitto = Peer.Start("mosquitto_pub", ["-p", $"{broker.Port}", "-q", "1", .. publisher]);
            Assert.Equal(0, await mosquitto.ExitAsync());
        }
        Assert.Equal(0, await old.ExitAsync());
        Assert.Equal(0, await five.ExitAsync());
        Assert.Equal(
            ["mixed/5 from five False - ", "mixed/4 from 3.1.1 False - ", "mixed/3 from 3.1 False - "], Seen(old));
        Assert.Equal(
            ["mixed/5 from five False text/x k=v", "mixed/4 from 3.1.1 False - ", "mixed/3 from 3.1 False - "],
            Seen(five));
        // The retained one still has its properties, for who asks in MQTT 5, and its flag for both.
        using var lateOld = Peer.Start(program, Peers, [script, $"{broker.Port}", "4", "mixed/5", "1"]);
        using var lateFive = Peer.Start(program, Peers, [script, $"{broker.Port}", "5", "mixed/5", "1"]);
        Assert.Equal(0, await lateOld.ExitAsync());
        Assert.Equal(0, await lateFive.ExitAsync());
        Assert.Equal(["mixed/5 from five True - "], Seen(lateOld));
        Assert.Equal(["mixed/5 from five True text/x k=v"], Seen(lateFive));
    }

    private static string[] Seen(Peer peer) => [.. peer.Lines.Where(line => line.StartsWith('{')).Select(line =>
    {
        using var json = JsonDocument.Parse(line);
        string Of(string name) => json.RootElement.GetProperty(name).ToString() is { Length: > 0 } text ? text : "-";
        var user = json.RootElement.GetProperty("user").EnumerateArray().Select(pair => $"{pair[0]}={pair[1]}");
        return $"{Of("topic")} {Of("payload")} {Of("retain")} {Of("content_type")} {string.Join(",", user)}";
    })];
}
