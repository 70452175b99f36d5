using System.Diagnostics;
using System.Text.Json;
using Google.Protobuf;
using LeptonEdge.Core.Identity;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Storage.Hubs;

namespace LeptonEdge.Benchmarks.Web;

/// <summary>The real hub as a process of its own, which knows many devices from their last reports.</summary>
internal sealed class DashboardHub : IAsyncDisposable
{
    private const string Tenant = "bench";
    private const int Sites = 40;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly Process _process;
    private readonly DirectoryInfo _folder;

    private DashboardHub(Process process, DirectoryInfo folder, string address, string token) =>
        (_process, _folder, Address, Token) = (process, folder, address, token);

    public string Address { get; }

    /// <summary>The operator's; <c>/?token=</c> signs a browser in with it.</summary>
    public string Token { get; }

    public static async Task<DashboardHub> StartAsync(int devices)
    {
        var folder = Directory.CreateTempSubdirectory("web-");
        Process? process = null;
        try
        {
            var data = folder.CreateSubdirectory("data").FullName;
            Fill(data, devices);
            var config = Path.Combine(folder.FullName, "hub.yaml");
            await File.WriteAllTextAsync(config,
                $"""
                tenant: {Tenant}
                data_dir: {data}
                listen:
                  https: 127.0.0.1:0
                  mqtt: 127.0.0.1:0
                  http: 127.0.0.1:0

                """);
            process = Process.Start(
                new ProcessStartInfo(AgentProcess.Built("LeptonEdge.Hub"), ["--config", config])
                {
                    RedirectStandardOutput = true,
                }) ?? throw new BenchmarkException("the hub did not start");
            // Nobody reads on what it says; a full pipe would stop it.
            process.OutputDataReceived += static (_, _) => { };
            process.BeginOutputReadLine();
            var (port, token) = await ReadyAsync(data, process);
            return new DashboardHub(process, folder, $"http://127.0.0.1:{port}", token);
        }
        catch
        {
            process?.Kill();
            folder.Delete(recursive: true);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static void Fill(string data, int devices)
    {
        using var store = HubStore.Open(
            new HubStoreOptions { Path = Path.Combine(data, "hub.db") }, TimeProvider.System);
        var random = new Random(6);
        for (var i = 0; i < devices; i++)
            store.PutReported(new TenantId(Tenant), new DeviceId($"device-{i:00000}"), Report(i, random).ToByteArray());
    }

    private static ReportedState Report(int number, Random random)
    {
        const ulong Memory = 8ul << 30;
        var state = new ReportedState
        {
            TimeMicros = 1_700_000_000_000_000 + number,
            AgentVersion = "0.1.0",
            Board = number % 3 == 0 ? "jetson-orin-nano" : "raspberry-pi-5",
            Site = $"site-{number % Sites:00}",
            Cores = 4,
            CpuLoad = random.NextDouble(),
            MemoryBytes = Memory,
            MemoryUsedBytes = (ulong)(random.NextDouble() * Memory),
            LaneUtilisation = random.NextDouble(),
            HubRttSeconds = random.NextDouble() / 100,
            StartedMicros = 1_700_000_000_000_000,
            Backlog = new Backlog { Records = (ulong)random.Next(500) },
        };
        state.Channels.Add(new ReportedChannel
        {
            Channel = "drive-end", Source = "adc", Unit = "g", ReadingsPerSecond = 12_000, Upload = "features",
        });
        return state;
    }

    private static async Task<(int Port, string Token)> ReadyAsync(string data, Process process)
    {
        var (ports, watch) = (Path.Combine(data, "ports.json"), Stopwatch.StartNew());
        while (!File.Exists(ports))
        {
            if (process.HasExited || watch.Elapsed > Patience)
                throw new BenchmarkException("the hub did not start");
            await Task.Delay(20);
        }

        using var document = JsonDocument.Parse(await File.ReadAllTextAsync(ports));
        var token = (await File.ReadAllTextAsync(Path.Combine(data, "operator.token"))).Trim();
        return (document.RootElement.GetProperty("http").GetInt32(), token);
    }
}
