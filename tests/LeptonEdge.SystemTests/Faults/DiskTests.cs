using LeptonEdge.SystemTests.Support;

namespace LeptonEdge.SystemTests.Faults;

/// <summary>Disks that fill up or turn read-only, of the agent and of the hub.</summary>
public class DiskTests(FaultReport report) : IClassFixture<FaultReport>
{
    [DiskFact]
    public async Task A_full_disk_of_the_agent_is_named_and_heals_when_space_is_freed()
    {
        using var disk = SmallDisk.Memory(8);
        using var fleet = new FaultFleet(new FleetOptions { AgentDisk = disk });
        fleet.StartAll();
        await fleet.CaughtUpAsync();
        // Without a hub the outbox needs room for every batch.
        await fleet.StopAsync(Part.Hub);
        disk.Fill();
        await fleet.UntilAsync(
            () => Task.FromResult(fleet.AgentLog.Contains("the disk is full", StringComparison.Ordinal)),
            "the agent says that its disk is full");
        // It goes on trying, and stays up.
        var seen = Count(fleet.AgentLog, "refuse");
        await fleet.UntilAsync(
            () => Task.FromResult(Count(fleet.AgentLog, "refuse") > seen), "the agent tries again");

        disk.Free();
        fleet.Start(Part.Hub);
        await HealedAsync(fleet, "agent's disk full");
    }

    [DiskFact]
    public async Task A_full_disk_of_the_hub_stops_receipts_and_heals_when_space_is_freed()
    {
        using var disk = SmallDisk.Memory(12);
        using var fleet = new FaultFleet(new FleetOptions { HubDisk = disk });
        fleet.StartAll();
        await fleet.CaughtUpAsync();
        disk.Fill();
        await StoreIsDownAsync(fleet, "the disk is full");

        disk.Free();
        await HealedAsync(fleet, "hub's disk full");
    }

    [DiskFact(image: true)]
    public async Task A_disk_of_the_agent_that_turns_read_only_is_named_and_a_restart_on_a_sound_one_loses_nothing()
    {
        using var disk = SmallDisk.Image(32);
        using var fleet = new FaultFleet(new FleetOptions { AgentDisk = disk });
        fleet.StartAll();
        await fleet.CaughtUpAsync();
        await disk.BreakAsync();
        await fleet.UntilAsync(
            () => Task.FromResult(fleet.AgentLog.Contains("The outbox refused a batch", StringComparison.Ordinal)),
            "the agent says that its outbox refuses");
        fleet.ThrowIfAnyEnded();

        await fleet.KillAsync(Part.Agent);
        await disk.RepairAsync();
        fleet.Start(Part.Agent);
        await HealedAsync(fleet, "agent's disk broken");
    }

    [DiskFact(image: true)]
    public async Task A_disk_of_the_hub_that_turns_read_only_stops_receipts_and_a_restart_on_a_sound_one_loses_nothing()
    {
        using var disk = SmallDisk.Image(32);
        using var fleet = new FaultFleet(new FleetOptions { HubDisk = disk });
        fleet.StartAll();
        await fleet.CaughtUpAsync();
        await disk.BreakAsync();
        await StoreIsDownAsync(fleet, "hub store");

        await fleet.KillAsync(Part.Hub);
        await disk.RepairAsync();
        fleet.Start(Part.Hub);
        await HealedAsync(fleet, "hub's disk broken");
    }

    /// <remarks>The file system may report an fsync during which it gave up as done: of each trial without the witness
    /// beside outbox and store, one in thirty found a batch gone.</remarks>
    [DiskFact(image: true)]
    public async Task A_disk_that_turns_read_only_amid_writes_takes_none_that_was_reported_as_done()
    {
        var random = new Random(8);
        for (var trial = 0; trial < 20; trial++)
            await new BrokenDiskTrial(random.Next(5, 60)).RunAsync();
    }

    [DiskFact]
    public async Task Started_on_a_read_only_disk_agent_and_hub_say_so_and_end_and_start_well_when_it_is_writable()
    {
        using var agentDisk = SmallDisk.Memory(16);
        using var hubDisk = SmallDisk.Memory(16);
        using var fleet = new FaultFleet(new FleetOptions { AgentDisk = agentDisk, HubDisk = hubDisk });
        fleet.StartAll();
        await fleet.CaughtUpAsync();
        await fleet.KillAsync(Part.Agent | Part.Hub);
        await agentDisk.MakeReadOnlyAsync();
        await hubDisk.MakeReadOnlyAsync();

        fleet.Start(Part.Agent);
        fleet.Start(Part.Hub);
        var (agentSays, hubSays) = (await fleet.EndedAsync(Part.Agent), await fleet.EndedAsync(Part.Hub));

        Assert.Contains(agentDisk.Folder, agentSays, StringComparison.Ordinal);
        Assert.Contains(hubDisk.Folder, hubSays, StringComparison.Ordinal);
        await agentDisk.MakeWritableAsync();
        await hubDisk.MakeWritableAsync();
        fleet.Start(Part.Agent);
        fleet.Start(Part.Hub);
        await HealedAsync(fleet, "both disks read-only");
    }

    // The store cannot be written: no receipt leaves, so the device keeps what it has, and the API says when to come
    // again.
    private static async Task StoreIsDownAsync(FaultFleet fleet, string named)
    {
        await fleet.UntilAsync(
            () => Task.FromResult(fleet.HubLog.Contains(named, StringComparison.Ordinal)),
            $"the hub says '{named}'");
        var since = FaultFleet.NowMicros();
        await fleet.UntilAsync(
            async () => await fleet.Api.BacklogAsync(since) is > 60, "the device keeps its batches");
        using var ready = await fleet.Api.AskAsync("readyz");
        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, ready?.StatusCode);
        Assert.NotNull(ready?.Headers.RetryAfter);
        using var gaps = await fleet.Api.AskAsync("api/v1/gaps");
        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, gaps?.StatusCode);
        Assert.NotNull(gaps?.Headers.RetryAfter);
    }

    private async Task HealedAsync(FaultFleet fleet, string what)
    {
        await fleet.CaughtUpAsync();
        await fleet.DrainAndStopAsync();
        var result = fleet.Compare().Judge();
        report.Say($"{what}: {result.Line(0)}");
        Assert.True(result.Lost == 0 && result.Duplicated == 0, string.Join("\n", result.Findings));
        Assert.True(result.Stored > 100, $"only {result.Stored} records");
    }

    private static int Count(string text, string what) => text.Split(what).Length - 1;
}
