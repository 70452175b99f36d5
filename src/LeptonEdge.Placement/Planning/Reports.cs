using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Placement.Planning;

/// <summary>Names that planner and driver agree on.</summary>
public static class PlanNames
{
    /// <summary>Name of the recipe that runs a model in one piece.</summary>
    public const string Whole = "whole";

    /// <summary>The device's model, and the hub's for windows that it is unsure of.</summary>
    public const string Cascade = "cascade";

    /// <summary>First layers on the device, the rest on the hub.</summary>
    public const string Split = "split";
}

/// <summary>What a device says of itself, each second.</summary>
/// <param name="Site">Devices of one site reach each other without the hub.</param>
/// <param name="Board">Kind of hardware, the key into the models' profiles.</param>
public sealed record DeviceReport(string Device, string Site, string Board)
{
    /// <summary>The device's own clock, microseconds since 1970-01-01 UTC; it may be wrong, but it goes
    /// forward.</summary>
    public long TimeMicros { get; init; }

    /// <summary>Start of the agent by the same clock: counters begin anew with it.</summary>
    public long StartedMicros { get; init; }

    /// <summary>Windows that it can compute side by side.</summary>
    public double Cores { get; init; } = 1;

    /// <summary>Memory that workloads may use; infinite where it does not limit.</summary>
    public double MemoryBytes { get; init; } = double.PositiveInfinity;

    /// <summary>Memory that is left now, beside what runs there already; null where <see cref="MemoryBytes"/> is all that
    /// is known.</summary>
    public double? FreeMemoryBytes { get; init; }

    /// <summary>Accelerators that workloads may use; infinite where they do not limit.</summary>
    public double Accelerators { get; init; } = double.PositiveInfinity;

    /// <summary>What its accelerator draws while it computes, W; 0 while unknown.</summary>
    public double AcceleratorWatts { get; init; }

    /// <summary>Share of <see cref="Cores"/> that is busy with all that runs there now, 0 to 1.</summary>
    public double Utilisation { get; init; }

    /// <summary>Mean time of one piece of work; 0 while unknown.</summary>
    public double ServiceSeconds { get; init; }

    /// <summary>Share of its speed that heat leaves it, 0 to 1.</summary>
    public double SpeedShare { get; init; } = 1;

    /// <summary>What each core draws while it computes, W; 0 while unknown.</summary>
    public double WattsPerCore { get; init; }

    /// <summary>What its battery still holds; null on mains.</summary>
    public double? BatteryJoules { get; init; }

    /// <summary>Round trip to the hub's inference service; 0 while it cannot reach it.</summary>
    public double HubRttSeconds { get; init; }

    /// <summary>Bytes a second that its link carried when it was asked to carry more; 0 unknown.</summary>
    public double LinkBytesPerSecond { get; init; }

    /// <summary>It computes for other devices of its site.</summary>
    public bool ServesPeers { get; init; }

    public IReadOnlyList<WorkloadReport> Workloads { get; init; } = [];
}

/// <summary>One workload of a device.</summary>
/// <param name="Name">Unique on its device.</param>
/// <param name="Model">Name of a model's profile.</param>
/// <param name="DeadlineSeconds">An answer later than this is worth nothing.</param>
public sealed record WorkloadReport(string Name, string Model, double DeadlineSeconds)
{
    /// <summary>The node that computes it now, of one in two parts the second; null for its own device.</summary>
    public string? RunsOn { get; init; }

    /// <summary>Name of the recipe by which it runs now.</summary>
    public string Recipe { get; init; } = PlanNames.Whole;

    /// <summary>Ways of answering that its device does not offer.</summary>
    public OffloadChoices Excluded { get; init; } = OffloadChoices.Cascade | OffloadChoices.Split;

    /// <summary>Share of windows that its cascade is unsure of, 0 to 1; null while unknown.</summary>
    public double? UnsureShare { get; init; }

    /// <summary>Age of <see cref="UnsureShare"/>.</summary>
    public double UnsureAgeSeconds { get; init; }

    /// <summary>Mean time of the first layers of its split model on the device; 0 while unknown.</summary>
    public double SplitSeconds { get; init; }

    /// <summary>99th percentile of the same.</summary>
    public double SplitP99Seconds { get; init; }

    /// <summary>Windows that want an answer each second.</summary>
    public double WindowsPerSecond { get; init; }

    /// <summary>Bytes of one window on the wire.</summary>
    public double WindowBytes { get; init; }

    /// <summary>0 to 9; when capacity is short a lower one yields to a higher.</summary>
    public int Priority { get; init; } = 5;

    public Privacy Privacy { get; init; } = Privacy.Anywhere;

    /// <summary>False: its own configuration says where it runs, and no plan moves it.</summary>
    public bool FollowsPlan { get; init; } = true;

    /// <summary>Its windows reach the site even when its device is down.</summary>
    public bool OutlivesDevice { get; init; }

    /// <summary>Mean time of one answer on the device; 0 while unknown.</summary>
    public double ServiceSeconds { get; init; }

    /// <summary>99th percentile of an undisturbed answer on the device; 0 while unknown.</summary>
    public double ServiceP99Seconds { get; init; }

    /// <summary>An accelerator runs its model, and the core that asked waits for it.</summary>
    public bool OnAccelerator { get; init; }

    /// <summary>Memory that its model takes on the device; 0 while unknown.</summary>
    public double ModelBytes { get; init; }

    /// <summary>Windows answered since the agent's start.</summary>
    public long Answered { get; init; }

    /// <summary>Of these, windows whose answer came too late, or not from where it was asked for.</summary>
    public long Missed { get; init; }
}

/// <summary>A machine of the hub, or an upstream pool.</summary>
/// <param name="Board">Kind of hardware, the key into the models' profiles.</param>
/// <param name="Cores">Windows that it computes side by side; infinite for a pool, whose places are <see
/// cref="Accelerators"/>.</param>
public sealed record HubNode(string Name, string Board, double Cores)
{
    /// <summary>An upstream pool rather than a worker of the hub's own.</summary>
    public bool IsPool { get; init; }

    public double MemoryBytes { get; init; } = double.PositiveInfinity;

    /// <summary>Of a pool, calls that it answers side by side; each keeps one place busy from question to
    /// answer.</summary>
    public double Accelerators { get; init; } = double.PositiveInfinity;

    /// <summary>A pool's link to the hub.</summary>
    public LinkState Link { get; init; } = LinkState.Free;

    /// <summary>It does not answer.</summary>
    public bool Down { get; init; }
}
