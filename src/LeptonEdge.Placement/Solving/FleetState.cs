using System.Text.Json.Serialization;

namespace LeptonEdge.Placement.Solving;

/// <summary>What the solver knows of a fleet at one moment. Everything is a value and nothing is read from a clock: the
/// same state gives the same plan.</summary>
/// <param name="Sites">Devices and workloads, site by site. A site that did not change keeps its object: a new solve
/// recognises it by that and takes over what it knew of it.</param>
/// <param name="HubWorkers">Machines of the hub; every workload that may leave its site can run there.</param>
/// <param name="Pools">Upstream accelerator pools, reached through the hub and each node's own link.</param>
/// <param name="Models">What each model costs on each kind of board, and how it can be cut.</param>
public sealed record FleetState(
    IReadOnlyList<SiteState> Sites, IReadOnlyList<NodeState> HubWorkers, IReadOnlyList<NodeState> Pools,
    IReadOnlyList<ModelProfile> Models, Prices Prices);

/// <summary>Devices that reach each other without the hub, and the workloads that start on them.</summary>
/// <param name="Name">Unique in the fleet.</param>
/// <param name="Uplink">To the hub; everything that leaves the site crosses it.</param>
public sealed record SiteState(
    string Name, LinkState Uplink, IReadOnlyList<NodeState> Devices, IReadOnlyList<WorkloadState> Workloads);

/// <summary>A link, with the traffic of both directions taken together.</summary>
/// <param name="BytesPerSecond">What it carries; infinite when nothing limits it.</param>
/// <param name="RttSeconds">Round trip of an empty message.</param>
/// <param name="PricePerGigabyte">Money for each 10^9 bytes.</param>
public sealed record LinkState(double BytesPerSecond, double RttSeconds, double PricePerGigabyte = 0)
{
    /// <summary>A link that limits nothing, costs nothing and takes no time.</summary>
    public static LinkState Free { get; } = new(double.PositiveInfinity, 0);
}

/// <summary>A place that computes: a device, a worker of the hub or a pool.</summary>
/// <param name="Name">Unique in the fleet.</param>
/// <param name="Board">Kind of hardware, the key into <see cref="StageProfile.Board"/>.</param>
/// <param name="Capacity">What workloads may use of it.</param>
/// <param name="Link">A device's link to its site, a pool's link to the hub; free for a worker of the hub.</param>
public sealed record NodeState(string Name, string Board, NodeCapacity Capacity, LinkState Link)
{
    /// <summary>99th percentile of waiting for its turn there at the present load, seconds.</summary>
    public double QueueSeconds { get; init; }

    /// <summary>Money for each second of one core.</summary>
    public double PricePerCoreSecond { get; init; }

    /// <summary>Money for each second of one accelerator.</summary>
    public double PricePerAcceleratorSecond { get; init; }

    /// <summary>Money for each kWh.</summary>
    public double PricePerKwh { get; init; }

    /// <summary>It does not answer: nothing runs there, and only workloads that outlive their device go
    /// elsewhere.</summary>
    public bool Down { get; init; }

    /// <summary>It is to be emptied: nothing is placed there, while its workloads still start there.</summary>
    public bool Drained { get; init; }
}

/// <summary>How much of a node workloads may use. Each may be infinite where it does not limit.</summary>
/// <param name="Cores">Core-seconds each second.</param>
/// <param name="MemoryBytes">Memory.</param>
/// <param name="Accelerators">Accelerator-seconds each second.</param>
/// <param name="Watts">Mean power that the energy budget leaves, joules each second.</param>
public readonly record struct NodeCapacity(double Cores, double MemoryBytes, double Accelerators, double Watts);

/// <summary>One workload.</summary>
/// <param name="Name">Unique among those of its device.</param>
/// <param name="Device">The device of the same site where its windows arise.</param>
/// <param name="Model">Name of a <see cref="ModelProfile"/>.</param>
/// <param name="WindowsPerSecond">Windows that want an answer each second.</param>
/// <param name="WindowBytes">Bytes of one window on the wire.</param>
/// <param name="DeadlineSeconds">An answer later than this is worth nothing.</param>
/// <param name="Priority">0 to 9; when capacity is short a lower one yields to a higher.</param>
public sealed record WorkloadState(
    string Name, string Device, string Model, double WindowsPerSecond, double WindowBytes, double DeadlineSeconds,
    int Priority, Privacy Privacy)
{
    /// <summary>Where it runs by the plan in force; null for a workload that runs nowhere yet.</summary>
    public RunsAt? Running { get; init; }

    /// <summary>The only node where it (or, when it is split, its far part) may run; null when it is free.</summary>
    public string? PinnedTo { get; init; }

    /// <summary>The only recipe by which it may run; null when any that is not excluded will do.</summary>
    public string? PinnedRecipe { get; init; }

    /// <summary>Ways of answering that its owner does not accept, or of which nobody knows yet what they
    /// cost.</summary>
    public OffloadChoices Excluded { get; init; }

    /// <summary>Its own share of windows that reach the far part of a cascade; null where the recipe's holds.</summary>
    public double? FarShare { get; init; }

    /// <summary>Its windows reach the site even when its device is down.</summary>
    public bool OutlivesDevice { get; init; }

    /// <summary>It has moved just now: to move again is dear.</summary>
    public bool Settles { get; init; }

    /// <summary>Places that missed its deadline a while ago: it does not run there.</summary>
    public IReadOnlyList<RunsAt> Avoids { get; init; } = [];

    internal bool AvoidsThat(string recipe, string node)
    {
        foreach (var place in Avoids)
        {
            if (place.Recipe == recipe && place.Node == node)
                return true;
        }

        return false;
    }

    internal double FarShareOf(Recipe recipe) =>
        recipe.Choice == OffloadChoices.Cascade && FarShare is { } own ? own : recipe.FarShare;

    /// <param name="inTwo">It runs in two parts.</param>
    /// <param name="inHub">Its last part runs on the hub or a pool.</param>
    internal bool Excludes(Recipe recipe, bool inTwo, bool inHub) =>
        (Excluded & (inTwo ? recipe.Choice : inHub ? OffloadChoices.Hub : OffloadChoices.Local)) != 0;
}

/// <summary>Where the parts of a workload run.</summary>
/// <param name="Recipe">Name of the <see cref="Recipe"/>.</param>
/// <param name="Near">Node of the whole model, or of the first part.</param>
/// <param name="Far">Node of the second part of a split or a cascade; null when the model runs whole.</param>
public sealed record RunsAt(string Recipe, string Near, string? Far = null)
{
    /// <summary>The node that answers: of two parts that of the second.</summary>
    [JsonIgnore]
    public string Node => Far ?? Near;

    /// <summary>In words, such as <c>press-7</c> or <c>press-7 + hub (split)</c>.</summary>
    public string Say() => Far is null ? Near : $"{Near} + {Far} ({Recipe})";
}
