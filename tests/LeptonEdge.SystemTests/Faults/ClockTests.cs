using System.Globalization;
using LeptonEdge.SystemTests.Support;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.SystemTests.Faults;

/// <summary>An agent whose wall clock jumps, or that boots in 1970: order is by sequence, so nothing stalls.</summary>
public sealed class ClockTests(FaultReport report) : IClassFixture<FaultReport>, IDisposable
{
    private readonly TempFolder _folder = new();

    private string ClockFile => _folder.File("clock");

    public void Dispose() => _folder.Dispose();

    [ClockFact]
    public async Task Jumps_of_ten_years_stall_nothing()
    {
        using var fleet = Start("+0");
        await ProceedsAsync(fleet, "true time");
        foreach (var jump in (string[])["+10y", "-10y", "+0"])
        {
            SetClock(jump);
            await ProceedsAsync(fleet, $"clock at {jump}");
        }

        await EndAsync(fleet);
    }

    [ClockFact]
    public async Task A_boot_in_1970_stalls_nothing()
    {
        using var fleet = Start(Since1970());
        await ProceedsAsync(fleet, "booted in 1970");
        // The time comes from the network a while later.
        SetClock("+0");
        await ProceedsAsync(fleet, "clock set right");
        await fleet.KillAsync(Part.Agent);
        SetClock(Since1970());
        fleet.Start(Part.Agent);
        await ProceedsAsync(fleet, "booted in 1970 again");
        await EndAsync(fleet);
    }

    private FaultFleet Start(string clock)
    {
        SetClock(clock);
        var fleet = new FaultFleet(new FleetOptions
        {
            AgentEnvironment = new Dictionary<string, string>
            {
                ["LD_PRELOAD"] = ClockFactAttribute.Library!,
                ["FAKETIME_TIMESTAMP_FILE"] = ClockFile,
                ["FAKETIME_NO_CACHE"] = "1",
                // Only the wall clock may jump: the steady one is what timers are made of.
                ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
            },
        });
        fleet.StartAll();
        return fleet;
    }

    // As a board without a battery starts. Not at the first of January: the library takes a wall clock that is behind
    // the machine's uptime for a steady one.
    private static string Since1970() => string.Create(
        CultureInfo.InvariantCulture, $"-{(FaultFleet.NowMicros() / 1_000_000) - (300 * 86_400)}");

    // Replaced as a whole: the library reads it at every look at the clock.
    private void SetClock(string offset)
    {
        File.WriteAllText(ClockFile + ".new", offset + "\n");
        File.Move(ClockFile + ".new", ClockFile, overwrite: true);
    }

    private async Task ProceedsAsync(FaultFleet fleet, string what)
    {
        var before = await fleet.Api.StoredBatchesAsync();
        await fleet.UntilAsync(
            async () => await fleet.Api.StoredBatchesAsync() > before + 50, $"the hub stores batches: {what}", 30);
        await fleet.CaughtUpAsync();
        report.Say($"{what}: goes on");
    }

    private async Task EndAsync(FaultFleet fleet)
    {
        await fleet.DrainAndStopAsync();
        var result = fleet.Compare().Judge();
        report.Say(result.Line(0));
        Assert.True(result.Lost == 0 && result.Duplicated == 0, string.Join("\n", result.Findings));
        Assert.True(
            result.SpanYears >= 9, $"the readings span {result.SpanYears:0.0} years: the clock was not moved");
    }
}

/// <summary>A fact that moves a process's wall clock; skipped where libfaketime is absent, failing where CI lacks
/// it.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ClockFactAttribute : FactAttribute
{
    public ClockFactAttribute() => Skip = Requires.MissingPrograms(["mosquitto", "faketime"]);

    /// <summary>What the program of that name preloads; null where it is absent.</summary>
    public static string? Library { get; } = Directory.Exists("/usr/lib")
        ? Directory.GetDirectories("/usr/lib").Prepend("/usr/lib")
            .Select(folder => Path.Combine(folder, "faketime", "libfaketimeMT.so.1")).FirstOrDefault(File.Exists)
        : null;
}
