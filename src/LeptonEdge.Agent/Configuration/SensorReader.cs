using LeptonEdge.Agent.Sensing;
using LeptonEdge.Agent.Sensing.Bearings;
using LeptonEdge.Core.Identity;

namespace LeptonEdge.Agent.Configuration;

/// <summary>One sensor driver with its options.</summary>
/// <param name="Key">Where it stands in the configuration, such as <c>sensors[0]</c>.</param>
public sealed record SensorConfiguration(string Key, DriverOptions Options);

/// <summary>Reads the <c>sensors</c> list.</summary>
internal static class SensorReader
{
    private const int SensorsMax = 64;

    private static readonly Dictionary<string, Func<YamlSection, DriverOptions>> Drivers = new()
    {
        ["host"] = ReadHost,
        ["replay"] = ReadReplay,
        ["csv"] = ReadCsv,
        ["simulated-bearing"] = ReadSimulatedBearing,
        ["gpio-in"] = ReadGpioInput,
    };

    private static readonly Dictionary<string, GpioPull> Pulls = new()
    {
        ["none"] = GpioPull.None,
        ["up"] = GpioPull.Up,
        ["down"] = GpioPull.Down,
    };

    private static readonly Dictionary<string, BearingFault> Faults = new()
    {
        ["inner-race"] = BearingFault.InnerRace,
        ["outer-race"] = BearingFault.OuterRace,
        ["ball"] = BearingFault.Ball,
    };

    public static List<SensorConfiguration> Read(YamlSection root)
    {
        var sections = root.Sections("sensors");
        if (sections.Count is 0 or > SensorsMax)
            root.Fault("sensors", $"lists {sections.Count} sensors: give 1 to {SensorsMax}, each with its driver");
        var sensors = new List<SensorConfiguration>();
        foreach (var section in sections.Take(SensorsMax))
        {
            var driver = section.Required("driver", $"name one of {string.Join(", ", Drivers.Keys)}");
            if (driver is null)
                continue;
            if (!Drivers.TryGetValue(driver, out var read))
            {
                section.Fault("driver", YamlSectionValues.NotOneOf(driver, Drivers.Keys));
                continue;
            }

            var options = read(section);
            foreach (var fault in options.Validate())
                section.Fault(fault.Key, fault.Message);
            section.Complete();
            sensors.Add(new SensorConfiguration(section.Path, options));
        }

        return sensors;
    }

    private static HostDriverOptions ReadHost(YamlSection section)
    {
        var defaults = new HostDriverOptions();
        return defaults with
        {
            Interval = Time(section, "interval", defaults.Interval),
            ProcRoot = section.Text("proc_root") ?? defaults.ProcRoot,
            SysRoot = section.Text("sys_root") ?? defaults.SysRoot,
        };
    }

    private static ReplayDriverOptions ReadReplay(YamlSection section)
    {
        var options = new ReplayDriverOptions
        {
            Channel = Channel(section),
            Files = [.. section.Texts("files").Select(file => Path.GetFullPath(file, section.Folder))],
        };
        return options with
        {
            Unit = section.Text("unit") ?? options.Unit,
            RateHz = Real(section, "rate_hz", options.RateHz),
            BlockSamples = Whole(section, "block_samples", options.BlockSamples),
        };
    }

    private static CsvDriverOptions ReadCsv(YamlSection section)
    {
        var options = new CsvDriverOptions { File = section.FilePath("file", section.Text("file")) ?? "" };
        return options with
        {
            RateHz = Real(section, "rate_hz", options.RateHz),
            Separator = section.Text("separator") switch { null => null, "tab" => '\t', [var one] => one, _ => '?' },
            Columns = section.Texts("columns"),
            Prefix = section.Text("prefix") ?? options.Prefix,
            Unit = section.Text("unit") ?? options.Unit,
        };
    }

    private static SimulatedBearingDriverOptions ReadSimulatedBearing(YamlSection section)
    {
        var defaults = new SimulatedBearingDriverOptions();
        return defaults with
        {
            Channel = section.Has("channel") ? Channel(section) : defaults.Channel,
            RateHz = Real(section, "rate_hz", defaults.RateHz),
            ShaftHz = Real(section, "shaft_hz", defaults.ShaftHz),
            Fault = section.Choice("fault", defaults.Fault, Faults),
            Seed = Whole(section, "seed", defaults.Seed),
            HealthyFor = Time(section, "healthy_for", defaults.HealthyFor),
            GrowingFor = Time(section, "growing_for", defaults.GrowingFor),
            SevereFor = Time(section, "severe_for", defaults.SevereFor),
            BlockSamples = Whole(section, "block_samples", defaults.BlockSamples),
        };
    }

    private static GpioInputDriverOptions ReadGpioInput(YamlSection section)
    {
        var options = new GpioInputDriverOptions { Channel = Channel(section), Line = Whole(section, "line", -1) };
        return options with
        {
            Chip = section.Has("chip") ? Whole(section, "chip", 0) : null,
            Pull = section.Choice("pull", options.Pull, Pulls),
            ActiveLow = section.Flag("active_low", options.ActiveLow),
            Interval = Time(section, "interval", options.Interval),
        };
    }

    private static ChannelName Channel(YamlSection section) =>
        section.Made("channel", section.Text("channel"), text => new ChannelName(text)) ?? default;

    // The options know their own limits; here only the form is checked.
    private static double Real(YamlSection section, string key, double fallback) =>
        section.Number(key, fallback, double.MinValue, double.MaxValue);

    private static int Whole(YamlSection section, string key, int fallback) =>
        section.Integer(key, fallback, int.MinValue, int.MaxValue);

    private static TimeSpan Time(YamlSection section, string key, TimeSpan fallback) =>
        section.Duration(key, fallback, TimeSpan.Zero, TimeSpan.FromDays(3650));
}
