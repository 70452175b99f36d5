using LeptonEdge.Core;
using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Api.Common;
using LeptonEdge.Hub.Configuration;
using LeptonEdge.Hub.Live;
using LeptonEdge.Hub.Metrics;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Hubs.Alarms;
using LeptonEdge.Sync.Hubs;

namespace LeptonEdge.Hub.Api.Status;

/// <summary>Says how the hub and its fleet do. Any thread.</summary>
internal sealed class HubStates(
    HubOptions options, FleetState fleet, SummaryService summary, PlanHolder plans, HubStore store, HubLink link,
    HubMeters meters, TimeProvider clock)
{
    private const long Mebibyte = 1 << 20;
    private static readonly TimeSpan StoreGoodFor = TimeSpan.FromSeconds(5);
    private volatile Kept? _kept;

    /// <param name="withStore">Whether the store's size, which takes looking at its files, is of use.</param>
    public HubView Of(Caller caller, bool withStore = true)
    {
        var whole = caller.Sites is null;
        var counted = new Sums(summary.AliveAfterMicros);
        foreach (var view in fleet.Seen(caller))
            counted.Add(view);
        var plan = plans.Current.Plan;
        return new HubView(
            clock.GetUnixMicros(), options.Tenant.Value, HubVersion.Text, summary.StartedMicros,
            new HubDevices(counted.Total, counted.Online), Alarms(caller),
            new HubRates(
                Short(counted.Readings), Short(counted.Windows), Short(counted.Inferences)),
            new HubDeadlines(
                counted.Answers > 0 ? Math.Round(Math.Clamp(1 - (counted.Late / counted.Answers), 0, 1), 6) : null,
                Short(counted.Answers)),
            new HubPlan(
                plan.Version, plan.MadeMicros, whole ? meters.Moves : null, whole ? plan.CostPerHour : null,
                whole ? plan.BoundPerHour : null, whole ? Views.Finite(plan.Gap) : null),
            options.Prices.Currency, counted.Backlog, new HubBroker(link.Connected), whole && withStore ? Store() : null,
            new HubMemory(Environment.WorkingSet / Mebibyte * Mebibyte));
    }

    private static double Short(double rate) => Math.Round(rate, 2);

    private HubAlarms Alarms(Caller caller)
    {
        var (open, by) = (0, new int[3]);
        foreach (var count in store.AlarmCounts(fleet.Tenant))
        {
            if (!fleet.Sees(caller, count.Device))
                continue;
            by[Math.Clamp((int)count.Severity, 0, 2)] += count.Active;
            open += count.Unacknowledged;
        }

        return new HubAlarms(
            by.Sum(), open, by[(int)AlarmSeverity.Info], by[(int)AlarmSeverity.Warning], by[(int)AlarmSeverity.Critical]);
    }

    private HubStoreState Store()
    {
        var kept = _kept;
        if (kept is null || clock.GetElapsedTime(kept.ReadAt) >= StoreGoodFor)
            _kept = kept = Read();
        return kept.State with { Up = !link.StoreDown };
    }

    private Kept Read()
    {
        var (path, at) = (HubServer.StorePath(options), clock.GetTimestamp());
        long? free = null;
        try
        {
            free = new DriveInfo(options.DataFolder).AvailableFreeSpace;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // A disk that is away just now has no figures.
        }

        return new Kept(
            new HubStoreState(
                true, store.BatchCount(options.Tenant), MachineMetrics.SizeOf(path) + MachineMetrics.SizeOf(path + "-wal"),
                free is { } bytes ? bytes / Mebibyte * Mebibyte : null),
            at);
    }

    private sealed record Kept(HubStoreState State, long ReadAt);

    private sealed class Sums(long aliveAfterMicros)
    {
        private long _batches;
        private long _records;
        private long _bytes;
        private long _shed;

        public int Total { get; private set; }

        public int Online { get; private set; }

        public double Readings { get; private set; }

        public double Windows { get; private set; }

        public double Inferences { get; private set; }

        public double Answers { get; private set; }

        public double Late { get; private set; }

        public BacklogSummary Backlog => new(_batches, _records, _bytes, _shed);

        public void Add(DeviceView view)
        {
            Total++;
            var backlog = view.State.Backlog ?? new Backlog();
            (_batches, _records) = (_batches + (long)backlog.Batches, _records + (long)backlog.Records);
            (_bytes, _shed) = (_bytes + (long)backlog.Bytes, _shed + (long)backlog.ShedRecords);
            if (view.LastSeenMicros < aliveAfterMicros)
                return;
            Online++;
            Readings += view.State.Channels.Sum(channel => Views.Number(channel.ReadingsPerSecond));
            Windows += view.State.Workloads.Sum(workload => Views.Number(workload.WindowsPerSecond));
            Inferences += view.State.Workloads.Sum(workload => Views.Number(workload.InferencesPerSecond));
            Answers += view.Pace.AnswersPerSecond;
            Late += view.Pace.LatePerSecond;
        }
    }
}
