using System.Buffers;
using System.Collections;
using System.Globalization;

namespace LeptonEdge.Core.Tracing;

/// <summary>How OTLP is spoken.</summary>
public enum OtlpProtocol
{
    Grpc,

    /// <summary>Protocol buffers over HTTP/1.1; the signal's path is put behind the address.</summary>
    HttpProtobuf,
}

/// <summary>Where traces and metrics are sent. Whoever holds one wants them sent.</summary>
public sealed record OtlpSettings
{
    /// <summary>Of windows and calls that begin here, unless stated.</summary>
    public const double SampleRatioDefault = 0.01;

    private const string Disabled = "OTEL_SDK_DISABLED";
    private const string Prefix = "OTEL_EXPORTER_OTLP_";

    private static readonly SearchValues<char> NameLetters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    private static readonly string[] Endpoints =
        [$"{Prefix}ENDPOINT", $"{Prefix}TRACES_ENDPOINT", $"{Prefix}METRICS_ENDPOINT"];

    /// <summary>Names of protocols, as OTEL_EXPORTER_OTLP_PROTOCOL has them.</summary>
    public static IReadOnlyDictionary<string, OtlpProtocol> ProtocolNames { get; } =
        new Dictionary<string, OtlpProtocol>
        {
            ["grpc"] = OtlpProtocol.Grpc,
            ["http/protobuf"] = OtlpProtocol.HttpProtobuf,
        };

    /// <summary>Null: the standard variables of the environment say where (OTEL_EXPORTER_OTLP_…).</summary>
    public Uri? Endpoint { get; init; }

    public OtlpProtocol Protocol { get; init; }

    /// <summary>Sent with each export, such as a key of the service behind it.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Share of the traces that begin here, 0 to 1; who is asked by others follows them.</summary>
    public double SampleRatio { get; init; } = SampleRatioDefault;

    /// <summary>What is wrong with a header; null when it is sound.</summary>
    /// <remarks>The format of OTEL_EXPORTER_OTLP_HEADERS, which exporters share, keeps pairs apart by commas.</remarks>
    public static string? HeaderFault(string name, string value) =>
        name.Length == 0 || name.AsSpan().ContainsAnyExcept(NameLetters) ? $"'{name}' is no name of a header"
        : value.AsSpan().ContainsAnyExceptInRange(' ', '~') || value.Contains(',')
            ? "must be printable ASCII without a comma"
            : null;

    /// <summary>Takes the headers of a configuration.</summary>
    /// <param name="textOf">The value of a name.</param>
    /// <param name="fault">Told of a name and what is wrong with it.</param>
    public static IReadOnlyList<KeyValuePair<string, string>> ReadHeaders(
        IEnumerable<string> names, Func<string, string?> textOf, Action<string, string> fault)
    {
        var headers = new List<KeyValuePair<string, string>>();
        foreach (var name in names.ToList())
        {
            var value = textOf(name) ?? "";
            if (HeaderFault(name, value) is { } wrong)
                fault(name, wrong);
            headers.Add(new(name, value));
        }

        return headers;
    }

    /// <param name="text">An address of a configuration.</param>
    /// <param name="fault">Told what is wrong with it.</param>
    /// <returns>Null when it is none.</returns>
    public static Uri? ReadEndpoint(string? text, Action<string> fault)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var endpoint) && endpoint.Scheme is ("http" or "https"))
            return endpoint;
        fault($"'{text}' is not an address, such as http://collector.example:4317");
        return null;
    }

    /// <summary>What the environment alone wishes; null when it wishes nothing.</summary>
    public static OtlpSettings? From(IDictionary environment)
    {
        if (IsDisabled(environment) || !Endpoints.Any(name => Text(environment, name) is not null))
            return null;
        return new OtlpSettings { SampleRatio = RatioOf(environment) };
    }

    /// <summary>The environment forbids it, whatever else is configured.</summary>
    public static bool IsDisabled(IDictionary environment) =>
        string.Equals(Text(environment, Disabled), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>By OTEL_TRACES_SAMPLER and its argument, as far as they say something.</summary>
    public static double RatioOf(IDictionary environment) => Text(environment, "OTEL_TRACES_SAMPLER") switch
    {
        "always_on" or "parentbased_always_on" => 1,
        "always_off" or "parentbased_always_off" => 0,
        _ => double.TryParse(
                Text(environment, "OTEL_TRACES_SAMPLER_ARG"), NumberStyles.Float, CultureInfo.InvariantCulture,
                out var ratio) && ratio is >= 0 and <= 1
            ? ratio
            : SampleRatioDefault,
    };

    private static string? Text(IDictionary environment, string name) =>
        environment[name] is string { Length: > 0 } text ? text : null;
}
