using System.Diagnostics;
using LeptonEdge.Tests.Polyfills.GrpcPeers;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Hub;

/// <summary>Other people's clients against the hub's ports, with certificates that the hub issued.</summary>
public sealed class HubPeerTests(HubUnderTest hub) : IClassFixture<HubUnderTest>
{
    [PeerFact("mosquitto_pub")]
    public async Task Mosquitto_pub_is_let_in_by_its_certificate_and_held_to_its_rights()
    {
        string[] own = ["-t", "lepton/plant-7/edge-m/up/telemetry", "-m", "not sealed", "-q", "1"];
        string[] others = ["-t", "lepton/plant-7/edge-b/up/telemetry", "-m", "x", "-q", "1"];
        var accepted = await RunAsync("mosquitto_pub", [.. Login("edge-m", "plant-7/edge-m"), .. own]);
        Assert.True(accepted.Status == 0 && !accepted.Text.Contains("uthorized"), accepted.Text);
        var refused = await RunAsync("mosquitto_pub", [.. Login("edge-m", "plant-7/edge-m"), .. others]);
        Assert.Contains("Not authorized", refused.Text, StringComparison.OrdinalIgnoreCase);
        var impostor = await RunAsync("mosquitto_pub", [.. Login("edge-m", "plant-7/edge-b"), .. own]);
        Assert.NotEqual(0, impostor.Status);
        var nameless = await RunAsync("mosquitto_pub",
            ["-h", "127.0.0.1", "-p", Port, "--cafile", hub.DeviceFile("edge-m", "ca.crt"), "-i", "plant-7/edge-m",
                .. own]);
        Assert.NotEqual(0, nameless.Status);

        // What is no sealed batch is dropped and counted; the hub stays up.
        using var client = hub.Client();
        await Eventually.True(
            async () => !(await client.GetStringAsync("/metrics")).Contains("messages_dropped_total 0"),
            "it is counted");
    }

    [PeerFact("mosquitto_sub")]
    public async Task Mosquitto_sub_cannot_listen_to_the_fleet()
    {
        foreach (var filter in (string[])["#", "lepton/plant-7/+/up/#", "$share/hub/lepton/+/+/up/#"])
        {
            var denied =
                await RunAsync("mosquitto_sub", [.. Login("edge-n", "plant-7/edge-n"), "-t", filter, "-W", "5"]);
            Assert.Contains("denied", denied.Text, StringComparison.OrdinalIgnoreCase);
        }
    }

    [PythonPeerFact("grpc", "python3-grpcio")]
    public async Task Python_grpcio_calls_the_inference_service_with_a_device_certificate()
    {
        const string Script = """
            import grpc, sys
            read = lambda name: open(name, 'rb').read()
            address, ca, crt, key = sys.argv[1:]
            live = '/inference.GRPCInferenceService/ServerLive'
            def call(*pair):
                credentials = grpc.ssl_channel_credentials(read(ca), *[read(p) for p in pair])
                with grpc.secure_channel(address, credentials) as channel:
                    return channel.unary_unary(live)(b'', timeout=10).hex()
            print(call(key, crt))
            try:
                print(call())
            except grpc.RpcError as refused:
                print(refused.code().name)
            """;
        var result = await RunAsync(PeerProcess.Python,
            ["-c", Script, $"localhost:{hub.Server.Ports.Https}", hub.DeviceFile("edge-p", "ca.crt"),
                hub.DeviceFile("edge-p", "device.crt"), hub.DeviceFile("edge-p", "device.key")]);
        Assert.Equal(["0801", "UNAUTHENTICATED"], result.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private string Port => hub.Server.Ports.Mqtt.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private string[] Login(string device, string clientId) =>
    [
        "-h", "127.0.0.1", "-p", Port, "-V", "mqttv5", "-i", clientId, "--cafile", hub.DeviceFile(device, "ca.crt"),
        "--cert", hub.DeviceFile(device, "device.crt"), "--key", hub.DeviceFile(device, "device.key"),
    ];

    private static async Task<(int Status, string Text)> RunAsync(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Requires.FindProgram(program) ?? program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var text = await process.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(30));
        await process.WaitForExitAsync();
        return (process.ExitCode, text + await errors);
    }
}
