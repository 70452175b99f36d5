using System.Net;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Pricing;
using LeptonEdge.Core.Tracing;
using LeptonEdge.Storage.Outboxes;
using LeptonEdge.Telemetry.Logging;

namespace LeptonEdge.Agent.Configuration;

/// <summary>All that an agent needs to know, proven sound; made once at start and never changed.</summary>
public sealed record AgentConfiguration
{
    /// <summary>The file it was read from.</summary>
    public required string File { get; init; }

    public required TenantId Tenant { get; init; }

    public required string Site { get; init; }

    public required DeviceId Device { get; init; }

    /// <summary>What kind of board this is, in the operator's words.</summary>
    public string Board { get; init; } = "generic";

    public required IdentityFiles Identity { get; init; }

    /// <summary>Null for an agent that works by itself and keeps its backlog.</summary>
    public HubAddress? Hub { get; init; }

    /// <summary>Absolute; holds the outbox.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Absolute; holds the model bundles as <c>NAME/VERSION/</c>.</summary>
    public required string ModelsDirectory { get; init; }

    /// <summary>Where every append is noted down for a later comparison with the hub's store; null for a device at
    /// work.</summary>
    public string? LedgerFile { get; init; }

    public OutboxSettings Outbox { get; init; } = new();

    public LaneSettings Lane { get; init; } = new();

    public MeteringSettings Metering { get; init; } = new();

    /// <summary>Null: no other program asks this device for inferences.</summary>
    public ServingSettings? Serving { get; init; }

    /// <summary>How other devices of the site reach this one; null when they do not.</summary>
    public PeerSettings? Peers { get; init; }

    /// <summary>Null: no page of metrics.</summary>
    public MetricsSettings? Metrics { get; init; }

    public LogSettings Logging { get; init; } = new();

    /// <summary>Null: no traces, and metrics are sent nowhere.</summary>
    public OtlpSettings? Otlp { get; init; }

    public required IReadOnlyList<SensorConfiguration> Sensors { get; init; }

    public required UploadPolicies Uploads { get; init; }

    public required IReadOnlyList<WorkloadConfiguration> Workloads { get; init; }
}

/// <summary>Files that say who this device is and whom it seals for; absolute paths.</summary>
/// <param name="Certificate">The device's certificate (PEM); null without a hub.</param>
/// <param name="Key">Its private key (PEM); null without a hub.</param>
/// <param name="Authority">The fleet's own certificate authority (PEM); null without a hub.</param>
/// <param name="HubKey">The hub's public sealing key (PEM).</param>
public sealed record IdentityFiles(string? Certificate, string? Key, string? Authority, string HubKey);

/// <summary>Where the hub is.</summary>
/// <param name="Grpc">Where inferences are asked for: the first that works is used, the others stand in for it; empty
/// when nothing may be offloaded.</param>
public sealed record HubAddress(string MqttHost, int MqttPort, IReadOnlyList<Uri> Grpc);

/// <summary>Limits of the outbox and of the batches that go into it.</summary>
public sealed record OutboxSettings
{
    public long BytesMax { get; init; } = 256L * 1024 * 1024;

    /// <summary>What each priority class keeps of a full outbox.</summary>
    public OutboxReserves Reserves { get; init; } = new();

    public int BatchRecords { get; init; } = 2_048;

    public TimeSpan BatchAge { get; init; } = TimeSpan.FromMilliseconds(500);
}

/// <summary>Where other programs of this device ask for inferences; loopback addresses, or null.</summary>
public sealed record ServingSettings(IPEndPoint? Grpc, IPEndPoint? Http);

/// <summary>Where Prometheus reads the agent's metrics.</summary>
/// <param name="Listen">Whoever reaches it may read; loopback unless the file says otherwise.</param>
public sealed record MetricsSettings(IPEndPoint Listen);

/// <summary>Where other devices of the site ask for inferences.</summary>
/// <param name="Listen">Where this device listens, with TLS.</param>
/// <param name="Address">Under which address the others reach it.</param>
public sealed record PeerSettings(IPEndPoint Listen, Uri Address);

/// <summary>How the inference lane uses the processor.</summary>
public sealed record LaneSettings
{
    /// <summary>Threads of ONNX Runtime within one inference; more than 1 pays only for large models.</summary>
    public int IntraOpThreads { get; init; } = 1;

    /// <summary>Execution providers in order of wish, by ONNX Runtime's names, such as TensorRT or VitisAI; the CPU is
    /// last.</summary>
    public IReadOnlyList<string> ExecutionProviders { get; init; } = [];

    /// <summary>Pieces of work that may wait for the lane.</summary>
    public int QueueMax { get; init; } = 64;

    /// <summary>Nice value that the lane's thread asks for, -20 (most urgent) to 0; refused without the right to
    /// it.</summary>
    public int Nice { get; init; } = -10;
}

/// <summary>How the device meters what it does.</summary>
public sealed record MeteringSettings
{
    /// <summary>How often usage is recorded; what a kill costs of it. 1 s to 1 h.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>What the machine draws, for estimates; zeros estimate nothing.</summary>
    public PowerModel Power { get; init; }

    /// <summary>The machine's own measurement of its energy is used where there is one.</summary>
    public bool MeasuresEnergy { get; init; } = true;
}
