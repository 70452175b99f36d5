using System.Text.Json;
using Google.Protobuf;
using LeptonEdge.Core.Identity;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Storage.Hubs;

namespace LeptonEdge.Benchmarks.Web;

/// <summary>The real hub as a process of its own, which knows many devices from their last reports.</summary>
internal sealed class DashboardHub : IAsyncDisposable
{
    private const int Sites = 40;

    private readonly HubProcess _hub;
    private readonly DirectoryInfo _folder;

    private DashboardHub(HubProcess hub, DirectoryInfo folder) => (_hub, _folder) = (hub, folder);

    public string Address => $"http://127.0.0.1:{_hub.Http}";

    /// <summary>A path that signs a browser in, once.</summary>
    public async Task<string> SignInPathAsync()
    {
        using var client = new HttpClient { BaseAddress = new Uri(Address) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", _hub.Token);
        using var answer = await client.PostAsync("api/v1/session/links", null);
        using var link = JsonDocument.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync());
        return link.RootElement.GetProperty("path").GetString()!;
    }

    public static async Task<DashboardHub> StartAsync(int devices)
    {
        var folder = Directory.CreateTempSubdirectory("web-");
        try
        {
            Fill(Directory.CreateDirectory(HubProcess.DataIn(folder.FullName)).FullName, devices);
            return new DashboardHub(await HubProcess.StartAsync(folder.FullName), folder);
        }
        catch
        {
            folder.Delete(recursive: true);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static void Fill(string data, int devices)
    {
        using var store = HubStore.Open(
            new HubStoreOptions { Path = Path.Combine(data, "hub.db") }, TimeProvider.System);
        var random = new Random(6);
        for (var i = 0; i < devices; i++)
            store.PutReported(new TenantId(HubProcess.Tenant), new DeviceId($"device-{i:00000}"), Report(i, random).ToByteArray());
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
}
