using System.Globalization;

namespace LeptonEdge.Benchmarks.Fleet;

/// <summary>Where windows were late: what a plan or its judge has to be asked about.</summary>
internal sealed class LateBook(int workloads)
{
    private const int Lines = 25;
    private readonly double[] _late = new double[workloads];
    private readonly Dictionary<string, double> _windows = [];

    /// <summary>Windows a second of a workload that are late from now on.</summary>
    public void Note(int workload, double late) => _late[workload] = late;

    public void Count(World world, int site, Execution execution, int seconds)
    {
        foreach (var workload in world.Sites[site].Workloads)
        {
            if (_late[workload] <= 1e-6)
                continue;
            var key = Key(world, execution, workload);
            _windows[key] = _windows.GetValueOrDefault(key) + (_late[workload] * seconds);
        }
    }

    public void Write(TextWriter writer)
    {
        var all = _windows.Values.Sum();
        foreach (var (key, windows) in _windows.OrderByDescending(pair => pair.Value).Take(Lines))
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    {100 * windows / all,6:0.00} %  {key}"));
    }

    private static string Key(World world, Execution execution, int workload)
    {
        var spec = world.Workloads[workload];
        var place = execution.Place[workload];
        var kind = place == spec.Device ? "own device" : place < world.Devices ? "peer" : "hub";
        var node = world.Nodes[execution.Asks(workload) ? place : spec.Device];
        var work = execution.Work[execution.Asks(workload) ? place : spec.Device];
        var asked = kind == "own device" || execution.Asks(workload) ? "" : " not asked";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{kind}{asked}, {node.Board.Name}: cores {Tenths(work.Cores.Busy / node.Servers)}, "
            + $"accelerator {Tenths(work.Accelerators.Busy / Math.Max(1, node.Accelerators))}, {spec.Spec.Name}");
    }

    private static string Tenths(double share) =>
        Math.Min(2, Math.Floor(share * 10) / 10).ToString("0.0", CultureInfo.InvariantCulture);
}
