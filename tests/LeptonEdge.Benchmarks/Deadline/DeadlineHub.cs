using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using LeptonEdge.Agent.Offload;
using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Trust;
using Microsoft.Extensions.Logging.Abstractions;

namespace LeptonEdge.Benchmarks.Deadline;

/// <summary>The real hub as a process that can be killed and started again on the same port.</summary>
internal sealed class DeadlineHub : IDisposable
{
    private static readonly TenantId Tenant = new("plant");

    private readonly string _folder = Directory.CreateTempSubdirectory("deadline-").FullName;
    private readonly string _configuration;
    private readonly X509Certificate2 _device;
    private readonly X509Certificate2Collection _roots = [];
    private Process? _process;

    public DeadlineHub()
    {
        Port = FreePort();
        var data = Directory.CreateDirectory(Path.Combine(_folder, "hub")).FullName;
        using var authority = FleetAuthority.OpenOrCreate(data, Tenant);
        authority.IssueDevice(new DeviceId("edge-1"), _folder);
        _device = X509Certificate2.CreateFromPemFile(
            Path.Combine(_folder, "device.crt"), Path.Combine(_folder, "device.key"));
        _roots.ImportFromPemFile(Path.Combine(_folder, "ca.crt"));
        _configuration = Path.Combine(_folder, "hub.yaml");
        File.WriteAllText(_configuration,
            $"""
            tenant: {Tenant}
            data_dir: {data}
            models_dir: {Path.Combine(AgentProcess.Shipped, "models")}
            listen:
              https: 127.0.0.1:{Port}
              mqtt: 127.0.0.1:0

            """);
    }

    public int Port { get; }

    /// <summary>A way to this hub, as a device has it.</summary>
    public HubInference Connect(int port) => new(
        [
            new HubEndpoint(
                new Uri($"https://127.0.0.1:{port}"), _device, _roots, TimeProvider.System,
                NullLogger<HubEndpoint>.Instance),
        ],
        TimeProvider.System);

    public void Start()
    {
        var root = AgentProcess.FindRepository();
        var output = Path.GetRelativePath(Path.Combine(root, "tests/LeptonEdge.Benchmarks"), AppContext.BaseDirectory);
        var executable = Path.Combine(root, "src/LeptonEdge.Hub", output, "LeptonEdge.Hub");
        _process = Process.Start(new ProcessStartInfo(
            "/bin/sh", ["-c", "exec \"$0\" \"$@\" >>\"$HUB_LOG\" 2>&1", executable, "--config", _configuration])
            {
                Environment = { ["HUB_LOG"] = Path.Combine(_folder, "hub.log") },
            }) ?? throw new BenchmarkException($"{executable} did not start");
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        if (_process is not { } process)
            return;
        _process = null;
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    /// <exception cref="BenchmarkException">It is not ready in time; holds what it said.</exception>
    public async Task ReadyAsync(ModelReference model)
    {
        using var way = Connect(Port);
        for (var start = Stopwatch.GetTimestamp(); !await way.IsReadyAsync(model, CancellationToken.None);)
        {
            if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(60) || _process is { HasExited: true })
                throw new BenchmarkException(
                    "the hub is not ready:\n" + await File.ReadAllTextAsync(Path.Combine(_folder, "hub.log")));
            await Task.Delay(50);
        }
    }

    public void Dispose()
    {
        KillAsync().GetAwaiter().GetResult();
        _device.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
