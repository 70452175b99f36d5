using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Cli;

/// <summary>What <c>lepton doctor</c> finds well, and what broken.</summary>
[SupportedOSPlatform("linux")]
public sealed class CliDoctorTests(CliHub fleet) : IClassFixture<CliHub>
{
    [Fact]
    public async Task Where_all_is_well_every_check_is_ok_or_warns_and_the_status_is_0()
    {
        var hub = fleet.Hub;
        var found = await AskAsync(
            0, ["--agent-config", AgentFile("well", hub.DeviceFolder("press")), "--data", hub.DataFolder,
            "--hub", hub.Https.ToString(), "--ca", hub.DeviceFile("press", "ca.crt")]);
        foreach (var check in (string[])[
            "onnx-runtime", "agent-config", "agent-data", "device-key", "device-cert", "device-chain", "hub-cert",
            "hub-chain", "ca-key", "operator-token", "hub-name", "hub-reach", "clock", "token", "version", "hub-tls",
            "hub-mqtt", "hub-grpc"])
            Assert.Equal((check, "ok"), (check, found[check].State));
    }

    [Fact]
    public async Task What_is_broken_is_named_with_what_to_do_and_the_status_is_7()
    {
        using var folder = new TempFolder();
        // A key that others may read, a certificate that ended and is of another fleet.
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=press", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        using var ended = request.CreateSelfSigned(now.AddDays(-9), now.AddDays(-1));
        await File.WriteAllTextAsync(folder.File("device.crt"), ended.ExportCertificatePem());
        await File.WriteAllTextAsync(folder.File("device.key"), key.ExportPkcs8PrivateKeyPem());
        File.SetUnixFileMode(folder.File("device.key"), UnixFileMode.UserRead | UnixFileMode.OtherRead);
        File.Copy(fleet.Hub.DeviceFile("press", "ca.crt"), folder.File("ca.crt"));
        File.Copy(fleet.Hub.DeviceFile("press", "hub.pub"), folder.File("hub.pub"));

        var found = await AskAsync(
            7, ["--agent-config", AgentFile("broken", folder.Path, mqttPort: 1), "--hub", "http://127.0.0.1:1"]);
        Assert.Equal("fail", found["device-key"].State);
        Assert.Contains("chmod 600", found["device-key"].Remedy);
        Assert.Equal("fail", found["device-cert"].State);
        Assert.Contains("lepton hub issue", found["device-cert"].Remedy);
        Assert.Equal("fail", found["device-chain"].State);
        Assert.Equal("fail", found["hub-mqtt"].State);
        Assert.Contains("firewall", found["hub-mqtt"].Remedy);
        Assert.Equal("fail", found["hub-reach"].State);
        Assert.All(found.Values.Where(finding => finding.State != "ok"), finding => Assert.NotEmpty(finding.Remedy));
    }

    [Fact]
    public async Task A_library_and_a_configuration_that_cannot_be_used_are_named_for_reading()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("agent.yaml"), "tenant: plant-7\nsensorz: []\n");
        var (status, output, errors) = await fleet.RunAtHomeAsync(
            ["doctor", "--agent-config", folder.File("agent.yaml"), "--hub", fleet.Hub.Http.ToString()],
            ("LEPTON_TOKEN", fleet.Hub.Token), ("LEPTON_ONNXRUNTIME", "/nowhere/libonnxruntime.so"));
        Assert.Equal((7, ""), (status, errors));
        Assert.Matches("FAIL +onnx-runtime .*/nowhere/libonnxruntime.so", output);
        Assert.Contains("-> set LEPTON_ONNXRUNTIME", output);
        Assert.Matches("FAIL +agent-config .*sensorz", output);
        Assert.DoesNotContain('\e', output);
    }

    private async Task<Dictionary<string, (string State, string Remedy)>> AskAsync(int expected, string[] arguments)
    {
        var (status, output, errors) = await fleet.RunAtHomeAsync(
            ["doctor", "-o", "json", .. arguments], ("LEPTON_TOKEN", fleet.Hub.Token));
        Assert.True((status, errors) == (expected, ""), $"{status}\n{output}\n{errors}");
        using var document = JsonDocument.Parse(output);
        return document.RootElement.GetProperty("items").EnumerateArray()
            .DistinctBy(item => item.GetProperty("check").GetString()).ToDictionary(
                item => item.GetProperty("check").GetString()!,
                item => (item.GetProperty("state").GetString()!, item.GetProperty("remedy").GetString()!));
    }

    /// <param name="folder">With the device's certificate and keys.</param>
    private string AgentFile(string name, string folder, int? mqttPort = null)
    {
        var ports = fleet.Hub.Server.Ports;
        var file = Path.Combine(fleet.Folder, $"{name}.yaml");
        File.WriteAllText(file, $$"""
            tenant: plant-7
            site: hall-2
            device: press
            identity: { certificate: {{folder}}/device.crt, key: {{folder}}/device.key, ca: {{folder}}/ca.crt, hub_key: {{folder}}/hub.pub }
            hub: { mqtt: "127.0.0.1:{{mqttPort ?? ports.Mqtt}}", grpc: "https://127.0.0.1:{{mqttPort ?? ports.Https}}" }
            data_dir: {{(name == "well" ? fleet.Folder : folder)}}
            models_dir: {{Requires.RepositoryRoot}}/firmware-config/models
            sensors:
              - driver: host
                interval: 1s
            channels:
              - match: "*"
                upload: everything

            """);
        return file;
    }
}
