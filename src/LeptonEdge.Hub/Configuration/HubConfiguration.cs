using System.Net;
using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Jobs;

namespace LeptonEdge.Hub.Configuration;

/// <summary>Reads <c>hub.yaml</c>.</summary>
public static class HubConfiguration
{
    /// <summary>Relative paths in the file start at the file's own folder.</summary>
    /// <exception cref="ConfigurationException">With every fault, each naming file, line, key and remedy.</exception>
    public static HubOptions Load(string file)
    {
        var faults = new List<ConfigurationFault>();
        var options = YamlSection.Load(file, faults) is { } root
            ? Read(root, Path.GetDirectoryName(Path.GetFullPath(file))!)
            : null;
        return faults.Count == 0 ? options! : throw new ConfigurationException(faults);
    }

    private static HubOptions? Read(YamlSection root, string folder)
    {
        var tenant = ReadTenant(root);
        var data = root.RequiredText("data_dir", "name the folder that holds the hub's keys and database");
        var models = root.Text("models_dir");
        var modelsFolder = models is null ? null : Path.GetFullPath(models, folder);
        if (modelsFolder is not null && !Directory.Exists(modelsFolder))
            root.Fault(
                "models_dir", $"'{modelsFolder}' is not a folder: give one that holds NAME/VERSION/manifest.json");
        var broker = ReadBroker(root);
        var listen = ReadListen(root, broker is null);
        var options = new HubOptions
        {
            Tenant = tenant ?? new TenantId("unnamed"),
            DataFolder = Path.GetFullPath(data ?? ".", folder),
            ModelsFolder = modelsFolder,
            Listen = listen,
            Names = ReadNames(root),
            Broker = broker,
            Workers = root.Whole("workers", 1, 0, 64),
            QueueMax = root.Whole("queue", 64, 1, 4096),
            Memory = ReadMemory(root.Section("memory")),
            Upstreams = UpstreamConfiguration.Read(root, folder),
            Prices = PriceConfiguration.ReadPrices(root),
            Power = PriceConfiguration.ReadPower(root),
            MeterEvery = root.Seconds("meter_every_seconds", TimeSpan.FromMinutes(1), 1, 3600),
            Planning = PlanningConfiguration.Read(root.Section("planner")),
            Jobs = ReadJobs(root.Section("jobs")),
            Logging = ObservingConfiguration.ReadLogging(root.Section("logging")),
            Otlp = ObservingConfiguration.ReadOtlp(root, Environment.GetEnvironmentVariables()),
            Api = ApiOptions.Read(root.Section("api")),
        };
        root.RefuseUnknown();
        return options;
    }

    private static TenantId? ReadTenant(YamlSection root)
    {
        if (root.RequiredText("tenant", "name the fleet that this hub serves") is not { } text)
            return null;
        try
        {
            return new TenantId(text);
        }
        catch (FormatException fault)
        {
            root.Fault("tenant", fault.Message);
            return null;
        }
    }

    private static ListenOptions ReadListen(YamlSection root, bool embedded)
    {
        var https = new IPEndPoint(IPAddress.Any, 8443);
        var mqtt = embedded ? new IPEndPoint(IPAddress.Any, 8883) : null;
        if (root.Section("listen") is not { } section)
            return new ListenOptions(https, mqtt, null);
        https = section.Endpoint("https") ?? https;
        if (!embedded && section.Has("mqtt"))
            section.Fault("mqtt", "has no use with an external broker: remove it, or set 'broker: embedded'");
        mqtt = section.Endpoint("mqtt") ?? mqtt;
        var http = section.Endpoint("http");
        if (http is not null && !IPAddress.IsLoopback(http.Address))
            section.Fault(
                "http", $"'{http}' would send the operator's token in the clear: use 127.0.0.1 or [::1], or https");
        section.RefuseUnknown();
        return new ListenOptions(https, mqtt, http);
    }

    private static ExternalBroker? ReadBroker(YamlSection root)
    {
        if (!root.IsSection("broker"))
        {
            if (root.Text("broker") is { } text and not "embedded")
                root.Fault("broker", $"'{text}' must be 'embedded' or a section with host, port and tls");
            return null;
        }

        var section = root.Section("broker")!;
        var host = section.RequiredText("host", "name the machine that the broker runs on");
        var tls = section.Flag("tls", true);
        var port = section.Whole("port", tls ? 8883 : 1883, 1, 65_535);
        section.RefuseUnknown();
        return new ExternalBroker(host ?? "", port, tls);
    }

    private static IReadOnlyList<string> ReadNames(YamlSection root)
    {
        var names = root.Texts("names", 32);
        foreach (var name in names.Where(
            name => Uri.CheckHostName(name) is UriHostNameType.Unknown or UriHostNameType.Basic))
            root.Fault("names", $"'{name}' is neither a host name nor an address");
        return names;
    }

    private static JobsOptions ReadJobs(YamlSection? section)
    {
        var standard = new JobsOptions();
        if (section is null)
            return standard;
        var options = standard with
        {
            WorkerBytesMax = (long)section.Number("memory_max_bytes", standard.WorkerBytesMax, 256e6, 1e15),
            Quiet = section.Seconds("quiet_seconds", standard.Quiet, 0, 60),
            ShareMin = section.Number("share_min", standard.ShareMin, 0.001, 1),
        };
        section.RefuseUnknown();
        return options;
    }

    private static MemoryOptions ReadMemory(YamlSection? section)
    {
        if (section is null)
            return new MemoryOptions();
        var options = new MemoryOptions
        {
            BytesMax = section.Has("max_bytes") ? (long)section.Number("max_bytes", 1e9, 64e6, 1e15) : null,
            ShareMax = section.Has("share") ? section.Number("share", 0.8, 0.05, 1) : null,
            Pinned = section.Texts("pinned", 256),
        };
        section.RefuseUnknown();
        return options;
    }
}
