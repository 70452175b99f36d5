using LeptonEdge.Hub.Configuration;
using LeptonEdge.Storage.Hubs;

namespace LeptonEdge.Hub.Metering;

/// <summary>Puts the hub's own metering into its store, every minute and at the end. A kill costs the metering of the
/// last interval, never more.</summary>
public sealed class UsageKeeper(
    HubUsageMeter meter, HubStore store, HubOptions options, TimeProvider clock, ILogger<UsageKeeper> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.MeterEvery, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
                Keep();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The hub stops.
        }
        finally
        {
            Keep();
        }
    }

    private void Keep()
    {
        try
        {
            meter.Keep(store);
        }
        catch (HubStoreException fault)
        {
            UsageKeeperLog.NotKept(logger, fault.Message);
        }
    }
}

internal static partial class UsageKeeperLog
{
    [LoggerMessage(1, LogLevel.Warning, "The hub's own usage could not be kept and is tried again: {Reason}")]
    public static partial void NotKept(ILogger logger, string reason);
}
