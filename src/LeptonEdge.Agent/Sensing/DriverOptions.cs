using LeptonEdge.Agent.Sensing.Bearings;
using LeptonEdge.Core.Identity;

namespace LeptonEdge.Agent.Sensing;

/// <summary>One field of a driver's options that is missing or out of its limits.</summary>
/// <param name="Key">The field as configuration files write it, such as <c>rate_hz</c>.</param>
/// <param name="Message">What is wrong, and what to write instead.</param>
public readonly record struct OptionFault(string Key, string Message)
{
    public override string ToString() => $"{Key}: {Message}";
}

/// <summary>What a driver needs to know; one type per kind of driver.</summary>
public abstract record DriverOptions
{
    /// <summary>Every fault at once; empty when a driver can be made.</summary>
    public IReadOnlyList<OptionFault> Validate()
    {
        var faults = new List<OptionFault>();
        Check(faults);
        return faults;
    }

    protected abstract void Check(List<OptionFault> faults);

    protected static void Within(List<OptionFault> faults, string key, double value, double min, double max)
    {
        if (!(value >= min && value <= max))
            faults.Add(new OptionFault(key, $"is {value}; use {min} to {max}"));
    }

    protected static void Within(List<OptionFault> faults, string key, TimeSpan value, TimeSpan min, TimeSpan max)
    {
        if (value < min || value > max)
            faults.Add(new OptionFault(key, $"is {value}; use {min} to {max}"));
    }

    protected static void Named(List<OptionFault> faults, string key, ChannelName channel)
    {
        if (channel.Value is null)
            faults.Add(new OptionFault(key, "is missing; name the channel, such as drive-end"));
    }

    protected static void Exists(List<OptionFault> faults, string key, string file)
    {
        if (!File.Exists(file))
            faults.Add(new OptionFault(key, $"'{file}' does not exist"));
    }
}

/// <summary>driver: host. This machine's own sensors, as its kernel shows them.</summary>
public sealed record HostDriverOptions : DriverOptions
{
    /// <summary>Time from one reading to the next; 0.1 s to 1 h.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Where the kernel's process file system is mounted.</summary>
    public string ProcRoot { get; init; } = "/proc";

    /// <summary>Where the kernel's device file system is mounted.</summary>
    public string SysRoot { get; init; } = "/sys";

    protected override void Check(List<OptionFault> faults)
    {
        Within(faults, "interval", Interval, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1));
        if (!Directory.Exists(ProcRoot))
            faults.Add(new OptionFault("proc_root", $"'{ProcRoot}' is not a folder; on Linux it is /proc"));
    }
}

/// <summary>driver: replay. Recordings in .npy files (float32 or float64, one dimension), played at their true rate,
/// one after another and over again.</summary>
public sealed record ReplayDriverOptions : DriverOptions
{
    public required ChannelName Channel { get; init; }

    public string Unit { get; init; } = "g";

    /// <summary>Samples per second of the recordings; 1 to 1,000,000.</summary>
    public double RateHz { get; init; } = 12_000;

    /// <summary>In the order they are played; 1 to 1,024.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>Samples handed over at a time; 1 to 65,536.</summary>
    public int BlockSamples { get; init; } = 256;

    protected override void Check(List<OptionFault> faults)
    {
        Named(faults, "channel", Channel);
        Within(faults, "rate_hz", RateHz, 1, 1_000_000);
        Within(faults, "block_samples", BlockSamples, 1, 65_536);
        Within(faults, "files (how many)", Files.Count, 1, 1_024);
        for (var i = 0; i < Files.Count; i++)
            Exists(faults, $"files[{i}]", Files[i]);
    }
}

/// <summary>driver: csv. Rows of a table, played at a set rate and over again: a header line, the time in the first
/// column (not used: the rows get the time at which they are played), one channel per further column.</summary>
public sealed record CsvDriverOptions : DriverOptions
{
    public required string File { get; init; }

    /// <summary>Rows per second; 0.001 to 1,000.</summary>
    public double RateHz { get; init; } = 1;

