using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Trust;
using LeptonEdge.Inference.Bundles;

namespace LeptonEdge.Benchmarks.Footprint;

/// <summary>An agent on a simulated bearing (12,000 samples/s), its hub, and the bare program, as processes with files
/// of their own.</summary>
internal sealed class FootprintFleet : IDisposable
{
    private const int SampleRateHz = 12_000;

    private static readonly TenantId Tenant = new("benchmark");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("lepton-footprint-").FullName;
    private readonly List<Process> _running = [];
    private readonly FleetAuthority _authority;
    private int _agents;

    public FootprintFleet() =>
        _authority = FleetAuthority.OpenOrCreate(Directory.CreateDirectory(Path.Combine(_folder, "hub")).FullName, Tenant);

    /// <returns>The configuration's lines by which an agent finds the hub.</returns>
    public async Task<string> StartHubAsync()
    {
        var (https, mqtt, http) = (FreePort(), FreePort(), FreePort());
        var file = Path.Combine(_folder, "hub.yaml");
        await File.WriteAllTextAsync(file, $$"""
            tenant: {{Tenant}}
            data_dir: hub
            models_dir: {{AgentProcess.Shipped}}/models
            listen: { https: "127.0.0.1:{{https}}", mqtt: "127.0.0.1:{{mqtt}}", http: "127.0.0.1:{{http}}" }
            """);
        Start(AgentProcess.Built("LeptonEdge.Hub"), ["--config", file]);
        using var client = new HttpClient();
        var since = Stopwatch.StartNew();
        while (!await IsReadyAsync(client, new Uri($"http://127.0.0.1:{http}/readyz")))
        {
            if (since.Elapsed > Patience)
                throw new BenchmarkException($"the hub was not ready within {Patience.TotalSeconds} s");
            await Task.Delay(100);
        }

        return $$"""hub: { mqtt: "127.0.0.1:{{mqtt}}", grpc: "https://127.0.0.1:{{https}}" }""";
    }

    /// <summary>Starts an agent and waits for its first verdict.</summary>
    /// <param name="hub">What <see cref="StartHubAsync"/> returned; empty for an agent without a hub.</param>
    /// <param name="offload">Where its windows are inferred. Not what the hub plans, unless it is given: on a busy
    /// machine that moves them, and another thing is measured.</param>
    /// <returns>The process, and how long the first verdict took from its start.</returns>
    public async Task<(Process Agent, TimeSpan FirstVerdict)> StartAgentAsync(
        int windowsPerSecond, string hub, string offload = "local")
    {
        var device = $"edge-press-{++_agents}";
        var folder = Directory.CreateDirectory(Path.Combine(_folder, device)).FullName;
        _authority.IssueDevice(new DeviceId(device), folder);
        var shipped = AgentProcess.Shipped;
        await File.WriteAllTextAsync(Path.Combine(folder, "agent.yaml"), $$"""
            tenant: {{Tenant}}
            device: {{device}}
            identity: { certificate: device.crt, key: device.key, ca: ca.crt, hub_key: hub.pub }
            {{hub}}
            data_dir: state
            models_dir: {{shipped}}/models
            sensors:
              - { driver: simulated-bearing, channel: drive-end }
            channels:
              - { match: drive-end, upload: features, around_alarm: { before: 4, after: 8 } }
            workloads:
              - file: {{shipped}}/workloads/bearing.yaml
                channel: drive-end
                hop: {{SampleRateHz / windowsPerSecond}}
                offload: {{offload}}
            """);
        var clock = Stopwatch.StartNew();
        var agent = Start(AgentProcess.Built("LeptonEdge.Agent"), ["--config", Path.Combine(folder, "agent.yaml")]);
        await AgentProcess.WaitForAsync(agent, "first verdict", Patience);
        var took = clock.Elapsed;
        // Nobody reads on, but a full pipe would hold the agent up.
        _ = agent.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        return (agent, took);
    }

    public async Task<(Process Program, TimeSpan FirstAnswer)> StartBareAsync(int windowsPerSecond)
    {
        var bundle = ModelBundle.Load(Path.Combine(AgentProcess.Shipped, "models", "bearing-fault", "1.0.0"));
        var manifest = bundle.Manifest;
        var clock = Stopwatch.StartNew();
        var program = Start(
            AgentProcess.BuiltTest("LeptonEdge.BareProgram"),
            [
                Path.Combine(bundle.Folder, manifest.Files[ModelVariant.Int8].FileName),
                manifest.Input.Name, Text(manifest.Input.Width), manifest.Output.Name, Text(manifest.Output.Width),
                Text(windowsPerSecond),
            ]);
        await AgentProcess.WaitForAsync(program, "first answer", Patience);
        return (program, clock.Elapsed);
    }

    /// <summary>Asks a process to end.</summary>
    /// <exception cref="BenchmarkException">An agent that does not end in order.</exception>
    public async Task StopAsync(Process process, int status)
    {
        using var stop = Process.Start("kill", ["-TERM", Text(process.Id)]);
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20));
        _running.Remove(process);
        if (process.ExitCode != status)
            throw new BenchmarkException($"process {process.Id} ended with status {process.ExitCode}, not {status}");
    }

    public void Dispose()
    {
        foreach (var process in _running.Where(process => !process.HasExited))
        {
            process.Kill();
            process.WaitForExit();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private Process Start(string executable, string[] arguments)
    {
        var start = new ProcessStartInfo(executable, arguments)
        {
            RedirectStandardOutput = true, WorkingDirectory = _folder,
        };
        var process = Process.Start(start) ?? throw new BenchmarkException($"{executable} did not start");
        _running.Add(process);
        return process;
    }

    private static async Task<bool> IsReadyAsync(HttpClient client, Uri address)
    {
        try
        {
            using var reply = await client.GetAsync(address);
            return reply.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
