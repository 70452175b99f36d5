using System.Collections;
using System.Net;
using LeptonEdge.Core.Identity;
using LeptonEdge.Storage.Outboxes;

namespace LeptonEdge.Agent.Configuration;

/// <summary>Reads <c>agent.yaml</c> and the environment into an <see cref="AgentConfiguration"/>, or names every
/// fault.</summary>
public static class AgentConfigurationLoader
{
    private const int HubAddressesMax = 4;

    private static readonly string[] TopKeys =
    [
        "tenant", "site", "device", "board", "identity", "hub", "data_dir", "models_dir", "ledger", "outbox", "lane",
        "metering", "power", "metrics", "telemetry", "logging", "serving", "peers", "sensors", "channels", "workloads",
    ];

    private static readonly Dictionary<string, UploadKind> UploadKinds = new()
    {
        ["everything"] = UploadKind.Everything,
        ["down-sampled"] = UploadKind.DownSampled,
        ["features"] = UploadKind.Features,
    };

    /// <param name="file">Path of the YAML file; relative paths within it start from its folder.</param>
    /// <param name="environment">Variables that start with <c>LEPTON_</c> override the file.</param>
    /// <exception cref="ConfigurationException">Anything is wrong; carries all that was found.</exception>
    public static AgentConfiguration Load(string file, IDictionary environment)
    {
        var faults = new List<ConfigurationFault>();
        if (YamlFile.Read(file, faults) is not { } mapping)
            throw new ConfigurationException(faults);
        var overridden = EnvironmentOverrides.Apply(mapping, environment, TopKeys, faults);
        var root = new YamlSection(file, "", mapping, faults, overridden);
        var configuration = ReadRoot(root, environment);
        root.Complete();
        if (faults.Count > 0)
            throw new ConfigurationException(faults);
        return configuration;
    }

    private static AgentConfiguration ReadRoot(YamlSection root, IDictionary environment)
    {
        var hub = ReadHub(root);
        return new AgentConfiguration
        {
            File = Path.GetFullPath(root.File),
            Tenant = root.Made("tenant", root.Required("tenant", "name the tenant"), text => new TenantId(text))
                ?? default,
            Site = root.Text("site") ?? "",
            Device = root.Made("device", root.Required("device", "name this device"), text => new DeviceId(text))
                ?? default,
            Board = root.Text("board") ?? "generic",
            Hub = hub,
            Identity = ReadIdentity(root, root.Has("hub")),
            DataDirectory = root.FilePath(
                "data_dir",
                root.Required("data_dir", "give a folder that survives restarts, such as /var/lib/lepton")) ?? "",
            ModelsDirectory = ReadModelsDirectory(root),
            LedgerFile = root.FilePath("ledger", root.Text("ledger")),
            Outbox = ReadOutbox(root),
            Lane = ReadLane(root),
            Metering = MeteringReader.Read(root),
            Serving = ReadServing(root),
            Peers = PeerReader.Read(root),
            Metrics = ObservingReader.ReadMetrics(root),
            Logging = ObservingReader.ReadLogging(root),
            Otlp = ObservingReader.ReadOtlp(root, environment),
            Sensors = SensorReader.Read(root),
            Uploads = ReadUploads(root),
            Workloads = WorkloadReader.Read(root),
        };
    }

    private static IdentityFiles ReadIdentity(YamlSection root, bool needsCertificate)
    {
        if (root.Section("identity") is not { } identity)
        {
            if (!root.Has("identity"))
                root.Fault("identity", "is missing: give at least identity.hub_key, the hub's public sealing key");
            return new IdentityFiles(null, null, null, "");
        }

        const string join = "the hub's operator issues this file for the device";
        string? File(string key) => needsCertificate || identity.Has(key) ? identity.ExistingFile(key, join) : null;
        var files = new IdentityFiles(
            File("certificate"), File("key"), File("ca"), identity.ExistingFile("hub_key", join) ?? "");
        identity.Complete();
        return files;
    }

    private static ServingSettings? ReadServing(YamlSection root)
    {
        if (root.Section("serving") is not { } section)
            return null;
        var settings = new ServingSettings(ReadLoopback(section, "grpc"), ReadLoopback(section, "http"));
        section.Complete();
        if (settings is { Grpc: null, Http: null })
            root.Fault("serving", "names no address: give grpc, http or both, such as 127.0.0.1:8001");
        return settings;
    }

    private static IPEndPoint? ReadLoopback(YamlSection section, string key)
    {
        if (section.Text(key) is not { } text)
            return null;
        if (IPEndPoint.TryParse(text, out var address) && IPAddress.IsLoopback(address.Address))
            return address;
        section.Fault(key, $"'{text}' is no address of this machine alone, such as 127.0.0.1:8001; others ask the hub");
        return null;
    }

