using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;

namespace LeptonEdge.Benchmarks.Api;

/// <summary>The real hub as a process of its own over a data folder that is there.</summary>
internal sealed class HubProcess : IAsyncDisposable
{
    public const string Tenant = "bench";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private readonly Process _process;
    private readonly string _token;

    private HubProcess(Process process, string token, JsonElement ports) =>
        (_process, _token, Http, Mqtt) = (process, token,
            ports.GetProperty("http").GetInt32(), ports.GetProperty("mqtt").GetInt32());

    public int Http { get; }

    public int Mqtt { get; }

    /// <summary>Proportional share of memory, bytes: what pages that others use too are divided by.</summary>
    public long ProportionalBytes()
    {
        foreach (var line in File.ReadLines($"/proc/{_process.Id}/smaps_rollup"))
        {
            if (line.StartsWith("Pss:", StringComparison.Ordinal))
                return long.Parse(line.AsSpan(4, line.Length - 6).Trim(), CultureInfo.InvariantCulture) * 1024;
        }

        throw new BenchmarkException("the system does not tell the hub's share of memory");
    }

    public static async Task<HubProcess> StartAsync(string folder)
    {
        var data = Path.Combine(folder, "data");
        var config = Path.Combine(folder, "hub.yaml");
        await File.WriteAllTextAsync(config,
            $"""
            tenant: {Tenant}
            data_dir: {data}
            listen:
              https: 127.0.0.1:0
              mqtt: 127.0.0.1:0
              http: 127.0.0.1:0

            """);
        File.Delete(Path.Combine(data, "ports.json"));
        var process = Process.Start(
            new ProcessStartInfo(AgentProcess.Built("LeptonEdge.Hub"), ["--config", config])
            {
                RedirectStandardOutput = true,
            }) ?? throw new BenchmarkException("the hub did not start");
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        var ports = Path.Combine(data, "ports.json");
        for (var watch = Stopwatch.StartNew(); !File.Exists(ports);)
        {
            if (process.HasExited || watch.Elapsed > Patience)
                throw new BenchmarkException("the hub did not start");
            await Task.Delay(20);
        }

        using var document = JsonDocument.Parse(await File.ReadAllTextAsync(ports));
        var token = (await File.ReadAllTextAsync(Path.Combine(data, "operator.token"))).Trim();
        return new HubProcess(process, token, document.RootElement.Clone());
    }

    public HttpClient Client()
    {
        var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1000 })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{Http}"), Timeout = TimeSpan.FromMinutes(10),
        };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
