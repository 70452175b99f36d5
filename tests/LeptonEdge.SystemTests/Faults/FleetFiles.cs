using System.Globalization;
using System.Text;
using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Trust;

namespace LeptonEdge.SystemTests.Faults;

/// <summary>Configuration of an agent, a hub and a mosquitto between them, as their users would write it.</summary>
internal static class FleetFiles
{
    /// <summary>Of the bearing's windows where the agent may ask the hub.</summary>
    public const int OffloadDeadlineMillis = 200;

    private const int Rows = 5_000;
    private const int Columns = 8;

    /// <summary>Mutual TLS from the fleet's own authority; all else is mosquitto's default, which keeps
    /// nothing.</summary>
    public static string Mosquitto(string folder, int port, FleetAuthority authority)
    {
        // A daemon that gives up root must still be able to read them.
        var keys = Directory.CreateDirectory(Path.Combine(folder, "broker")).FullName;
        File.Copy(Path.Combine(authority.Folder, "ca", "ca.crt"), Path.Combine(keys, "ca.crt"));
        File.Copy(Path.Combine(authority.Folder, "hub.crt"), Path.Combine(keys, "broker.crt"));
        File.Copy(Path.Combine(authority.Folder, "hub.key"), Path.Combine(keys, "broker.key"));
        var file = Path.Combine(keys, "mosquitto.conf");
        File.WriteAllText(file,
            $"""
            user root
            listener {port} 127.0.0.1
            cafile {keys}/ca.crt
            certfile {keys}/broker.crt
            keyfile {keys}/broker.key
            require_certificate true
            use_identity_as_username true

            """);
        return file;
    }

    public static string Hub(
        string folder, string data, TenantId tenant, int brokerPort, int httpPort, int servicePort = 0)
    {
        var file = Path.Combine(folder, "hub.yaml");
        File.WriteAllText(file,
            $"""
            tenant: {tenant}
            data_dir: {data}
            models_dir: {Product.ModelsFolder}
            listen:
              https: 127.0.0.1:{servicePort}
              http: 127.0.0.1:{httpPort}
            broker:
              host: 127.0.0.1
              port: {brokerPort}
              tls: true

            """);
        return file;
    }

    public static string Agent(string folder, string data, TenantId tenant, DeviceId device, FleetOptions options)
    {
        File.WriteAllText(Path.Combine(folder, "table.csv"), Table());
        var text = new StringBuilder(
            $$"""
            tenant: {{tenant}}
            device: {{device}}
            identity:
              certificate: device.crt
              key: device.key
              ca: ca.crt
              hub_key: hub.pub
            hub:
              mqtt: 127.0.0.1:{{options.AgentBrokerPort}}
              {{(options.AgentServicePort == 0 ? "" : $"grpc: https://127.0.0.1:{options.AgentServicePort}")}}
            data_dir: {{data}}
            models_dir: {{Product.ModelsFolder}}
            ledger: ledger.0
            outbox:
              bytes_max: {{options.OutboxBytesMax}}
              batch_age: 40ms
            sensors:
              - { driver: csv, file: table.csv, rate_hz: {{options.RowsPerSecond}}, prefix: table, unit: V }
              - { driver: host, interval: 200ms }

            """);
        text.Append(options.Bearing ? Bearing(options) : "channels: [{ match: '*', upload: everything }]\n");
        var file = Path.Combine(folder, "agent.yaml");
        File.WriteAllText(file, text.ToString());
        return file;
    }

    // The fault comes and goes quickly, so that even a short life raises an alarm and sends its windows.
    private static string Bearing(FleetOptions options) =>
        $$"""
          - { driver: simulated-bearing, channel: drive-end, healthy_for: 1s, growing_for: 1s, severe_for: 2s }
        channels:
          - match: drive-end
            upload: features
            around_alarm: { before: 2, after: 2 }
          - { match: '*', upload: everything }
        workloads:
          - file: {{Path.Combine(Product.WorkloadsFolder, "bearing.yaml")}}
            channel: drive-end
            {{(options.AgentServicePort == 0 ? "may_leave_device: false" : Offload(options))}}
        metering: { every: 1s }

        """;

    // Unsure of nearly all of them; a deadline that a slow line just misses now and then.
    private static string Offload(FleetOptions options) =>
        $$"""
        may_leave_device: true
            hub_model: bearing-fault-large/1.0.0
            offload: {{options.Offload}}
            {{(options.Offload == "cascade" ? "cascade: { unsure_below: 1 }" : "")}}
            deadline: {{OffloadDeadlineMillis}}ms
            hop: 512
        """;

    private static string Table()
    {
        var text = new StringBuilder("time");
        for (var column = 0; column < Columns; column++)
            text.Append(CultureInfo.InvariantCulture, $",c{column}");
        text.Append('\n');
        for (var row = 0; row < Rows; row++)
        {
            text.Append(row);
            for (var column = 0; column < Columns; column++)
                text.Append(CultureInfo.InvariantCulture, $",{Math.Sin((row * 0.01) + column):R}");
            text.Append('\n');
        }

        return text.ToString();
    }
}
