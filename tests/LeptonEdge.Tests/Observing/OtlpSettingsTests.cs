using System.Collections;
using LeptonEdge.Core.Tracing;
using LeptonEdge.Hub.Configuration;
using LeptonEdge.Telemetry.Logging;
using LeptonEdge.Tests.Support;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Tests.Observing;

public sealed class OtlpSettingsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_standard_variables_alone_switch_the_export_on_and_off()
    {
        Assert.Null(OtlpSettings.From(new Hashtable()));
        Assert.Null(OtlpSettings.From(new Hashtable { ["OTEL_EXPORTER_OTLP_HEADERS"] = "a=b" }));
        Assert.Null(OtlpSettings.From(new Hashtable { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "" }));
        foreach (var name in new[] { "ENDPOINT", "TRACES_ENDPOINT", "METRICS_ENDPOINT" })
        {
            var environment = new Hashtable { ["OTEL_EXPORTER_OTLP_" + name] = "http://collector:4317" };
            var settings = OtlpSettings.From(environment)!;
            Assert.Null(settings.Endpoint);
            Assert.Equal(OtlpSettings.SampleRatioDefault, settings.SampleRatio);
            environment["OTEL_SDK_DISABLED"] = "TRUE";
            Assert.Null(OtlpSettings.From(environment));
        }
    }

    [Theory]
    [InlineData("always_on", null, 1)]
    [InlineData("parentbased_always_off", null, 0)]
    [InlineData("parentbased_traceidratio", "0.25", 0.25)]
    [InlineData("traceidratio", "nonsense", OtlpSettings.SampleRatioDefault)]
    [InlineData(null, "0.5", 0.5)]
    [InlineData(null, "1.5", OtlpSettings.SampleRatioDefault)]
    public void The_standard_sampler_says_how_much(string? sampler, string? argument, double ratio) =>
        Assert.Equal(ratio, OtlpSettings.RatioOf(
            new Hashtable { ["OTEL_TRACES_SAMPLER"] = sampler, ["OTEL_TRACES_SAMPLER_ARG"] = argument }));

    [Theory]
    [InlineData("x-api-key", "secret = 1%", true)]
    [InlineData("x-api-key", "two, values", false)]
    [InlineData("x-api-key", "über", false)]
    [InlineData("x key", "v", false)]
    [InlineData("", "v", false)]
    public void Headers_are_what_the_standard_format_can_carry(string name, string value, bool isSound) =>
        Assert.Equal(isSound, OtlpSettings.HeaderFault(name, value) is null);

    [Theory]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", false)]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01", false)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", false)]
    [InlineData("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", false)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x", false)]
    [InlineData("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false)]
    [InlineData("-------------------------------------------------------", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Only_a_sampled_context_of_the_standards_form_is_followed(string? text, bool isFollowed) =>
        Assert.Equal(isFollowed, Traces.Read(text).TraceId != default);

    [Fact]
    public void The_hub_reads_its_sections_and_names_every_fault_in_them()
    {
        var sound = HubConfiguration.Load(Hub("""
            telemetry:
              otlp: { endpoint: 'http://collector:4318', protocol: http/protobuf, headers: { x-key: v }, sample_ratio: 0.5 }
            logging: { format: journal, level: warning, levels: { LeptonEdge.Sync: debug } }
            """));
        Assert.Equal(
            (new Uri("http://collector:4318"), OtlpProtocol.HttpProtobuf, 0.5),
            (sound.Otlp!.Endpoint, sound.Otlp.Protocol, sound.Otlp.SampleRatio));
        Assert.Equal("v", Assert.Single(sound.Otlp.Headers).Value);
        Assert.Equal((LogFormat.Journal, LogLevel.Warning), (sound.Logging.Format, sound.Logging.Level));
        Assert.Equal(LogLevel.Debug, Assert.Single(sound.Logging.Levels).Value);

        var faults = Assert.Throws<ConfigurationException>(() => HubConfiguration.Load(Hub("""
            telemetry:
              otlp: { endpoint: 'collector:4317', protocol: carrier, headers: { x-key: 'a, b' }, sample_ratio: 2, more: 1 }
            logging: { format: xml, levels: { LeptonEdge: loud } }
            """))).Faults.Select(fault => fault.Key);
        Assert.Equal(
            [
                "logging.format", "logging.levels.LeptonEdge", "telemetry.otlp.endpoint", "telemetry.otlp.headers.x-key",
                "telemetry.otlp.more", "telemetry.otlp.protocol", "telemetry.otlp.sample_ratio",
            ],
            faults.Order());
    }

    private string Hub(string more)
    {
        var file = _folder.File("hub.yaml");
        File.WriteAllText(file, "tenant: plant-7\ndata_dir: data\n" + more);
        return file;
    }
}
