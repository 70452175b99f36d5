using Microsoft.Extensions.Hosting;

namespace LeptonEdge.Agent.Offload;

/// <summary>Keeps the round trip to the hub measured and the connection warm.</summary>
public sealed class HubProbe(HubInference hub, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        do
            await hub.ProbeAsync(stoppingToken).ConfigureAwait(false);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }
}
