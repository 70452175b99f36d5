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

    /// <summary>Put before the agent's command line, such as faketime.</summary>
    public IReadOnlyList<string> AgentPrefix { get; init; } = [];

    public IReadOnlyDictionary<string, string> AgentEnvironment { get; init; } = new Dictionary<string, string>();
}
