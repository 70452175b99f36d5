using System.Collections;
using LeptonEdge.Core.Tracing;
using LeptonEdge.Telemetry.Logging;

namespace LeptonEdge.Hub.Configuration;

/// <summary>Reads the sections by which others look at the hub.</summary>
internal static class ObservingConfiguration
{
    public static LogSettings ReadLogging(YamlSection? section)
    {
        if (section is null)
            return new LogSettings();
        var levels = new List<KeyValuePair<string, LogLevel>>();
        var byCategory = section.Section("levels");
        foreach (var category in byCategory?.Keys.ToList() ?? [])
            levels.Add(new(category, ReadOne(byCategory!, category, LogLevel.Information, LogSettings.LevelNames)));
        var settings = new LogSettings
        {
            Format = section.Has("format")
                ? ReadOne(section, "format", LogFormat.Text, LogSettings.FormatNames)
                : null,
            Level = ReadOne(section, "level", LogLevel.Information, LogSettings.LevelNames),
            Levels = levels,
        };
        section.RefuseUnknown();
        return settings;
    }

    public static OtlpSettings? ReadOtlp(YamlSection root, IDictionary environment)
    {
        var telemetry = root.Section("telemetry");
        var otlp = telemetry?.Section("otlp");
        telemetry?.RefuseUnknown();
        if (otlp is null)
            return OtlpSettings.From(environment);
        var text = otlp.RequiredText("endpoint", "give the collector's address, such as http://collector.example:4317");
        Uri? endpoint = null;
        if (text is not null
            && (!Uri.TryCreate(text, UriKind.Absolute, out endpoint) || endpoint.Scheme is not ("http" or "https")))
            otlp.Fault("endpoint", $"'{text}' is not an address, such as http://collector.example:4317");
        var settings = new OtlpSettings
        {
            Endpoint = endpoint,
            Protocol = ReadOne(otlp, "protocol", OtlpProtocol.Grpc, OtlpSettings.ProtocolNames),
            Headers = ReadHeaders(otlp.Section("headers")),
            SampleRatio = otlp.Number("sample_ratio", OtlpSettings.RatioOf(environment), 0, 1),
        };
        otlp.RefuseUnknown();
        return OtlpSettings.IsDisabled(environment) ? null : settings;
    }

    private static T ReadOne<T>(YamlSection section, string key, T fallback, IReadOnlyDictionary<string, T> known)
    {
        if (section.Text(key) is not { } text)
            return fallback;
        if (known.TryGetValue(text, out var value))
            return value;
        section.Fault(key, $"'{text}' is none of {string.Join(", ", known.Keys)}");
        return fallback;
    }

    private static List<KeyValuePair<string, string>> ReadHeaders(YamlSection? section)
    {
        var headers = new List<KeyValuePair<string, string>>();
        foreach (var key in section?.Keys.ToList() ?? [])
        {
            var value = section!.Text(key) ?? "";
            if (OtlpSettings.HeaderFault(key, value) is { } fault)
                section.Fault(key, fault);
            headers.Add(new KeyValuePair<string, string>(key, value));
        }

        return headers;
    }
}
