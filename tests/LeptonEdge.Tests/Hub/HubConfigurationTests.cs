using LeptonEdge.Core.Pricing;
using LeptonEdge.Hub.Configuration;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Hub;

public sealed class HubConfigurationTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_smallest_file_gives_the_standard_hub()
    {
        var options = Load("tenant: plant-7\ndata_dir: data\n");
        Assert.Equal("plant-7", options.Tenant.Value);
        Assert.Equal(_folder.File("data"), options.DataFolder);
        Assert.Equal("0.0.0.0:8443", options.Listen.Https.ToString());
        Assert.Equal("0.0.0.0:8883", options.Listen.Mqtt!.ToString());
        Assert.Null(options.Listen.Http);
        Assert.Null(options.Broker);
    }

    [Fact]
    public void The_example_in_the_repository_is_sound()
    {
        var example = File.ReadAllText(Path.Combine(Requires.RepositoryRoot, "firmware-config", "hub.example.yaml"));
        Directory.CreateDirectory(_folder.File("models"));
        var options = Load(example.Replace("/usr/share/lepton/models", _folder.File("models")));
        Assert.NotNull(options.Listen.Http);
    }

    [Fact]
    public void Jobs_have_limits_of_their_own()
    {
        var options = Load("""
            tenant: plant-7
            data_dir: data
            jobs: { quiet_seconds: 0.5, share_min: 0.2, memory_max_bytes: 300000000 }
            """);
        Assert.Equal(
            (TimeSpan.FromSeconds(0.5), 0.2, 300_000_000L),
            (options.Jobs.Quiet, options.Jobs.ShareMin, options.Jobs.WorkerBytesMax));
        var faults = Faults("""
            tenant: plant-7
            data_dir: data
            jobs:
              quiet_seconds: 61
              share_min: 0
              memory_max_bytes: 1000
              share_max: 1
            """);
        Assert.Equal(
            ["jobs.memory_max_bytes", "jobs.quiet_seconds", "jobs.share_max", "jobs.share_min"],
            faults.Select(fault => fault.Key).Order());
    }

    [Fact]
    public void Every_fault_is_named_at_once_with_its_line_and_key()
    {
        var faults = Faults("""
            tenant: Plant Seven
            listen:
              https: 8443
              http: 0.0.0.0:8080
              htttp: 127.0.0.1:1
            workers: many
            queue: 0
            models_dir: nowhere
            names: [good.example, "bad name"]
            planner:
              lane_busy: 0.5
              lane_calm: 0.6
              speed: 3
              moves_per_minute: 0
              blackouts:
                - { from: "25:00", to: "06:00", days: [monday] }
            colour: red
            """);
        (int Line, string Key)[] expected =
        [
            (1, "tenant"), (1, "data_dir"), (3, "listen.https"), (4, "listen.http"), (5, "listen.htttp"),
            (6, "workers"), (7, "queue"), (8, "models_dir"), (9, "names"), (12, "planner.lane_calm"),
            (13, "planner.speed"), (14, "planner.moves_per_minute"),
            (16, "planner.blackouts[0].from"), (16, "planner.blackouts[0].days"), (17, "colour"),
        ];
        Assert.Equal(expected.Order(), faults.Select(f => (f.Line, f.Key)).Order());
        Assert.All(faults, fault => Assert.Contains("hub.yaml", fault.ToString()));
    }

    [Theory]
    [InlineData("- a\n- b\n", "one YAML mapping")]
    [InlineData("", "one YAML mapping")]
    [InlineData("tenant: [a\ndata_dir", "is not YAML")]
    [InlineData("tenant: a\ntenant: b\ndata_dir: d\n", "is not YAML")]
    public void What_is_no_mapping_is_refused_as_such(string text, string expected) =>
        Assert.Contains(expected, Assert.Single(Faults(text)).Message);

    [Fact]
    public void A_missing_file_is_named()
    {
        var fault = Assert.Throws<ConfigurationException>(() => HubConfiguration.Load(_folder.File("absent.yaml")));
        Assert.Contains("absent.yaml: cannot be read", fault.Message);
    }

    [Fact]
    public void An_external_broker_needs_its_host_and_takes_the_place_of_the_embedded_one()
    {
        var options = Load("tenant: t\ndata_dir: d\nbroker:\n  host: broker.example\n  tls: false\n");
        Assert.Equal(new ExternalBroker("broker.example", 1883, false), options.Broker);
        Assert.Null(options.Listen.Mqtt);
        var faults = Faults("tenant: t\ndata_dir: d\nbroker:\n  port: 70000\nlisten:\n  mqtt: 0.0.0.0:8883\n");
        Assert.Equal(["broker.host", "broker.port", "listen.mqtt"], faults.Select(f => f.Key).Order());
        Assert.Equal("broker", Assert.Single(Faults("tenant: t\ndata_dir: d\nbroker: own\n")).Key);
    }

    [Fact]
    public void Prices_are_read_or_refused_each_by_its_name()
    {
        var options = Load("""
            tenant: t
            data_dir: d
            meter_every_seconds: 5
            power: { busy_watts_per_core: 6 }
            prices:
              currency: CHF
              default: { core_second: 0.00001, gb_moved: 0.05, kwh: 0.30 }
              overrides:
                - { kind: pool, accelerator_second: 0.001 }
                - { site: plant-1, kwh: 0.10 }
            """);
        Assert.Equal((TimeSpan.FromSeconds(5), 6), (options.MeterEvery, options.Power.BusyWattsPerCore));
        Assert.Equal("CHF", options.Prices.Currency);
        Assert.Equal(new Prices(0.00001, 0, 0.05, 0.10), options.Prices.For(NodeKind.Device, "plant-1"));
        Assert.Equal(new Prices(0.00001, 0.001, 0.05, 0.30), options.Prices.For(NodeKind.Pool, ""));
        Assert.Same(PriceBook.Free, Load("tenant: t\ndata_dir: d\n").Prices);

        var faults = Faults("""
            tenant: t
            data_dir: d
            meter_every_seconds: 0
            power: { idle_watts: -1 }
            prices:
              currency: euro
              default: { core_second: -1, kwh: nan, speed: 1 }
              overrides:
                - { kind: cloud, kwh: 1 }
                - { site: a, kwh: infinity }
                - { site: a }
                - { kwh: 1 }
            """);
        Assert.Equal(
            [
                "meter_every_seconds", "power.idle_watts", "prices.currency", "prices.default.core_second",
                "prices.default.kwh", "prices.default.speed", "prices.overrides[0]", "prices.overrides[0].kind",
                "prices.overrides[1].kwh", "prices.overrides[2]", "prices.overrides[2].core_second",
                "prices.overrides[3]",
            ],
            faults.Select(fault => fault.Key).Order());
    }

    [Fact]
    public void Upstream_pools_are_read_with_every_fault_of_each()
    {
        File.WriteAllText(_folder.File("token"), "x");
        var pool = Assert.Single(Load("""
            tenant: t
            data_dir: d
            upstreams:
              - name: triton
                models: [detector, 'large-*']
                servers: [https://one:8001, https://two:8001]
                when: overloaded
                token_file: token
                health: {every_seconds: 0.5}
            """).Upstreams);
        Assert.True(pool.Serves("detector") && pool.Serves("large-one") && !pool.Serves("small"));
        Assert.Equal(_folder.File("token"), pool.TokenFile);
        Assert.Equal((2, 64, TimeSpan.FromSeconds(0.5)), (pool.Servers.Count, pool.InFlightMax, pool.Health.Every));
        var faults = Faults("""
            tenant: t
            data_dir: d
            upstreams:
              - models: [a]
                servers: [one:8001, http://one:8001/path]
                when: never
              - name: two
                models: []
                servers: [http://one:8001]
                token_file: token
                in_flight: 0
                concurrency: 0
                health: {sound_seconds: -1}
                tls: {certificate: absent.crt}
                colour: red
            """);
        Assert.Equal(
            [
                "upstreams[0].name", "upstreams[0].servers", "upstreams[0].servers", "upstreams[0].when",
                "upstreams[1].colour", "upstreams[1].concurrency", "upstreams[1].health.sound_seconds",
                "upstreams[1].in_flight", "upstreams[1].models",
                "upstreams[1].tls.certificate", "upstreams[1].tls.certificate", "upstreams[1].token_file",
            ],
            faults.Select(fault => fault.Key).Order(StringComparer.Ordinal));
    }

    private HubOptions Load(string text)
    {
        File.WriteAllText(_folder.File("hub.yaml"), text);
        return HubConfiguration.Load(_folder.File("hub.yaml"));
    }

    private IReadOnlyList<ConfigurationFault> Faults(string text) =>
        Assert.Throws<ConfigurationException>(() => Load(text)).Faults;
}
