using LeptonEdge.Core.Identity;

namespace LeptonEdge.Agent.Sensing.Hosts;

/// <summary>One sysfs file with one number: a temperature in thousandths of a degree, or a fan's turns per
/// minute.</summary>
internal sealed class NumberFileSource : HostSource
{
    private readonly double _factor;

    private NumberFileSource(string path, ChannelName name, string unit, double factor)
        : base(path)
    {
        _factor = factor;
        Add(name, unit);
    }

    /// <summary><c>thermal.zoneN</c> of every <c>class/thermal/thermal_zoneN/temp</c>, °C.</summary>
    public static IEnumerable<HostSource> FindThermalZones(string sysRoot)
    {
        var zones = System.IO.Path.Combine(sysRoot, "class", "thermal");
        foreach (var (folder, number) in Numbered(zones, "thermal_zone", ""))
        {
            var file = System.IO.Path.Combine(folder, "temp");
            if (File.Exists(file))
                yield return new NumberFileSource(file, new ChannelName($"thermal.zone{number}"), "°C", 0.001);
        }
    }

    /// <summary><c>temp.hwmonN.M</c>, °C, and <c>fan.hwmonN.M</c>, 1/min, of every monitoring chip.</summary>
    public static IEnumerable<HostSource> FindMonitorChips(string sysRoot)
    {
        foreach (var (folder, chip) in Numbered(System.IO.Path.Combine(sysRoot, "class", "hwmon"), "hwmon", ""))
        {
            foreach (var (file, number) in Numbered(folder, "temp", "_input"))
                yield return new NumberFileSource(file, new ChannelName($"temp.hwmon{chip}.{number}"), "°C", 0.001);
            foreach (var (file, number) in Numbered(folder, "fan", "_input"))
                yield return new NumberFileSource(file, new ChannelName($"fan.hwmon{chip}.{number}"), "1/min", 1);
        }
    }

    public override void Read(FileText files, double nowSeconds, Span<double> values) =>
        values[0] = files.ReadNumber(Path) * _factor;

    private static IEnumerable<(string Path, int Number)> Numbered(string folder, string prefix, string suffix)
    {
        if (!Directory.Exists(folder))
            return [];
        return Directory.EnumerateFileSystemEntries(folder)
            .Select(path => (Path: path, Name: System.IO.Path.GetFileName(path)))
            .Where(entry => entry.Name.StartsWith(prefix, StringComparison.Ordinal)
                && entry.Name.EndsWith(suffix, StringComparison.Ordinal)
                && entry.Name.Length > prefix.Length + suffix.Length
                && int.TryParse(entry.Name.AsSpan()[prefix.Length..^suffix.Length], out _))
            .Select(entry => (entry.Path, int.Parse(entry.Name.AsSpan()[prefix.Length..^suffix.Length])))
            .OrderBy(entry => entry.Item2);
    }
}
