using System.Globalization;

namespace LeptonEdge.Agent.Status;

/// <summary>How the machine and this process are doing, from <c>/proc</c>. Figures that a system does not offer are
/// 0.</summary>
public sealed class SystemFigures(string procRoot = "/proc")
{
    private long _busy;
    private long _total;

    /// <summary>Share of all cores that was busy since the call before, 0 to 1.</summary>
    public double ReadCpuLoad()
    {
        // user nice system idle iowait irq softirq steal …; the guest columns are within user already.
        var columns = FirstLine("stat").Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Skip(1).Take(8).Select(ToLong).ToArray();
        if (columns.Length < 5)
            return 0;
        var total = columns.Sum();
        var busy = total - columns[3] - columns[4];
        var (busySince, totalSince) = (busy - _busy, total - _total);
        (_busy, _total) = (busy, total);
        return totalSince <= 0 ? 0 : Math.Clamp((double)busySince / totalSince, 0, 1);
    }

    /// <summary>Memory of the machine and how much of it is not available any more, bytes.</summary>
    public (long Total, long Used) ReadMemory()
    {
        long total = 0;
        long available = 0;
        foreach (var line in Lines("meminfo"))
        {
            if (line.StartsWith("MemTotal:", StringComparison.Ordinal))
                total = KibibytesIn(line);
            else if (line.StartsWith("MemAvailable:", StringComparison.Ordinal))
                available = KibibytesIn(line);
        }

        return (total * 1024, (total - available) * 1024);
    }

    /// <summary>Memory of this process that is resident, bytes.</summary>
    public long ReadResidentBytes()
    {
        var columns = FirstLine("self/statm").Split(' ');
        return columns.Length < 2 ? 0 : ToLong(columns[1]) * Environment.SystemPageSize;
    }

    private string FirstLine(string file) => Lines(file).FirstOrDefault() ?? "";

    private IEnumerable<string> Lines(string file)
    {
        var path = Path.Combine(procRoot, file);
        return File.Exists(path) ? File.ReadLines(path) : [];
    }

    private static long KibibytesIn(string line) =>
        ToLong(line.Split(' ', StringSplitOptions.RemoveEmptyEntries).ElementAtOrDefault(1) ?? "");

    private static long ToLong(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0;
}
