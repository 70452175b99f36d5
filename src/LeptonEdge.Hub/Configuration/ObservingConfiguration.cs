using System.Collections;
using LeptonEdge.Core.Tracing;

namespace LeptonEdge.Hub.Configuration;

/// <summary>Reads the sections by which others look at the hub.</summary>
internal static class ObservingConfiguration
{
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
            Protocol = ReadProtocol(otlp),
            Headers = ReadHeaders(otlp.Section("headers")),
            SampleRatio = otlp.Number("sample_ratio", OtlpSettings.RatioOf(environment), 0, 1),
        };
        otlp.RefuseUnknown();
        return OtlpSettings.IsDisabled(environment) ? null : settings;
    }

    private static OtlpProtocol ReadProtocol(YamlSection otlp)
    {
        switch (otlp.Text("protocol"))
        {
            case null or "grpc":
                return OtlpProtocol.Grpc;
            case "http/protobuf":
                return OtlpProtocol.HttpProtobuf;
            case var text:
                otlp.Fault("protocol", $"'{text}' is neither grpc nor http/protobuf");
                return OtlpProtocol.Grpc;
        }
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
