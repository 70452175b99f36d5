using System.Globalization;

namespace LeptonEdge.Agent.Status;

/// <summary>What holds the board back, from <c>/sys</c>: heat, and what its battery still has. What a system does not
/// offer is unknown.</summary>
public sealed class BoardFigures(string sysRoot = "/sys")
{
    private const double JoulesPerMicrowattHour = 3.6e-3;

    /// <summary>Share of its speed that heat (or whoever else caps the clock) leaves the processor, 0 to 1; 0 while
    /// unknown.</summary>
    public double ReadSpeedShare()
    {
        var (allowed, possible) = (0L, 0L);
        foreach (var policy in Folders("devices/system/cpu/cpufreq", "policy*"))
        {
            var most = Number(policy, "cpuinfo_max_freq");
            var cap = Number(policy, "scaling_max_freq");
            if (most is > 0 && cap is > 0)
                (allowed, possible) = (allowed + Math.Min(cap.Value, most.Value), possible + most.Value);
        }

        return possible == 0 ? 0 : (double)allowed / possible;
    }

    /// <summary>What the batteries still hold, joules; null on mains.</summary>
    public double? ReadBatteryJoules()
    {
        var (held, found) = (0.0, false);
        foreach (var supply in Folders("class/power_supply", "*"))
        {
            var kind = Text(supply, "type");
            if (kind is "Mains" or "USB" && Number(supply, "online") == 1)
                return null;
            if (kind != "Battery" || Text(supply, "scope") == "Device" || Text(supply, "status") is not { } status)
                continue;
            if (status is "Charging" or "Full" or "Not charging")
                return null;
            if (Joules(supply) is not { } joules)
                continue;
            (held, found) = (held + joules, true);
        }

        return found ? held : null;
    }

    private static double? Joules(string battery)
    {
        if (Number(battery, "energy_now") is { } microwattHours)
            return microwattHours * JoulesPerMicrowattHour;
        // Microampere-hours times microvolts.
        return Number(battery, "charge_now") is { } charge && Number(battery, "voltage_now") is { } voltage
            ? charge * 1e-6 * 3600 * voltage * 1e-6
            : null;
    }

    private IEnumerable<string> Folders(string folder, string pattern)
    {
        var path = Path.Combine(sysRoot, folder);
        return Directory.Exists(path) ? Directory.EnumerateDirectories(path, pattern) : [];
    }

    private static long? Number(string folder, string file) =>
        long.TryParse(Text(folder, file), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;

    private static string? Text(string folder, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, file)).Trim();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // A driver may have no such figure, or refuse it for the moment.
            return null;
        }
    }
}
