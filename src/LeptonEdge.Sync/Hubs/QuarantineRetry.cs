using LeptonEdge.Protocol.Delivery;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Storage.Hubs;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Sync.Hubs;

/// <summary>Reads what is in quarantine once more when the hub starts: a seal key that was lost may be back, and a newer
/// hub reads what an older one could not. What can be read moves into the store.</summary>
internal sealed class QuarantineRetry(IngestOptions options, HubStore store, BatchOpener opener, ILogger logger)
{
    // A batch may have many mebibytes.
    private const int AtOnce = 4;

    /// <returns>Batches that moved into the store.</returns>
    public int Run(CancellationToken stoppingToken)
    {
        using var reader = new BatchReader(opener, options.BatchBytesMax);
        var released = 0;
        try
        {
            long last = 0;
            while (!stoppingToken.IsCancellationRequested
                && store.QuarantinedAfter(last, AtOnce) is { Count: > 0 } batches)
            {
                foreach (var (batch, sealedBytes) in batches)
                {
                    last = batch.Id;
                    released += TryRelease(reader, batch, sealedBytes) ? 1 : 0;
                }
            }
        }
        catch (HubStoreException fault)
        {
            // What is left stays in quarantine until the next start.
            QuarantineRetryLog.Ended(logger, fault.Message);
        }

        if (released > 0)
            QuarantineRetryLog.Released(logger, released);
        return released;
    }

    private bool TryRelease(BatchReader reader, QuarantinedBatch batch, byte[] sealedBytes)
    {
        DeliveryTag? tag = new DeliveryTag(0, batch.Epoch, batch.FirstSequence, batch.Sequence, 0, 0);
        var read = reader.Read(new DeviceKey(batch.Tenant, batch.Device), ref tag, sealedBytes);
        if (read is not { Fault: null, Records: { } records })
            return false;
        try
        {
            return store.Release(
                batch.Id, new ReceivedBatch(batch.Tenant, read.Header, records, sealedBytes.Length));
        }
        catch (HubStoreException fault) when (fault.Fault == HubStoreFault.Refused)
        {
            // This one is what the store does not take; the others may be.
            return false;
        }
    }
}

internal static partial class QuarantineRetryLog
{
    [LoggerMessage(1, LogLevel.Information, "{Count} batches could be read now and moved from quarantine into the store")]
    public static partial void Released(ILogger logger, int count);

    [LoggerMessage(2, LogLevel.Warning, "Quarantine was not read to its end, the next start goes on: {Reason}")]
    public static partial void Ended(ILogger logger, string reason);
}
