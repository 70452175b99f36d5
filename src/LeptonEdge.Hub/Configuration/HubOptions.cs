using System.Net;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Pricing;
using LeptonEdge.Core.Tracing;
using LeptonEdge.Hub.Jobs;
using LeptonEdge.Placement.Planning;
using LeptonEdge.Serving.Upstream;
using LeptonEdge.Telemetry.Logging;

namespace LeptonEdge.Hub.Configuration;

/// <summary>All that a hub is told by its configuration file; whoever holds one holds a sound one.</summary>
public sealed record HubOptions
{
    /// <summary>The one fleet that this hub serves.</summary>
    public required TenantId Tenant { get; init; }

    /// <summary>Absolute path of the folder with keys, token and database.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Absolute path of a folder NAME/VERSION/manifest.json; null serves no models.</summary>
    public string? ModelsFolder { get; init; }

    public required ListenOptions Listen { get; init; }

    /// <summary>Names and addresses that devices and operators reach the hub by, beside this machine's own.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Null: the broker is embedded in the hub.</summary>
    public ExternalBroker? Broker { get; init; }

    /// <summary>Inferences that run side by side, 0 to 64.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Inferences that may wait for a worker; one more is refused. 1 to 4,096.</summary>
    public int QueueMax { get; init; } = 64;

    public MemoryOptions Memory { get; init; } = new();

    /// <summary>Servers of the same protocol that answer for some models.</summary>
    public IReadOnlyList<UpstreamOptions> Upstreams { get; init; } = [];

    /// <summary>What work costs; free unless stated.</summary>
    public PriceBook Prices { get; init; } = PriceBook.Free;

    /// <summary>What this machine draws, for the energy of inferences that the hub computes; zeros estimate
    /// nothing.</summary>
    public PowerModel Power { get; init; }

    /// <summary>How often the hub keeps what it metered itself; what a kill costs of it. 1 s to 1 h.</summary>
    public TimeSpan MeterEvery { get; init; } = TimeSpan.FromMinutes(1);

    public PlanningOptions Planning { get; init; } = new();

    public JobsOptions Jobs { get; init; } = new();

    public LogSettings Logging { get; init; } = new();

    /// <summary>Null: no traces, and metrics are sent nowhere.</summary>
    public OtlpSettings? Otlp { get; init; }

    public ApiOptions Api { get; init; } = new();

    /// <summary>The planner's rules, with the prices of this hub; where nothing has a price, it takes the device's own
    /// time for the cheapest.</summary>
    public PlannerRules ToRules() => ReferenceEquals(Prices, PriceBook.Free)
        ? Planning.Rules
        : Planning.Rules with { Book = Prices };
}

/// <summary>How much memory there is for models; without a limit the number of models alone is limited.</summary>
public sealed record MemoryOptions
{
    /// <summary>What the process may hold, in bytes.</summary>
    public long? BytesMax { get; init; }

    /// <summary>Share of the control group's memory, or else of the machine's.</summary>
    public double? ShareMax { get; init; }

    /// <summary>Names of models that stay; '*' stands for any letters, '?' for one.</summary>
    public IReadOnlyList<string> Pinned { get; init; } = [];
}

/// <summary>Where the hub listens. Port 0 takes a free one; <c>ports.json</c> in the data folder says which.</summary>
/// <param name="Https">gRPC, API and page, TLS 1.3.</param>
/// <param name="Mqtt">The embedded broker, mutual TLS 1.3; null with an external broker.</param>
/// <param name="Http">API and page for a browser on this machine; a loopback address, or null.</param>
public sealed record ListenOptions(IPEndPoint Https, IPEndPoint? Mqtt, IPEndPoint? Http);

/// <summary>An MQTT 5 broker that runs by itself, such as mosquitto.</summary>
/// <param name="Tls">Mutual TLS with the hub's own certificate; without it plain TCP.</param>
public sealed record ExternalBroker(string Host, int Port, bool Tls);

/// <summary>How often, and by what rules, the hub plans.</summary>
public sealed record PlanningOptions
{
    /// <summary>Between two rounds, 100 ms to 60 s; a report is planned with at once.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Their price book is the hub's.</summary>
    public PlannerRules Rules { get; init; } = new();

    /// <summary>When nothing moves by choice.</summary>
    public IReadOnlyList<Blackout> Blackouts { get; init; } = [];
}
