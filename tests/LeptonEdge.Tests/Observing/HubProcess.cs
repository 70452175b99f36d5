using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Trust;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Observing;

/// <summary>The real hub as a process of its own, in a folder of its own.</summary>
internal sealed class HubProcess : IDisposable
{
    public const string Tenant = "acme";

    private readonly TempFolder _folder = new();
    private readonly StringBuilder _output = new();
    private Process? _process;

    public Dictionary<string, string> Environment { get; } = [];

    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    public (int Https, int Mqtt, int Http) Ports { get; private set; }

    public string DataFolder => _folder.File("data");

    private static string Executable { get; } = Path.Combine(
        Requires.RepositoryRoot, "src/LeptonEdge.Hub",
        Path.GetRelativePath(Path.Combine(Requires.RepositoryRoot, "tests/LeptonEdge.Tests"), AppContext.BaseDirectory),
        "LeptonEdge.Hub");

    /// <summary>Starts it on ports that are free, or those it had.</summary>
    /// <param name="extra">More of <c>hub.yaml</c>.</param>
    public async Task StartAsync(string extra)
    {
        File.WriteAllText(_folder.File("hub.yaml"), $$"""
            tenant: {{Tenant}}
            data_dir: data
            models_dir: {{Requires.RepositoryRoot}}/firmware-config/models
            listen: { https: '127.0.0.1:{{Ports.Https}}', mqtt: '127.0.0.1:{{Ports.Mqtt}}', http: '127.0.0.1:{{Ports.Http}}' }
            {{extra}}
            """);
        var start = new ProcessStartInfo(Executable, ["--config", _folder.File("hub.yaml")])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        _process = Process.Start(start) ?? throw new InvalidOperationException("the hub did not start");
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        var ports = Path.Combine(DataFolder, "ports.json");
        await Eventually.True(
            () => _process.HasExited ? throw new InvalidOperationException(Output) : File.Exists(ports),
            "the hub listens", 60);
        using var found = JsonDocument.Parse(await File.ReadAllTextAsync(ports));
        int Port(string name) => found.RootElement.GetProperty(name).GetInt32();
        Ports = (Port("https"), Port("mqtt"), Port("http"));
        using var http = Client();
        await Eventually.True(
            async () => (await http.GetAsync("readyz")).IsSuccessStatusCode, "the hub is ready", 60);
    }

    public HttpClient Client() => new() { BaseAddress = new Uri($"http://127.0.0.1:{Ports.Http}") };

    /// <summary>Writes a device's certificate and all that belongs to it into a folder.</summary>
    public void Issue(string device, string folder)
    {
        using var authority = FleetAuthority.OpenOrCreate(DataFolder, new TenantId(Tenant));
        authority.IssueDevice(new DeviceId(device), folder);
    }

    /// <returns>The exit status.</returns>
    public async Task<int> StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(40));
        File.Delete(Path.Combine(DataFolder, "ports.json"));
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (_process is { HasExited: false })
            _process.Kill();
        _process?.WaitForExit();
        _process?.Dispose();
        _folder.Dispose();
    }

    private void Keep(string? line)
    {
        lock (_output)
            _output.AppendLine(line);
    }
}
