using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using LeptonEdge.Core.Identity;

namespace LeptonEdge.Cli.Demo;

/// <summary>The ports that the hub got, as it writes them down.</summary>
internal sealed record DemoPorts(int Https, int Mqtt, int Http);

/// <summary>Writes the configuration files of the demo, the same kind that a user writes by hand.</summary>
internal static class DemoFiles
{
    private static readonly string Models = Path.Combine(AppContext.BaseDirectory, "models");
    private static readonly string Workloads = Path.Combine(AppContext.BaseDirectory, "workloads");

    /// <param name="ports">0 takes a free port; a restarted hub takes the ones it had, where its agents look for
    /// it.</param>
    public static void WriteHub(string folder, string hubFolder, TenantId tenant, DemoPorts ports) => File.WriteAllText(
        Path.Combine(folder, "hub.yaml"),
        $"""
        tenant: {tenant}
        data_dir: {Quote(hubFolder)}
        models_dir: {Quote(Models)}
        listen:
          https: 127.0.0.1:{ports.Https}
          mqtt: 127.0.0.1:{ports.Mqtt}
          http: 127.0.0.1:{ports.Http}
        broker: embedded
        # A demo is over before work that moved would move again by itself.
        planner:
          settle_seconds: 0

        """);

    /// <returns>Path of the agent's configuration.</returns>
    public static string WriteAgent(string folder, string name, TenantId tenant, DemoPorts ports, string? data)
    {
        var text = new StringBuilder(
            $"""
            tenant: {tenant}
            site: demo
            device: {name}
            board: this-machine
            identity:
              certificate: device.crt
              key: device.key
              ca: ca.crt
              hub_key: hub.pub
            hub:
              mqtt: 127.0.0.1:{ports.Mqtt}
              grpc: https://127.0.0.1:{ports.Https}
            data_dir: state
            models_dir: {Quote(Models)}
            ledger: ledger

            """);
        text.Append(name == "edge-host" ? Host() : Bearing(name, data));
        var file = Path.Combine(folder, "agent.yaml");
        File.WriteAllText(file, text.ToString());
        return file;
    }

    private static string Host() =>
        $$"""
        sensors:
          - driver: host
            interval: 1s
        channels:
          - match: "*"
            upload: everything
        workloads:
          - file: {{Quote(Path.Combine(Workloads, "host-anomaly.yaml"))}}
            id: cpu-anomaly
            channel: cpu.load
            alarms: [{ name: cpu-unusual, on: score, severity: warning, raise_at: 1.5, clear_below: 1.0, raise_after: 5, clear_after: 10 }]
          - file: {{Quote(Path.Combine(Workloads, "host-anomaly.yaml"))}}
            id: memory-anomaly
            channel: mem.used
            alarms: [{ name: memory-unusual, on: score, severity: warning, raise_at: 1.5, clear_below: 1.0, raise_after: 5, clear_after: 10 }]

        """;

    private static string Bearing(string name, string? data) =>
        $$"""
        sensors:
        {{(data is null ? Simulated(name) : Replayed(name, data))}}
        channels:
          - match: drive-end
            upload: features
            around_alarm: { before: 4, after: 8 }
          - match: "*"
            upload: everything
        workloads:
          - file: {{Quote(Path.Combine(Workloads, "bearing.yaml"))}}
            channel: drive-end

        """;

    // Two machines that wear differently: an inner race in the press, an outer race in the pump.
    private static string Simulated(string name) => name == DemoFleet.PressName
        ? "  - { driver: simulated-bearing, channel: drive-end, fault: inner-race, seed: 1, healthy_for: 8s, "
            + "growing_for: 12s, severe_for: 20s }"
        : "  - { driver: simulated-bearing, channel: drive-end, fault: outer-race, seed: 2, healthy_for: 15s, "
            + "growing_for: 15s, severe_for: 15s }";

    /// <summary>Recordings without a fault first, then every other faulty one, so that both machines tell a
    /// story.</summary>
    private static string Replayed(string name, string data)
    {
        var all = Directory.GetFiles(data, "*.npy").Order(StringComparer.Ordinal).ToList();
        if (all.Count == 0)
            throw new DemoException($"--data: '{data}' holds no .npy recordings");
        var healthy = all.Where(IsHealthy).ToList();
        var parity = name == DemoFleet.PressName ? 0 : 1;
        var faulty = all.Except(healthy).Where((_, index) => index % 2 == parity);
        var files = healthy.Concat(faulty).ToList();
        return $"  - {{ driver: replay, channel: drive-end, unit: g, rate_hz: 12000, files: "
            + $"[{string.Join(", ", (files.Count > 0 ? files : all).Select(Quote))}] }}";
    }

    private static bool IsHealthy(string file) =>
        Path.GetFileName(file).Contains("normal", StringComparison.OrdinalIgnoreCase);

    // A JSON string is a YAML string, whatever characters the path holds.
    private static string Quote(string path) => JsonSerializer.Serialize(path, DemoFilesJson.Default.String);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(DemoPorts))]
[JsonSerializable(typeof(string))]
internal sealed partial class DemoFilesJson : JsonSerializerContext;
