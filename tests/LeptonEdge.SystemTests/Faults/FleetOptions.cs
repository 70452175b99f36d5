using LeptonEdge.SystemTests.Support;

namespace LeptonEdge.SystemTests.Faults;

/// <summary>What differs from one fault test to the next.</summary>
internal sealed record FleetOptions
{
    /// <summary>Holds the agent's outbox; null is a folder of the test's own.</summary>
    public SmallDisk? AgentDisk { get; init; }

    /// <summary>Holds the hub's store; null is a folder of the test's own.</summary>
    public SmallDisk? HubDisk { get; init; }

    /// <summary>Port at which the agent looks for the broker, such as a proxy's; 0 is the broker's own.</summary>
    public int AgentBrokerPort { get; init; }

    /// <summary>Port at which the hub looks for the broker; 0 is the broker's own.</summary>
    public int HubBrokerPort { get; init; }

    /// <summary>Port of the broker itself; 0 takes a free one.</summary>
    public int BrokerPort { get; init; }

    public string OutboxBytesMax { get; init; } = "256MiB";

    /// <summary>Rows per second of the table that the agent plays; each has eight readings.</summary>
    public int RowsPerSecond { get; init; } = 100;

    /// <summary>Adds a bearing with its model: verdicts, alarms and raw windows beside the readings.</summary>
    public bool Bearing { get; init; }

    /// <summary>Port at which the hub serves inference; 0 takes any.</summary>
    public int HubServicePort { get; init; }

    /// <summary>Port at which the agent looks for the hub's inference; 0 keeps every window on the device.</summary>
    public int AgentServicePort { get; init; }

    /// <summary>Where the bearing's windows go when the agent may ask the hub; as <c>offload</c> in its
    /// configuration.</summary>
    public string Offload { get; init; } = "plan";

    /// <summary>Put before the agent's command line, such as faketime.</summary>
    public IReadOnlyList<string> AgentPrefix { get; init; } = [];

    public IReadOnlyDictionary<string, string> AgentEnvironment { get; init; } = new Dictionary<string, string>();
}
