using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using LeptonEdge.Serving.Upstream;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Serving.Upstream;

/// <summary>A hub as a process of its own, for another hub to pass work on to. Killed with it is whatever it
/// answers.</summary>
internal sealed class UpstreamHub : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private Process? _process;

    private UpstreamHub()
    {
    }

    public Uri Https { get; private set; } = null!;

    public Uri Http { get; private set; } = null!;

    public string AuthorityFile => _folder.File(Path.Combine("data", "ca", "ca.crt"));

    public string TokenFile => _folder.File(Path.Combine("data", "operator.token"));

    /// <param name="extra">Lines for its configuration.</param>
    /// <param name="like">Takes this one's token.</param>
    public static async Task<UpstreamHub> StartAsync(
        string? models = null, string extra = "", UpstreamHub? like = null)
    {
        var hub = new UpstreamHub();
        if (like is not null)
        {
            Directory.CreateDirectory(hub._folder.File("data"));
            File.Copy(like.TokenFile, hub.TokenFile);
        }

        await hub.StartWithAsync(models, port: 0, extra);
        return hub;
    }

    /// <summary>Starts anew as its own upstream.</summary>
    public async Task NameItselfAsync(string[] models)
    {
        await KillAsync();
        await StartWithAsync(null, Https.Port, $"""
            upstreams:
              - name: itself
                models: [{string.Join(", ", models.Select(model => $"'{model}'"))}]
                servers: ['{Https}']
                token_file: data/operator.token
                tls:
                  ca: data/ca/ca.crt
                health:
                  every_seconds: 0.2
                  timeout_seconds: 10
            """);
    }

    /// <summary>Starts again where it was.</summary>
    public Task RestartAsync() => StartWithAsync(null, Https.Port, "");

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>A pool of these hubs, checked often.</summary>
    public static UpstreamOptions Pool(string[] models, params UpstreamHub[] hubs) => new()
    {
        Name = "hubs",
        Models = models,
        Servers = [.. hubs.Select(hub => hub.Https)],
        AuthorityFile = hubs[0].AuthorityFile,
        TokenFile = hubs[0].TokenFile,
        Health = new UpstreamHealthOptions
        {
            Every = TimeSpan.FromMilliseconds(200), Timeout = TimeSpan.FromSeconds(5),
        },
    };

    public HttpClient Operator()
    {
        var client = new HttpClient { BaseAddress = Http };
        client.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Bearer", File.ReadAllText(TokenFile).Trim());
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await KillAsync();
        _folder.Dispose();
    }

    private async Task StartWithAsync(string? models, int port, string extra)
    {
        await File.WriteAllTextAsync(_folder.File("hub.yaml"), $"""
            tenant: upstream
            data_dir: data
            models_dir: {models ?? Path.Combine(Requires.RepositoryRoot, "firmware-config", "models")}
            listen:
              https: 127.0.0.1:{port}
              mqtt: 127.0.0.1:0
              http: 127.0.0.1:0

            """ + extra);
        var ports = _folder.File(Path.Combine("data", "ports.json"));
        if (File.Exists(ports))
            File.Delete(ports);
        await StartAsync();
    }

    private async Task StartAsync()
    {
        _process = ChildProcess.Start("hub", _folder.File("hub.yaml"));
        var errors = _process.StandardError.ReadToEndAsync();
        _ = _process.StandardOutput.ReadToEndAsync();
        var ports = _folder.File(Path.Combine("data", "ports.json"));
        await Eventually.True(() => File.Exists(ports) || _process.HasExited, "the hub listens", secondsMax: 60);
        if (_process.HasExited)
            throw new InvalidOperationException(await errors);
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(ports));
        Https = new Uri($"https://localhost:{json.RootElement.GetProperty("https").GetInt32()}");
        Http = new Uri($"http://127.0.0.1:{json.RootElement.GetProperty("http").GetInt32()}");
    }
}
