using System.Diagnostics;
using System.Globalization;
using System.Text;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Agent;

/// <summary>The real agent as a process of its own, working by itself in a folder of its own.</summary>
internal sealed class AgentProcess : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly StringBuilder _output = new();
    private Process? _process;

    public AgentProcess() => File.WriteAllText(_folder.File("hub.pub"), HubKey.Public.ToPem());

    public HubPrivateKey HubKey { get; } = HubPrivateKey.Generate();

    public Dictionary<string, string> Environment { get; } = [];

    // The agent's own output folder: beside the tests it would find the tests' framework, not its own.
    private static string Executable { get; } = Path.Combine(
        Requires.RepositoryRoot, "src/LeptonEdge.Agent",
        Path.GetRelativePath(Path.Combine(Requires.RepositoryRoot, "tests/LeptonEdge.Tests"), AppContext.BaseDirectory),
        "LeptonEdge.Agent");

    /// <summary>A program and its first arguments that run the agent; none runs it itself.</summary>
    public IReadOnlyList<string> Under { get; init; } = [];

    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    public int Id => _process!.Id;

    public bool HasExited => _process!.HasExited;

    public string PathOf(string name) => _folder.File(name);

    /// <summary>A simulated bearing into the shipped workload, offline.</summary>
    public static string Bearing(string extra = "") => $$"""
        tenant: acme
        device: edge-press
        identity: { hub_key: hub.pub }
        data_dir: state
        models_dir: {{Requires.RepositoryRoot}}/firmware-config/models
        ledger: ledger
        sensors:
          - { driver: simulated-bearing, channel: drive-end, healthy_for: 1s, growing_for: 1s, severe_for: 60s }
        channels:
          - { match: drive-end, upload: features, around_alarm: { before: 2, after: 2 } }
        workloads:
          - { file: {{Requires.RepositoryRoot}}/firmware-config/workloads/bearing.yaml, channel: drive-end }
        {{extra}}
        """;

    public void Start(string yaml, params string[] more)
    {
        File.WriteAllText(_folder.File("agent.yaml"), yaml);
        string[] line = [.. Under, Executable, "--config", _folder.File("agent.yaml"), .. more];
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        _process?.Dispose();
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{Executable} did not start");
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public Task SaysAsync(string text, int secondsMax = 60) => Eventually.True(
        () => Output.Contains(text, StringComparison.Ordinal)
            || (HasExited ? throw new InvalidOperationException(Output) : false),
        $"the agent says '{text}'", secondsMax);

    /// <returns>The exit status.</returns>
    public async Task<int> StopAsync(string signal = "TERM")
    {
        using var kill = Process.Start("kill", ["-" + signal, Id.ToString(CultureInfo.InvariantCulture)]);
        return await ExitAsync();
    }

    public async Task<int> ExitAsync()
    {
        await _process!.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(40));
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (_process is { HasExited: false })
            _process.Kill();
        _process?.WaitForExit();
        _process?.Dispose();
        HubKey.Dispose();
        _folder.Dispose();
    }

    private void Keep(string? line)
    {
        lock (_output)
            _output.AppendLine(line);
    }
}
