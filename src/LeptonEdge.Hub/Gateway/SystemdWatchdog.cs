using System.Globalization;
using LeptonEdge.Hub.Planning;
using Microsoft.Extensions.Hosting.Systemd;

namespace LeptonEdge.Hub.Gateway;

/// <summary>Tells systemd's watchdog that the hub works, for as long as it does plan; without <c>WatchdogSec</c> does
/// nothing.</summary>
public sealed class SystemdWatchdog(IServiceProvider services, TimeProvider clock) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var notifier = services.GetService<ISystemdNotifier>();
        var asked = Environment.GetEnvironmentVariable("WATCHDOG_USEC");
        if (notifier is null || !long.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var micros)
            || micros < 1)
            return;
        using var timer = new PeriodicTimer(TimeSpan.FromMicroseconds(micros / 3.0), clock);
        var seen = -1L;
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                var rounds = services.GetRequiredService<PlanningService>().Rounds;
                if (rounds != seen)
                    notifier.Notify(new ServiceState("WATCHDOG=1"));
                seen = rounds;
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The hub stops.
        }
    }
}
