using LeptonEdge.Storage.Hubs;

namespace LeptonEdge.Hub.Gateway;

/// <summary>Writes the sums that charts of long ranges are made of, and makes those of a store that has none yet. Without
/// it charts are slow and right.</summary>
public sealed class ChartKeeper(HubStore store, TimeProvider clock, ILogger<ChartKeeper> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    // While sums are made of a long history, batches are stored in between.
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(100);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
                await Task.Delay(Write(all: false) ? Breath : Pause, clock, stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is written now need not be read again after the start.
            Write(all: true);
        }
    }

    private bool Write(bool all)
    {
        try
        {
            return store.WriteCharts(all);
        }
        catch (HubStoreException fault)
        {
            ChartKeeperLog.NotWritten(logger, fault.Message);
            return false;
        }
    }
}

internal static partial class ChartKeeperLog
{
    [LoggerMessage(1, LogLevel.Warning, "Sums for charts could not be written and are tried again: {Reason}")]
    public static partial void NotWritten(ILogger logger, string reason);
}
