using LeptonEdge.Core.Plans;
using System.Globalization;
using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Benchmarks.Placement;

/// <summary>A published generalised assignment instance as a fleet: agents are devices of one site, jobs are workloads
/// that may run on any of them, needs are cores, and costs are what the hours of an unlimited accelerator
/// cost.</summary>
internal sealed record GapInstance(string Name, double Optimum, FleetState Fleet)
{
    private static readonly Dictionary<string, double> Optima = new()
    {
        ["c10200"] = 2806,
        ["c20400"] = 4782,
        ["d05100"] = 6353,
        ["d10200"] = 12430,
        ["d10400"] = 24961,
        ["d20100"] = 6185,
        ["e10200"] = 23307,
        ["e10400"] = 45746,
    };

    /// <summary>Those with a proven optimum; none when the folder is not there.</summary>
    public static IReadOnlyList<GapInstance> Load(string folder) => !Directory.Exists(folder)
        ? []
        : [.. Directory.EnumerateFiles(folder, "*.txt").Order()
            .Select(file => (File: file, Name: Path.GetFileNameWithoutExtension(file)))
            .Where(entry => Optima.ContainsKey(entry.Name))
            .Select(entry => new GapInstance(entry.Name, Optima[entry.Name], Read(entry.File)))];

    private static FleetState Read(string file)
    {
        var numbers = File.ReadAllText(file).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        var (agents, jobs) = ((int)numbers[0], (int)numbers[1]);
        var costs = numbers.AsSpan(2, agents * jobs).ToArray();
        var needs = numbers.AsSpan(2 + (agents * jobs), agents * jobs).ToArray();
        var capacities = numbers.AsSpan(2 + (2 * agents * jobs), agents).ToArray();
        var models = Enumerable.Range(0, jobs).Select(job => new ModelProfile($"job-{job}",
            [new Recipe("whole", [.. Enumerable.Range(0, agents).Select(agent => new StageProfile($"agent-{agent}",
                needs[(agent * jobs) + job], costs[(agent * jobs) + job] / 3600, 0, 0, 0))])]));
        var workloads = Enumerable.Range(0, jobs).Select(job =>
            new WorkloadState($"job-{job}", "agent-0", $"job-{job}", 1, 0, 1, 0, Privacy.Site));
        var devices = capacities.Select((capacity, agent) => new NodeState($"agent-{agent}", $"agent-{agent}",
            new NodeCapacity(capacity, double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity),
            LinkState.Free) { PricePerAcceleratorSecond = 1 });
        return new FleetState([new SiteState("site", LinkState.Free, [.. devices], [.. workloads])], [], [],
            [.. models], new Prices { PerUnplacedHour = 1e4 });
    }
}
