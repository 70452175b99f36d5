using LeptonEdge.Agent.Status;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Agent.Status;

public sealed class BoardFiguresTests : IDisposable
{
    private readonly TempFolder _sys = new();

    public void Dispose() => _sys.Dispose();

    [Fact]
    public void A_capped_clock_tells_what_heat_leaves_of_the_speed()
    {
        Assert.Equal(0, new BoardFigures(_sys.Path).ReadSpeedShare());
        Write("devices/system/cpu/cpufreq/policy0", ("cpuinfo_max_freq", "1500000"), ("scaling_max_freq", "600000"));
        Write("devices/system/cpu/cpufreq/policy4", ("cpuinfo_max_freq", "2500000"), ("scaling_max_freq", "2500000"));
        Assert.Equal(3.1 / 4, new BoardFigures(_sys.Path).ReadSpeedShare(), 6);
    }

    [Fact]
    public void A_battery_counts_only_while_nothing_else_feeds_the_board()
    {
        Assert.Null(new BoardFigures(_sys.Path).ReadBatteryJoules());
        Write("class/power_supply/BAT0", ("type", "Battery"), ("status", "Discharging"), ("energy_now", "10000000"));
        Write("class/power_supply/BAT1", ("type", "Battery"), ("status", "Discharging"), ("charge_now", "1000000"),
            ("voltage_now", "5000000"));
        Write("class/power_supply/mouse", ("type", "Battery"), ("status", "Discharging"), ("energy_now", "99"),
            ("scope", "Device"));
        Assert.Equal(36_000 + 18_000, new BoardFigures(_sys.Path).ReadBatteryJoules());
        Write("class/power_supply/AC", ("type", "Mains"), ("online", "0"));
        Assert.NotNull(new BoardFigures(_sys.Path).ReadBatteryJoules());
        Write("class/power_supply/AC", ("online", "1"));
        Assert.Null(new BoardFigures(_sys.Path).ReadBatteryJoules());
    }

    [Fact]
    public void The_links_pace_counts_only_while_batches_wait_for_it()
    {
        var clock = new ManualTimeProvider();
        var gauge = new LinkGauge(clock);
        void Second(long sent, long waiting)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            gauge.Observe(sent, waiting);
        }

        Second(5_000, 0);
        Second(10_000, 2);
        Assert.Equal(0, gauge.BytesPerSecond);
        Second(110_000, 20);
        Assert.Equal(0, gauge.BytesPerSecond);
        Second(310_000, 20);
        Assert.Equal(200_000, gauge.BytesPerSecond, 3);
        Second(320_000, 20);
        Assert.InRange(gauge.BytesPerSecond, 199_000, 200_000);
        Second(325_000, 0);
        for (var minute = 0; minute < 1200; minute++)
            Second(325_000, 0);
        Assert.InRange(gauge.BytesPerSecond, 0, 10_000);
    }

    private void Write(string folder, params (string File, string Text)[] files)
    {
        var path = Directory.CreateDirectory(Path.Combine(_sys.Path, folder)).FullName;
        foreach (var (file, text) in files)
            File.WriteAllText(Path.Combine(path, file), text + "\n");
    }
}
