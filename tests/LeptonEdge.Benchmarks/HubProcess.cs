using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;

namespace LeptonEdge.Benchmarks;

/// <summary>The real hub as a process of its own over a data folder that may be there already.</summary>
internal sealed class HubProcess : IAsyncDisposable
{
    public const string Tenant = "bench";
    private const string PortsFile = "ports.json";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private readonly Process _process;

    private HubProcess(Process process, string data, string token, JsonElement ports)
    {
        (_process, Data, Token) = (process, data, token);
        Http = ports.GetProperty("http").GetInt32();
        Https = ports.GetProperty("https").GetInt32();
        Mqtt = ports.GetProperty("mqtt").GetInt32();
    }

    public int Http { get; }

    public int Https { get; }

    public int Mqtt { get; }

    /// <summary>The hub's folder.</summary>
    public string Data { get; }

    /// <summary>The operator's.</summary>
    public string Token { get; }

    /// <summary>Where the hub's data lies within a folder that is given to <see cref="StartAsync"/>.</summary>
    public static string DataIn(string folder) => Path.Combine(folder, "data");

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

    /// <param name="folder">Of hub.yaml and the hub's data.</param>
    /// <param name="more">Further lines of hub.yaml.</param>
    public static async Task<HubProcess> StartAsync(string folder, string more = "")
    {
        var (data, config) = (DataIn(folder), Path.Combine(folder, "hub.yaml"));
        await File.WriteAllTextAsync(config,
            $"""
            tenant: {Tenant}
            data_dir: {data}
            {more}
            listen:
              https: 127.0.0.1:0
              mqtt: 127.0.0.1:0
              http: 127.0.0.1:0

            """);
        // Of an earlier run over the same data.
        File.Delete(Path.Combine(data, PortsFile));
        var process = Process.Start(
            new ProcessStartInfo(AgentProcess.Built("LeptonEdge.Hub"), ["--config", config])
            {
                RedirectStandardOutput = true,
            }) ?? throw new BenchmarkException("the hub did not start");
        // Nobody reads what it says; a full pipe would stop it.
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        try
        {
            using var ports = await ReadyAsync(data, process);
            var token = (await File.ReadAllTextAsync(Path.Combine(data, "operator.token"))).Trim();
            return new HubProcess(process, data, token, ports.RootElement);
        }
        catch
        {
            process.Kill();
            throw;
        }
    }

    public HttpClient Client()
    {
        var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1000 })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{Http}"), Timeout = TimeSpan.FromMinutes(10),
        };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task<JsonDocument> ReadyAsync(string data, Process process)
    {
        var (ports, watch) = (Path.Combine(data, PortsFile), Stopwatch.StartNew());
        while (!File.Exists(ports))
        {
            if (process.HasExited || watch.Elapsed > Patience)
                throw new BenchmarkException("the hub did not start");
            await Task.Delay(20);
        }

        return JsonDocument.Parse(await File.ReadAllTextAsync(ports));
    }
}