    private static HubAddress? ReadHub(YamlSection root)
    {
        if (root.Section("hub") is not { } hub)
            return null;
        var mqtt = hub.Required("mqtt", "give the broker as HOST:PORT, such as hub.example:8883");
        var (host, port) = ("", 0);
        // A URI's authority parser knows every form of host and port; the scheme is ours.
        if (mqtt is not null && Uri.TryCreate($"mqtt://{mqtt}", UriKind.Absolute, out var broker)
            && broker is { Port: > 0, PathAndQuery: "/" or "" })
            (host, port) = (broker.DnsSafeHost, broker.Port);
        else if (mqtt is not null)
            hub.Fault("mqtt", $"'{mqtt}' is not HOST:PORT, such as hub.example:8883");
        var grpc = ReadInferenceAddresses(hub);
        hub.Complete();
        return new HubAddress(host, port, grpc);
    }

    private static List<Uri> ReadInferenceAddresses(YamlSection hub)
    {
        var addresses = new List<Uri>();
        foreach (var text in hub.Texts("grpc"))
        {
            if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Scheme != Uri.UriSchemeHttps)
                hub.Fault("grpc", $"'{text}' is not an https address, such as https://hub.example:8443");
            else if (addresses.Contains(address))
                hub.Fault("grpc", $"'{text}' is listed twice: give each address once");
            else
                addresses.Add(address);
        }

        if (addresses.Count > HubAddressesMax)
            hub.Fault("grpc", $"lists {addresses.Count} addresses: give at most {HubAddressesMax}");
        return addresses;
    }

    private static string ReadModelsDirectory(YamlSection root)
    {
        var path = root.FilePath("models_dir",
            root.Required("models_dir", "give the folder that holds the model bundles"));
        if (path is not null && !Directory.Exists(path))
            root.Fault("models_dir", $"'{path}' does not exist: give the folder that holds the model bundles");
        return path ?? "";
    }

    private static OutboxSettings ReadOutbox(YamlSection root)
    {
        var defaults = new OutboxSettings();
        if (root.Section("outbox") is not { } outbox)
            return defaults;
        var settings = new OutboxSettings
        {
            BytesMax = outbox.Bytes("bytes_max", defaults.BytesMax, 1024 * 1024, 1L << 40),
            BatchRecords = outbox.Integer("batch_records", defaults.BatchRecords, 1, 65_536),
            BatchAge = outbox.Duration(
                "batch_age", defaults.BatchAge, TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1)),
            Reserves = ReadReserves(outbox),
        };
        outbox.Complete();
        return settings;
    }

    private static OutboxReserves ReadReserves(YamlSection outbox)
    {
        var defaults = new OutboxReserves();
        if (outbox.Section("reserves") is not { } section)
            return defaults;
        var reserves = new OutboxReserves
        {
            Alarm = section.Number("alarm", defaults.Alarm, 0, OutboxReserves.SumMax),
            Event = section.Number("event", defaults.Event, 0, OutboxReserves.SumMax),
            Telemetry = section.Number("telemetry", defaults.Telemetry, 0, OutboxReserves.SumMax),
            Bulk = section.Number("bulk", defaults.Bulk, 0, OutboxReserves.SumMax),
        };
        foreach (var fault in reserves.Faults())
            outbox.Fault("reserves", fault);
        section.Complete();
        return reserves;
    }

    private static LaneSettings ReadLane(YamlSection root)
    {
        var defaults = new LaneSettings();
        if (root.Section("lane") is not { } lane)
            return defaults;
        var settings = new LaneSettings
        {
            IntraOpThreads = lane.Integer("intra_op_threads", defaults.IntraOpThreads, 1, 64),
            ExecutionProviders = lane.Texts("execution_providers"),
            QueueMax = lane.Integer("queue_max", defaults.QueueMax, 1, 4_096),
            Nice = lane.Integer("nice", defaults.Nice, -20, 0),
        };
        lane.Complete();
        return settings;
    }

    private static UploadPolicies ReadUploads(YamlSection root)
    {
        var policies = new List<UploadPolicy>();
        foreach (var section in root.Sections("channels"))
        {
            var kind = section.Choice("upload", UploadKind.Everything, UploadKinds);
            var interval = section.Duration(
                "interval", TimeSpan.Zero, TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1));
            if (kind == UploadKind.DownSampled && interval == TimeSpan.Zero)
                section.Fault("interval",
                    "is missing: say how much time one mean, minimum and maximum stand for, such as 10s");
            var around = section.Section("around_alarm");
            policies.Add(new UploadPolicy(
                section.Required("match", "name a channel, or a pattern such as cpu*.load") ?? "*", kind, interval,
                around?.Integer("before", 0, 0, 64) ?? 0, around?.Integer("after", 0, 0, 64) ?? 0));
            around?.Complete();
            section.Complete();
        }

        return new UploadPolicies(policies);
    }
}
