using System.Collections;
using System.Net;
using LeptonEdge.Core.Tracing;
using LeptonEdge.Telemetry.Logging;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Agent.Configuration;

/// <summary>Reads the sections by which others look at the agent.</summary>
internal static class ObservingReader
{
    private static readonly IPEndPoint MetricsDefault = new(IPAddress.Loopback, 9465);

    public static MetricsSettings? ReadMetrics(YamlSection root)
    {
        if (root.Section("metrics") is not { } section)
            return null;
        var listen = MetricsDefault;
        if (section.Text("listen") is { } text)
        {
            // IPEndPoint takes a bare address for one with port 0: only ADDRESS:PORT is clear enough here.
            if (IPEndPoint.TryParse(text, out var address) && address.ToString() == text)
                listen = address;
            else
                section.Fault("listen", $"'{text}' is not ADDRESS:PORT, such as 127.0.0.1:9465");
        }

        section.Complete();
        return new MetricsSettings(listen);
    }

    public static LogSettings ReadLogging(YamlSection root)
    {
        if (root.Section("logging") is not { } section)
            return new LogSettings();
        var levels = new List<KeyValuePair<string, LogLevel>>();
        var byCategory = section.Section("levels");
        foreach (var category in byCategory?.Keys.ToList() ?? [])
            levels.Add(new(category, byCategory!.Choice(category, LogLevel.Information, LogSettings.LevelNames)));
        var settings = new LogSettings
        {
            Format = section.Has("format") ? section.Choice("format", LogFormat.Text, LogSettings.FormatNames) : null,
            Level = section.Choice("level", LogLevel.Information, LogSettings.LevelNames),
            Levels = levels,
        };
        section.Complete();
        return settings;
    }

    public static OtlpSettings? ReadOtlp(YamlSection root, IDictionary environment)
    {
        var telemetry = root.Section("telemetry");
        var otlp = telemetry?.Section("otlp");
        telemetry?.Complete();
        if (otlp is null)
            return OtlpSettings.From(environment);
        var headers = otlp.Section("headers");
        var settings = new OtlpSettings
        {
            Endpoint = OtlpSettings.ReadEndpoint(otlp.Text("endpoint"), fault => otlp.Fault("endpoint", fault)),
            Protocol = otlp.Choice("protocol", OtlpProtocol.Grpc, OtlpSettings.ProtocolNames),
            Headers = headers is null ? [] : OtlpSettings.ReadHeaders(headers.Keys, headers.Text, headers.Fault),
            SampleRatio = otlp.Number("sample_ratio", OtlpSettings.RatioOf(environment), 0, 1),
        };
        otlp.Complete();
        return OtlpSettings.IsDisabled(environment) ? null : settings;
    }
}
