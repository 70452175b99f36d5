using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Hubs.Accounts;

namespace LeptonEdge.Hub.Audit;

/// <summary>Puts older entries of the audit log into files beside the store.</summary>
internal sealed partial class AuditKeeper(HubStore store, TimeProvider clock, ILogger<AuditKeeper> logger)
    : BackgroundService
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMinutes(1);

    // Batches are stored in between.
    private static readonly TimeSpan s_breath = TimeSpan.FromMilliseconds(50);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
                await Task.Delay(Step() ? s_breath : s_pause, clock, stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is left is put aside after the next start.
        }
    }

    private bool Step()
    {
        try
        {
            return store.PutAuditAside();
        }
        catch (HubStoreException fault)
        {
            LogStays(fault.Message);
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Error, "Older audit entries stay in the store, and this is tried again: {Reason}")]
    private partial void LogStays(string reason);
}
