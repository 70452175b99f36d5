using System.Net;
using LeptonEdge.Serving.Upstream;

namespace LeptonEdge.Hub.Configuration;

/// <summary>Reads the list <c>upstreams</c> of <c>hub.yaml</c>.</summary>
internal static class UpstreamConfiguration
{
    private const int PoolsMax = 16;
    private const int ServersMax = 64;
    private const int ModelsMax = 256;
    private const long MebiByte = 1024 * 1024;

    public static IReadOnlyList<UpstreamOptions> Read(YamlSection root, string folder)
    {
        var pools = new List<UpstreamOptions>();
        foreach (var section in root.Sections("upstreams", PoolsMax))
        {
            var pool = ReadPool(section, folder);
            if (pools.Any(other => other.Name == pool.Name))
                section.Fault("name", $"'{pool.Name}' is the name of two pools");
            pools.Add(pool);
            section.RefuseUnknown();
        }

        return pools;
    }

    private static UpstreamOptions ReadPool(YamlSection section, string folder)
    {
        var standard = new UpstreamOptions { Name = "", Models = [], Servers = [] };
        var servers = ReadServers(section);
        var tls = section.Section("tls");
        var token = FileAt(section, "token_file", folder);
        if (token is not null && servers.Any(IsInTheClear))
            section.Fault("token_file", "would travel in the clear: use https addresses, or servers of this machine");
        var options = new UpstreamOptions
        {
            Name = section.RequiredText("name", "name the pool, for logs and metrics") ?? "",
            Models = Required(section, "models", "name the models, such as [detector, 'large-*']", ModelsMax),
            Servers = servers,
            When = ReadWhen(section),
            Timeout = section.Seconds("timeout_seconds", standard.Timeout, 0.01, 3600),
            InFlightMax = section.Whole("in_flight", standard.InFlightMax, 1, 10_000),
            Concurrency = section.Has("concurrency") ? section.Whole("concurrency", 1, 1, 10_000) : null,
            ReplyBytesMax = (int)(section.Whole("reply_mebibytes", 16, 1, 1024) * MebiByte),
            AuthorityFile = tls is null ? null : FileAt(tls, "ca", folder),
            Identity = tls is null ? null : ReadIdentity(tls, folder),
            TokenFile = token,
            Health = ReadHealth(section.Section("health"), standard.Health),
        };
        tls?.RefuseUnknown();
        return options;
    }

    private static List<Uri> ReadServers(YamlSection section)
    {
        var servers = new List<Uri>();
        var texts = Required(section, "servers", "give addresses, such as [https://triton-1:8001]", ServersMax);
        foreach (var text in texts)
        {
            if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.PathAndQuery == "/"
                && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps))
                servers.Add(address);
            else
                section.Fault("servers", $"'{text}' is not http://HOST:PORT or https://HOST:PORT");
        }

        if (servers.Count != servers.Distinct().Count())
            section.Fault("servers", "names a server twice");
        return servers;
    }

    private static UpstreamWhen ReadWhen(YamlSection section)
    {
        switch (section.Text("when"))
        {
            case null or "always":
                return UpstreamWhen.Always;
            case "overloaded":
                return UpstreamWhen.Overloaded;
            case var text:
                section.Fault("when", $"'{text}' is neither always nor overloaded");
                return UpstreamWhen.Always;
        }
    }

    private static UpstreamHealthOptions ReadHealth(YamlSection? section, UpstreamHealthOptions standard)
    {
        if (section is null)
            return standard;
        var health = new UpstreamHealthOptions
        {
            Every = section.Seconds("every_seconds", standard.Every, 0.1, 300),
            Timeout = section.Seconds("timeout_seconds", standard.Timeout, 0.05, 60),
            EjectFor = section.Seconds("eject_seconds", standard.EjectFor, 0.5, 300),
            SoundEvery = section.Seconds("sound_seconds", standard.SoundEvery, 0, 86_400),
        };
        section.RefuseUnknown();
        return health;
    }

    private static (string Certificate, string Key)? ReadIdentity(YamlSection tls, string folder)
    {
        var (certificate, key) = (FileAt(tls, "certificate", folder), FileAt(tls, "key", folder));
        if (tls.Has("certificate") != tls.Has("key"))
            tls.Fault(tls.Has("key") ? "key" : "certificate", "give certificate and key, or neither");
        return certificate is null || key is null ? null : (certificate, key);
    }

    private static string? FileAt(YamlSection section, string key, string folder)
    {
        if (section.Text(key) is not { } text)
            return null;
        var file = Path.GetFullPath(text, folder);
        if (!File.Exists(file))
            section.Fault(key, $"there is no file '{file}'");
        return file;
    }

    private static IReadOnlyList<string> Required(YamlSection section, string key, string remedy, int countMax)
    {
        var texts = section.Texts(key, countMax);
        if (!section.Has(key) || (texts.Count == 0 && section.IsEmptyList(key)))
            section.Fault(key, $"is missing: {remedy}");
        return texts;
    }

    private static bool IsInTheClear(Uri address) => address.Scheme == Uri.UriSchemeHttp
        && !(IPAddress.TryParse(address.Host, out var ip) ? IPAddress.IsLoopback(ip) : address.Host == "localhost");
}
