using System.Collections.Concurrent;
using Google.Protobuf;
using LeptonEdge.Core;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Hub.Live;
using LeptonEdge.Hub.Metrics;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Sync.Hubs;

namespace LeptonEdge.Hub.Gateway;

/// <summary>Hosts the hub's link to the broker and passes on what comes in: reports to the fleet's state, stored batches to
/// the live streams.</summary>
public sealed class IngestService(
    HubLink link, FleetState fleet, AlarmBoard alarms, LiveHub live, HubMeters meters, UsageTotals usage, HubStore store,
    TimeProvider clock, ILogger<IngestService> logger) : BackgroundService
{
    private static readonly TimeSpan KeepReportsEvery = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<DeviceId, ReportedState> _unkept = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        link.Reported += OnReported;
        link.Stored += OnStored;
        try
        {
            await Task.WhenAll(link.RunAsync(stoppingToken), KeepReportsAsync(stoppingToken)).ConfigureAwait(false);
        }
        finally
        {
            link.Reported -= OnReported;
            link.Stored -= OnStored;
            KeepReports();
        }
    }

    private void OnReported(TenantId tenant, DeviceId device, ReportedState state)
    {
        if (fleet.Take(tenant, device, state))
            _unkept[device] = state;
        else
            IngestLog.ReportRefused(logger, tenant, device, FleetState.DevicesMax);
    }

    private void OnStored(TenantId tenant, BatchHeader header, RecordBatch batch)
    {
        meters.CountBatch(batch);
        usage.Add(batch);
        foreach (var alarm in batch.Alarms)
            alarms.Take(header.Device, alarm);
        live.Take(header.Device, batch);
        if (batch.Alarms.Count > 0)
            live.Note(LiveTopic.Alarms);
    }

    /// <summary>Reports come every second; the store needs only enough of them to start from after a restart.</summary>
    private async Task KeepReportsAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(KeepReportsEvery, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
                KeepReports();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The hub stops; the last reports are kept by the caller.
        }
    }

    private void KeepReports()
    {
        try
        {
            foreach (var device in _unkept.Keys)
            {
                if (_unkept.TryRemove(device, out var state))
                    store.PutReported(fleet.Tenant, device, state.ToByteArray());
            }
        }
        catch (HubStoreException fault)
        {
            IngestLog.ReportsNotKept(logger, fault.Message);
        }
    }
}

internal static partial class IngestLog
{
    [LoggerMessage(
        1, LogLevel.Warning, "A report of {Tenant}/{Device} is refused: another tenant, or more than {Max} devices")]
    public static partial void ReportRefused(ILogger logger, TenantId tenant, DeviceId device, int max);

    [LoggerMessage(2, LogLevel.Warning, "Reports could not be kept; a restart would start from older ones: {Reason}")]
    public static partial void ReportsNotKept(ILogger logger, string reason);
}
