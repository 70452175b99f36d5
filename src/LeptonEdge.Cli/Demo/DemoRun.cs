using System.Diagnostics;
using Spectre.Console;

namespace LeptonEdge.Cli.Demo;

/// <summary>One run of the demo: sets the fleet up, tells the story, stops everything and compares.</summary>
internal sealed class DemoRun(DemoOptions options, TimeProvider clock)
{
    private static readonly TimeSpan ReadyPatience = TimeSpan.FromSeconds(60);

    /// <returns>0 when nothing was lost or doubled.</returns>
    /// <exception cref="DemoException">The fleet could not be started.</exception>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        using var fleet = DemoFleet.Create(options);
        fleet.StartHub();
        await WaitAsync("the hub to be ready", fleet, async () => await fleet.ConnectAsync() is not null, cancellation);
        fleet.StartAgents();
        await WaitAsync("the agents to report", fleet, () => AllReportAsync(fleet), cancellation);

        var started = clock.GetTimestamp();
        var table = new DemoTable(fleet, options, clock);
        await TellAsync(fleet, table, started, cancellation);
        var seconds = clock.GetElapsedTime(started).TotalSeconds;

        AnsiConsole.MarkupLine(
            "[grey]Stopping: the agents send what they still hold, then the hub closes its store …[/]");
        await fleet.StopAsync();
        var report = DemoComparison.Build(fleet, options, seconds);
        DemoSummary.Print(report, fleet);
        if (options.Report is { } file)
            await DemoSummary.WriteAsync(report, file);
        return report.Lost == 0 && report.Duplicated == 0 && fleet.AllStoppedCleanly ? 0 : 1;
    }

    private async Task TellAsync(DemoFleet fleet, DemoTable table, long started, CancellationToken cancellation)
    {
        var story = DemoStory.For(options.Duration);
        var (loaded, killed) = (false, false);
        await table.ShowAsync(async say =>
        {
            while (!cancellation.IsCancellationRequested)
            {
                var elapsed = clock.GetElapsedTime(started);
                if (options.Duration is { } end && elapsed >= end)
                    return;
                if (!loaded && elapsed >= story.OverloadAt)
                {
                    loaded = true;
                    say($"edge-press is loaded for {story.OverloadLength.TotalSeconds:0} s, until it would miss its "
                        + "deadline");
                    await fleet.LoadPressAsync(story.OverloadLength);
                }

                if (!killed && elapsed >= story.KillAt)
                {
                    killed = true;
                    say("the hub was killed (SIGKILL) and is starting again; the agents go on without it");
                    await fleet.KillAndRestartHubAsync();
                }

                fleet.SampleMemory();
                fleet.ThrowIfAnyDied();
                await table.RefreshAsync(cancellation);
                await Task.Delay(TimeSpan.FromMilliseconds(500), clock, cancellation)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        });
    }

    private static async Task<bool> AllReportAsync(DemoFleet fleet)
    {
        var rows = await fleet.FleetRowsAsync();
        return fleet.Agents.All(agent => rows.Any(row => row.Device == agent.Name && row.ReadingsPerSecond > 0));
    }

    private async Task WaitAsync(
        string what, DemoFleet fleet, Func<Task<bool>> condition, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            fleet.ThrowIfAnyDied();
            if (Stopwatch.GetElapsedTime(start) > ReadyPatience)
                throw new DemoException(
                    $"waited {ReadyPatience.TotalSeconds} s for {what}; logs are in {fleet.Folder}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), clock, cancellation);
        }
    }
}
