using LeptonEdge.Agent.Configuration;
using LeptonEdge.Cli.Contexts;
using LeptonEdge.Hub.Configuration;
using HubSettings = LeptonEdge.Hub.Configuration.HubOptions;

namespace LeptonEdge.Cli.Commands;

/// <summary>What is asked of configuration, folders and keys.</summary>
internal static class FileChecks
{
    // The command line's own; for an agent's file LEPTON_HUB would be another hub section.
    private static readonly string[] s_own = ["LEPTON_HUB", "LEPTON_TOKEN", "LEPTON_CONTEXT", "LEPTON_CA"];

    /// <param name="places">What the files say of the hub's ports.</param>
    public static List<Finding> All(Patient patient, HubChoice choice, out NamedPlaces places)
    {
        var findings = new List<Finding>();
        places = new NamedPlaces(null, 0, [], choice.Ca);
        if (patient.AgentConfig is { } agentFile && Agent(agentFile, findings) is { } agent)
        {
            places = new NamedPlaces(
                agent.Hub?.MqttHost, agent.Hub?.MqttPort ?? 0, agent.Hub?.Grpc ?? [],
                choice.Ca ?? agent.Identity.Authority);
            findings.Add(DiskChecks.Space("agent-disk", agent.DataDirectory, agent.Outbox.BytesMax));
            findings.Add(DiskChecks.Writes("agent-data", agent.DataDirectory));
            findings.AddRange(CertificateChecks.Device(agent.Identity));
        }

        var options = patient.HubConfig is { } hubFile ? Hub(hubFile, findings) : null;
        var data = patient.Data ?? options?.DataFolder;
        if (data is null)
            return findings;
        findings.Add(DiskChecks.Space("hub-disk", data, 0));
        findings.Add(DiskChecks.Writes("hub-data", data));
        findings.AddRange(CertificateChecks.Hub(data));
        if (options?.Listen.Mqtt is { Port: > 0 } mqtt && places.MqttHost is null)
            places = places with { MqttHost = choice.Hub.Host, MqttPort = mqtt.Port };
        if (places.Ca is null && File.Exists(Path.Combine(data, "ca", "ca.crt")))
            places = places with { Ca = Path.Combine(data, "ca", "ca.crt") };
        return findings;
    }

    /// <summary>Whether a file with a secret is its owner's alone.</summary>
    public static Finding Secret(string check, string file)
    {
        if (OperatingSystem.IsWindows())
            return Finding.Ok(check, $"{file} is there");
        try
        {
            const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead
                | UnixFileMode.OtherWrite;
            return (File.GetUnixFileMode(file) & Others) == 0
                ? Finding.Ok(check, $"{file} is its owner's alone")
                : Finding.Fail(check, $"others may read {file}",
                    $"chmod 600 {file}, and make a new one if others had it");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return Finding.Fail(check, fault.Message, "run the doctor as the user that runs agent or hub, or as root");
        }
    }

    private static AgentConfiguration? Agent(string file, List<Finding> findings)
    {
        const string Check = "agent-config";
        try
        {
            var environment = Environment.GetEnvironmentVariables();
            foreach (var name in s_own)
                environment.Remove(name);
            var configuration = AgentConfigurationLoader.Load(file, environment);
            findings.Add(Finding.Ok(Check, $"{file} can be used"));
            return configuration;
        }
        catch (LeptonEdge.Agent.Configuration.ConfigurationException fault)
        {
            findings.AddRange(fault.Faults.Select(one => Fault(Check, one.ToString())));
            return null;
        }
    }

    private static HubSettings? Hub(string file, List<Finding> findings)
    {
        const string Check = "hub-config";
        try
        {
            var options = HubConfiguration.Load(file);
            findings.Add(Finding.Ok(Check, $"{file} can be used"));
            return options;
        }
        catch (LeptonEdge.Hub.Configuration.ConfigurationException fault)
        {
            findings.AddRange(fault.Faults.Select(one => Fault(Check, one.ToString())));
            return null;
        }
    }

    private static Finding Fault(string check, string text) =>
        Finding.Fail(check, text, "mend this line of the file, and start the service again");
}