    /// <summary>',' or ';' or a tab; null finds out from the header.</summary>
    public char? Separator { get; init; }

    /// <summary>Header names of the columns to play; empty plays all but the first.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>Put before each column's name to make the channel's, with a dot between; empty for none.</summary>
    public string Prefix { get; init; } = "";

    public string Unit { get; init; } = "";

    protected override void Check(List<OptionFault> faults)
    {
        Exists(faults, "file", File);
        Within(faults, "rate_hz", RateHz, 0.001, 1_000);
        if (Separator is not (null or ',' or ';' or '\t'))
            faults.Add(new OptionFault("separator", $"is '{Separator}'; use ',' or ';' or a tab"));
        Within(faults, "columns (how many)", Columns.Count, 0, 256);
    }
}

/// <summary>driver: simulated-bearing. A documented signal model of a rolling-element bearing, for trying the product
/// out without a sensor; every channel of it is marked as simulated.</summary>
public sealed record SimulatedBearingDriverOptions : DriverOptions
{
    public ChannelName Channel { get; init; } = new("drive-end");

    /// <summary>Samples per second; 12,000 unless the model is tried at another rate (8,000 to 100,000).</summary>
    public double RateHz { get; init; } = 12_000;

    /// <summary>Turns of the shaft per second; 1 to 100.</summary>
    public double ShaftHz { get; init; } = 1_797 / 60.0;

    /// <summary>Where the fault grows.</summary>
    public BearingFault Fault { get; init; } = BearingFault.InnerRace;

    /// <summary>Same seed, same signal.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The cycle: healthy, then growing, then severe, then repaired and healthy again.</summary>
    public TimeSpan HealthyFor { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the fault takes from nothing to severe.</summary>
    public TimeSpan GrowingFor { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long it stays severe until the repair; 0 for the three of them means never.</summary>
    public TimeSpan SevereFor { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Samples handed over at a time; 1 to 65,536.</summary>
    public int BlockSamples { get; init; } = 256;

    protected override void Check(List<OptionFault> faults)
    {
        Named(faults, "channel", Channel);
        Within(faults, "rate_hz", RateHz, 8_000, 100_000);
        Within(faults, "shaft_hz", ShaftHz, 1, 100);
        Within(faults, "block_samples", BlockSamples, 1, 65_536);
        Within(faults, "healthy_for", HealthyFor, TimeSpan.Zero, TimeSpan.FromDays(365));
        Within(faults, "growing_for", GrowingFor, TimeSpan.Zero, TimeSpan.FromDays(365));
        Within(faults, "severe_for", SevereFor, TimeSpan.Zero, TimeSpan.FromDays(365));
        if (HealthyFor + GrowingFor + SevereFor <= TimeSpan.Zero)
            faults.Add(new OptionFault("healthy_for",
                "the cycle has no length; give healthy_for, growing_for or severe_for"));
    }
}

/// <summary>The resistor that holds an input while nothing drives it.</summary>
public enum GpioPull
{
    None,
    Up,
    Down,
}

/// <summary>driver: gpio-in. A digital input of the board.</summary>
public sealed record GpioInputDriverOptions : DriverOptions
{
    public required ChannelName Channel { get; init; }

    /// <summary>Number of the line on its chip, as <c>gpioinfo</c> lists it.</summary>
    public required int Line { get; init; }

    /// <summary>N of /dev/gpiochipN; null takes the board's own header.</summary>
    public int? Chip { get; init; }

    public GpioPull Pull { get; init; }

    /// <summary>A low level reads 1.</summary>
    public bool ActiveLow { get; init; }

    /// <summary>Time from one reading to the next while nothing changes; 0.1 s to 1 h.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    protected override void Check(List<OptionFault> faults)
    {
        Named(faults, "channel", Channel);
        Within(faults, "line", Line, 0, 1_023);
        Within(faults, "chip", Chip ?? 0, 0, 255);
        Within(faults, "interval", Interval, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1));
    }
}
