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
        var headers = otlp.Section("headers");
        var settings = new OtlpSettings
        {
            Endpoint = text is null ? null : OtlpSettings.ReadEndpoint(text, fault => otlp.Fault("endpoint", fault)),
            Protocol = ReadOne(otlp, "protocol", OtlpProtocol.Grpc, OtlpSettings.ProtocolNames),
            Headers = headers is null ? [] : OtlpSettings.ReadHeaders(headers.Keys, headers.Text, headers.Fault),
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
}
