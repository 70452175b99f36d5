using LeptonEdge.Agent.Status;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Agent.Status;

public sealed class MachineFactsTests : IDisposable
{
    private readonly TempFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void The_hottest_sensor_that_says_what_can_be_is_the_boards_temperature()
    {
        Assert.Null(new Thermometer(_root.Path).ReadCelsius());
        Write("class/thermal/thermal_zone0/temp", "51500\n");
        Write("class/thermal/thermal_zone1/temp", "255000\n");
        Write("class/thermal/thermal_zone2/temp", "-274000\n");
        Assert.Equal(51.5, new Thermometer(_root.Path).ReadCelsius());
        Write("class/hwmon/hwmon0/temp1_input", "48000\n");
        Write("class/hwmon/hwmon0/temp2_input", "63250\n");
        Write("class/hwmon/hwmon0/temp2_crit", "99000\n");
        Write("class/hwmon/hwmon1/temp1_input", "no figure");
        Write("class/hwmon/hwmon2/temp1_input", "");
        Assert.Equal(63.25, new Thermometer(_root.Path).ReadCelsius());
    }

    [Fact]
    public void A_board_below_zero_has_a_temperature_too()
    {
        Write("class/thermal/thermal_zone0/temp", "-20000");
        Assert.Equal(-20, new Thermometer(_root.Path).ReadCelsius());
    }

    [Fact]
    public void The_inventory_is_in_the_systems_own_words()
    {
        Write("etc/os-release", "NAME=Debian\nPRETTY_NAME=\"Debian GNU/Linux 13 (\\\"trixie\\\")\"\nID=debian\n");
        Write("proc/sys/kernel/osrelease", "6.12.9-tegra\n");
        Write("proc/cpuinfo", "processor\t: 0\nBogoMIPS\t: 62.50\n\nprocessor\t: 1\n");
        Write("proc/device-tree/model", "NVIDIA Jetson Orin Nano Developer Kit\0");
        var found = new InventoryFacts(_root.Path).Read();
        Assert.Equal(
            ("Debian GNU/Linux 13 (\"trixie\")", "6.12.9-tegra", "NVIDIA Jetson Orin Nano Developer Kit"),
            (found.OsName, found.Kernel, found.Processor));
        Assert.NotEmpty(found.Architecture);

        Write("proc/cpuinfo", "processor\t: 0\nmodel name\t: Intel(R) Core(TM) i5-8500 CPU @ 3.00GHz\n");
        Assert.Equal("Intel(R) Core(TM) i5-8500 CPU @ 3.00GHz", new InventoryFacts(_root.Path).Read().Processor);
    }

    [Fact]
    public void What_a_system_does_not_say_is_empty_and_what_it_says_too_long_is_cut()
    {
        var none = new InventoryFacts(_root.Path).Read();
        Assert.Equal(("", "", ""), (none.OsName, none.Kernel, none.Processor));
        Write("usr/lib/os-release", $"NAME='{new string('n', 500)}\u0007'\nnonsense\n=\n");
        Write("proc/device-tree/model", "\u0000\u0001\uFFFD");
        var odd = new InventoryFacts(_root.Path).Read();
        Assert.Equal((new string('n', 128), ""), (odd.OsName, odd.Processor));
    }

    private void Write(string file, string text)
    {
        var path = Path.Combine(_root.Path, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
