using LeptonEdge.Agent.Sensing;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Agent.Sensing;

public sealed class HostDriverTests : IDisposable
{
    private readonly TempFolder _root = new();
    private readonly ManualTimeProvider _clock = new();

    public HostDriverTests()
    {
        Stat(0, 0, 0);
        Write("proc/meminfo",
            "MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    250 kB\nSwapTotal:  0 kB\n");
        Disk(0, 0, 0);
        Net(0, 0);
        Pressure(0);
        Write("sys/block/sda/size", "1");
        Write("sys/class/thermal/thermal_zone0/temp", "41500\n");
        Write("sys/class/hwmon/hwmon1/temp2_input", "38000\n");
        Write("sys/class/hwmon/hwmon1/fan1_input", "1200\n");
        Write("sys/class/hwmon/hwmon1/name", "nct6775\n");
    }

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task Every_sensor_that_the_machine_has_is_read_in_base_units()
    {
        var driver = Driver();
        var last = await Last(driver, 1, _ =>
        {
            Stat(50, 50, 25);
            Disk(1000, 2000, 500);
            Net(4096, 100);
            Pressure(250_000);
        });

        Assert.Equal(
            new Dictionary<string, double>
            {
                ["cpu.load"] = 0.5, ["cpu0.load"] = 0.25, ["mem.used"] = 0.75, ["mem.available"] = 256_000,
                ["disk.sda.read"] = 512_000, ["disk.sda.write"] = 1_024_000, ["disk.sda.busy"] = 0.5,
                ["net.eth0.rx"] = 4096, ["net.eth0.tx"] = 100, ["psi.cpu.some"] = 0.25,
                ["thermal.zone0"] = 41.5, ["temp.hwmon1.2"] = 38, ["fan.hwmon1.1"] = 1200,
            },
            last);
        Assert.Equal("B/s", driver.Channels.Single(channel => channel.Name.Value == "net.eth0.rx").Unit);
        Assert.All(driver.Channels, channel => Assert.False(channel.Simulated));
    }

    [Fact]
    public async Task A_counter_that_went_back_reads_nan_and_never_a_spike()
    {
        var last = await Last(Driver(), 2, step => Net(step == 0 ? 1_000_000 : 10, step * 50));
        Assert.True(double.IsNaN(last["net.eth0.rx"]));
        Assert.Equal(50, last["net.eth0.tx"]);
    }

    [Fact]
    public async Task A_file_that_breaks_reads_nan_for_its_channels_alone_and_recovers_without_a_spike()
    {
        var all = new List<Dictionary<string, double>>();
        await Last(Driver(), 4, step =>
        {
            if (step == 1)
                Write("proc/diskstats", "   8  0 sda garbage more garbage\n");
            else
                Disk(100 * (step + 1), 0, 0);
            Write("sys/class/thermal/thermal_zone0/temp", step == 1 ? "hot\n" : "50000\n");
            if (step == 1)
                File.Delete(Path.Combine(_root.Path, "proc/pressure/cpu"));
            else
                Pressure(0);
        }, all);

        Assert.Equal([51_200, double.NaN, 51_200, 51_200], all.Select(row => Math.Round(row["disk.sda.read"], 3)));
        Assert.Equal([50, double.NaN, 50, 50], all.Select(row => row["thermal.zone0"]));
        Assert.Equal([0, double.NaN, 0, 0], all.Select(row => row["psi.cpu.some"]));
        Assert.All(all, row => Assert.Equal(0.75, row["mem.used"]));
    }

    [Fact]
    public void A_machine_without_a_sensor_simply_lacks_its_channels()
    {
        Directory.Delete(Path.Combine(_root.Path, "sys"), recursive: true);
        Directory.Delete(Path.Combine(_root.Path, "proc/pressure"), recursive: true);
        var names = Driver().Channels.Select(channel => channel.Name.Value).ToList();
        Assert.Contains("cpu0.load", names);
        Assert.DoesNotContain(names, name =>
            name.StartsWith("psi", StringComparison.Ordinal) || name.StartsWith("thermal", StringComparison.Ordinal));
    }

    [Fact]
    public async Task This_machine_reads_sensible_values()
    {
        var driver = DriverFactory.Create(new HostDriverOptions { Interval = TimeSpan.FromMilliseconds(100) },
            TimeProvider.System);
        var recorder = new Recorder();
        using var stop = new CancellationTokenSource();
        var run = Task.Run(() => driver.RunAsync(recorder, stop.Token));
        await Eventually.True(
            () => recorder.Readings.Count >= 4 * driver.Channels.Count, "four readings of each channel");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);

        foreach (var (channel, _, value) in recorder.Readings)
        {
            if (driver.Channels[channel].Unit == "ratio" && !double.IsNaN(value))
                Assert.InRange(value, 0, 1);
        }

        Assert.Contains(recorder.Readings, r =>
            driver.Channels[r.Channel].Name.Value == "mem.used" && r.Value is > 0 and < 1);
    }

    private ISensorDriver Driver() => DriverFactory.Create(
        new HostDriverOptions
        {
            ProcRoot = Path.Combine(_root.Path, "proc"), SysRoot = Path.Combine(_root.Path, "sys"),
        },
        _clock);

    private async Task<Dictionary<string, double>> Last(
        ISensorDriver driver, int steps, Action<int> change, List<Dictionary<string, double>>? all = null)
    {
        var recorder = await Recorder.Run(
            driver, _clock, steps, TimeSpan.FromSeconds(1), r => r.Readings.Count, driver.Channels.Count, change);
        var rows = recorder.Readings.Chunk(driver.Channels.Count)
            .Select(row => row.ToDictionary(r => driver.Channels[r.Channel].Name.Value, r => r.Value)).ToList();
        all?.AddRange(rows);
        return rows[^1];
    }

    private void Stat(long busy, long idle, long busy0) =>
        Write("proc/stat",
            $"cpu  {busy} 0 0 {idle} 0 0 0 0 0 0\ncpu0 {busy0} 0 0 {3 * busy0} 0 0 0 0 0 0\nintr 12345 0 0\nctxt 99\n");

    private void Disk(long read, long written, long busyMs) => Write(
        "proc/diskstats",
        "   7       0 loop0 1 0 9 0 0 0 0 0 0 9 0\n"
        + $"   8       0 sda 10 0 {read} 5 10 0 {written} 5 0 {busyMs} 10 0 0 0 0\n"
        + "   8       1 sda1 10 0 77 5 10 0 77 5 0 77 10\n");

    private void Net(long received, long sent) => Write(
        "proc/net/dev",
        "Inter-|   Receive                |  Transmit\n"
        + " face |bytes    packets errs drop fifo frame compressed multicast|bytes\n"
        + "    lo:    3193   29    0    0    0     0      0     0     3193   29    0    0    0     0    0    0\n"
        + $"  eth0:{received} 10952    0    0    0     0      0     0   {sent} 6516    0    0    0     0    0    0\n");

    private void Pressure(long total) =>
        Write("proc/pressure/cpu", $"some avg10=0.00 avg60=0.00 avg300=0.00 total={total}\n");

    private void Write(string path, string text)
    {
        var full = Path.Combine(_root.Path, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }
}
