using System.Globalization;

namespace LeptonEdge.Agent.Metering;

/// <summary>Measures what the machine draws, where its kernel says so: the processor's own energy counters (RAPL), or a
/// power monitor on the board (INA2xx and its kin).</summary>
/// <remarks>linux/Documentation/power/powercap/powercap.rst; linux/Documentation/hwmon/sysfs-interface.rst. RAPL counts
/// packages alone; a monitor of the board's supply counts all that the board draws.</remarks>
public sealed class MachineEnergy
{
    private readonly List<Counter> _counters = [];
    private readonly List<string> _monitors = [];
    private readonly TimeProvider _clock;
    private long _lastAt;
    private double _lastWatts;

    private MachineEnergy(TimeProvider clock) => (_clock, _lastAt) = (clock, clock.GetTimestamp());

    /// <summary>What is measured with, in words.</summary>
    public string Source { get; private init; } = "";

    /// <summary>Finds what can be read; null when there is nothing, or nothing that this user may read.</summary>
    /// <param name="root">Where sysfs is.</param>
    /// <param name="obstacle">Why there is nothing, where something is there that cannot be read.</param>
    public static MachineEnergy? Find(TimeProvider clock, out string? obstacle, string root = "/sys")
    {
        obstacle = null;
        var monitors = Folders(root, "class/hwmon", "hwmon*")
            .Where(folder => Text(Path.Combine(folder, "name")).StartsWith("ina", StringComparison.Ordinal))
            .SelectMany(folder => Directory.EnumerateFiles(folder, "power*_input").Order(StringComparer.Ordinal).Take(1))
            .Where(file => Number(file) is not null).ToList();
        if (monitors.Count > 0)
        {
            var board = new MachineEnergy(clock) { Source = $"power monitor {string.Join(", ", monitors)}" };
            board._monitors.AddRange(monitors);
            board._lastWatts = board.ReadWatts();
            return board;
        }

        // intel-rapl:0 is a package; intel-rapl:0:1 is a part of it, which it includes.
        var packages = Folders(root, "class/powercap", "intel-rapl:*")
            .Where(folder => Path.GetFileName(folder).Count(c => c == ':') == 1).ToList();
        var counters = packages.Select(Counter.Open).OfType<Counter>().ToList();
        if (packages.Count > 0 && counters.Count < packages.Count)
        {
            obstacle = $"{packages[0]}/energy_uj cannot be read by this user";
            return null;
        }

        if (counters.Count == 0)
            return null;
        var found = new MachineEnergy(clock) { Source = $"RAPL, {counters.Count} package(s)" };
        found._counters.AddRange(counters);
        return found;
    }

    /// <summary>Energy since the call before, joules. To be called every second or so: a monitor tells the power of the
    /// moment, and a counter wraps.</summary>
    public double Take()
    {
        if (_counters.Count > 0)
            return _counters.Sum(counter => counter.Take());
        var (now, watts) = (_clock.GetTimestamp(), ReadWatts());
        var joules = (watts + _lastWatts) / 2 * _clock.GetElapsedTime(_lastAt, now).TotalSeconds;
        (_lastAt, _lastWatts) = (now, watts);
        return joules;
    }

    // A monitor that fails to answer once draws what it drew before.
    private double ReadWatts()
    {
        var watts = 0.0;
        foreach (var file in _monitors)
        {
            if (Number(file) is not { } microwatts)
                return _lastWatts;
            watts += microwatts / 1e6;
        }

        return watts;
    }

    private static IEnumerable<string> Folders(string root, string path, string pattern)
    {
        var folder = Path.Combine(root, path);
        return Directory.Exists(folder)
            ? Directory.EnumerateDirectories(folder, pattern).Order(StringComparer.Ordinal)
            : [];
    }

    private static string Text(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static long? Number(string file) =>
        long.TryParse(Text(file), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    private sealed class Counter(string file, long wrapsAt, long last)
    {
        private long _last = last;

        public static Counter? Open(string folder)
        {
            var file = Path.Combine(folder, "energy_uj");
            return Number(file) is { } now
                ? new Counter(file, Number(Path.Combine(folder, "max_energy_range_uj")) ?? 0, now)
                : null;
        }

        public double Take()
        {
            if (Number(file) is not { } now)
                return 0;
            var used = now >= _last ? now - _last : now - _last + wrapsAt;
            _last = now;
            // A counter that began anew, and does not say where it wraps, tells nothing of what was before.
            return Math.Max(0, used) / 1e6;
        }
    }
}
