using Microsoft.Extensions.Hosting;

namespace LeptonEdge.Agent.Offload;

/// <summary>Keeps the round trip to the hub measured and the connection warm.</summary>
public sealed class HubProbe(HubInference hub, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    // A hub that is away is looked for more often: every window until then is one that it could have answered.
    private static readonly TimeSpan EveryAway = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await hub.ProbeAsync(stoppingToken).ConfigureAwait(false);
            await Task.Delay(hub.IsReachable ? Every : EveryAway, clock, stoppingToken).ConfigureAwait(false);
        }
    }
}
