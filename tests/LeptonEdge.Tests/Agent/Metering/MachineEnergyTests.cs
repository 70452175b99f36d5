using LeptonEdge.Agent.Metering;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Agent.Metering;

/// <summary>Over folders that look like a kernel's.</summary>
public sealed class MachineEnergyTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ManualTimeProvider _clock = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_energy_of_all_packages_is_summed_their_parts_are_not_and_counters_wrap()
    {
        Write("class/powercap/intel-rapl:0/energy_uj", "1000000");
        Write("class/powercap/intel-rapl:0/max_energy_range_uj", "5000000");
        Write("class/powercap/intel-rapl:0:0/energy_uj", "900000");
        Write("class/powercap/intel-rapl:1/energy_uj", "7");
        var energy = MachineEnergy.Find(_clock, out var obstacle, _folder.Path)!;
        Assert.Null(obstacle);
        Assert.Contains("2 package(s)", energy.Source);

        Write("class/powercap/intel-rapl:0/energy_uj", "4500000");
        Write("class/powercap/intel-rapl:0:0/energy_uj", "4000000");
        Write("class/powercap/intel-rapl:1/energy_uj", "500007");
        Assert.Equal(4.0, energy.Take(), 9);
        Write("class/powercap/intel-rapl:0/energy_uj", "250000");
        // This one does not say where it wraps: what it was before is not guessed.
        Write("class/powercap/intel-rapl:1/energy_uj", "3");
        Assert.Equal(0.75, energy.Take(), 9);
        Assert.Equal(0, energy.Take());
    }

    [Fact]
    public void A_monitor_of_the_board_comes_before_the_processors_own_counters()
    {
        Write("class/powercap/intel-rapl:0/energy_uj", "1000000");
        Write("class/hwmon/hwmon0/name", "coretemp\n");
        Write("class/hwmon/hwmon0/power1_input", "99000000\n");
        Write("class/hwmon/hwmon1/name", "ina3221\n");
        Write("class/hwmon/hwmon1/power1_input", "4000000\n");
        var energy = MachineEnergy.Find(_clock, out _, _folder.Path)!;
        Assert.Contains("hwmon1/power1_input", energy.Source);

        _clock.Advance(TimeSpan.FromSeconds(1));
        Write("class/hwmon/hwmon1/power1_input", "6000000\n");
        Assert.Equal(5.0, energy.Take(), 9);
        _clock.Advance(TimeSpan.FromSeconds(2));
        // One reading that fails: it goes on as before.
        Write("class/hwmon/hwmon1/power1_input", "");
        Assert.Equal(12.0, energy.Take(), 9);
    }

    [Fact]
    public void Where_nothing_can_be_read_there_is_no_measurement_and_the_reason_is_told()
    {
        Assert.Null(MachineEnergy.Find(_clock, out var none, _folder.File("nowhere")));
        Assert.Null(none);
        // What root alone may read looks to others like a file without a number.
        Write("class/powercap/intel-rapl:0/energy_uj", "");
        Assert.Null(MachineEnergy.Find(_clock, out var obstacle, _folder.Path));
        Assert.Contains("intel-rapl:0/energy_uj cannot be read", obstacle);
    }

    private void Write(string path, string text)
    {
        var file = _folder.File(path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
