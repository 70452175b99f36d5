using System.Globalization;

namespace LeptonEdge.Agent.Status;

/// <summary>How hot the board is, from <c>/sys</c>: the hottest of its thermal zones and hardware monitors.</summary>
public sealed class Thermometer(string sysRoot = "/sys")
{
    // Beyond these a sensor is broken, or not wired: -273 and 255 are what such ones say.
    private const double Coldest = -60;
    private const double Hottest = 200;

    /// <summary>In °C; null where no sensor says anything that can be.</summary>
    public double? ReadCelsius()
    {
        double? hottest = null;
        foreach (var file in Sensors())
        {
            if (Read(file) is { } celsius && !(celsius <= hottest))
                hottest = celsius;
        }

        return hottest;
    }

    private IEnumerable<string> Sensors() =>
        Files("class/thermal", "thermal_zone*", "temp").Concat(Files("class/hwmon", "hwmon*", "temp*_input"));

    private IEnumerable<string> Files(string folder, string devices, string pattern)
    {
        try
        {
            var path = Path.Combine(sysRoot, folder);
            return !Directory.Exists(path) ? []
                : [.. Directory.EnumerateDirectories(path, devices)
                    .SelectMany(device => Directory.EnumerateFiles(device, pattern))];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // A sensor that is unplugged while it is looked for.
            return [];
        }
    }

    // Millidegrees, as the kernel writes them.
    private static double? Read(string file)
    {
        try
        {
            var text = File.ReadAllText(file).Trim();
            return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milli)
                && milli / 1000.0 is > Coldest and < Hottest and var celsius
                ? celsius
                : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // A driver refuses while its sensor sleeps.
            return null;
        }
    }
}
