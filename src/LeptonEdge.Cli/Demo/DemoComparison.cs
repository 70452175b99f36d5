using System.Text.Json;
using LeptonEdge.Agent.Status;
using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;
using LeptonEdge.Core.Records;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Placement.Planning;
using LeptonEdge.Storage.Hubs;
using ChannelSummary = LeptonEdge.Agent.Status.ChannelSummary;

namespace LeptonEdge.Cli.Demo;

/// <summary>Compares, record by record, what the agents wrote down as appended with what the hub's store
/// holds.</summary>
internal static class DemoComparison
{
    private const int PlansMax = 10_000;

    public static DemoReport Build(DemoFleet fleet, DemoOptions options, double seconds)
    {
        var tally = new Tally();
        foreach (var agent in fleet.Agents)
            tally.AddLedger(Path.Combine(fleet.Folder, agent.Name, "ledger"));
        using var store = HubStore.OpenReadOnly(Path.Combine(fleet.HubFolder, "hub.db"));
        foreach (var stored in store.EnumerateBatches())
            tally.AddStored(stored);
        var (lost, duplicated) = tally.Compare();
        var summaries = fleet.Agents.Select(agent => (agent.Name, Summary: ReadSummary(fleet, agent.Name))).ToList();
        return new DemoReport
        {
            Readings = summaries.Sum(s => s.Summary.Channels.Sum(channel => channel.Readings)),
            Inferences = new PlaceCounts(tally.Local.Count, tally.Hub.Count),
            Alarms = tally.AlarmsRaised,
            Batches = tally.Batches,
            SealedBytes = tally.SealedBytes,
            BytesPerReading = tally.Values == 0 ? 0 : Math.Round((double)tally.SealedBytes / tally.Values, 2),
            Stored = tally.StoredRecords,
            Lost = lost,
            Duplicated = duplicated,
            Rebalances = CountMoves(
                store.Plans(DemoFleet.Tenant, PlansMax).Select(plan => PlanRecord.FromBytes(plan.Content).Plan)),
            HubRestarts = fleet.HubRestarts,
            LatencyMs = new LatencyReport(
                Percentiles.Of(tally.Local), Percentiles.Of(tally.Hub), Percentiles.Of(tally.SenseToStore)),
            RssMiB = new MemoryReport(
                MiB(fleet.Agents.Max(agent => agent.ResidentBytesMax)), MiB(fleet.HubResidentBytesMax)),
            Vibration = options.Data is null ? "simulated" : "recordings",
            Seconds = Math.Round(seconds, 1),
            Channels = [.. summaries.SelectMany(s => s.Summary.Channels.Select(channel => ToReport(s.Name, channel)))],
        };
    }

    /// <summary>How often a workload's place differs from its place in the plan before.</summary>
    private static int CountMoves(IEnumerable<PlanInForce> plans)
    {
        var places = new Dictionary<(string, string), string>();
        var moves = 0;
        foreach (var placement in plans.OrderBy(plan => plan.Version).SelectMany(plan => plan.Places))
        {
            var key = (placement.Device, placement.Workload);
            if (places.TryGetValue(key, out var before) && before != placement.Node)
                moves++;
            places[key] = placement.Node;
        }

        return moves;
    }

    /// <exception cref="DemoException">The agent did not get to write it.</exception>
    private static LedgerSummary ReadSummary(DemoFleet fleet, string agent)
    {
        var file = Path.Combine(fleet.Folder, agent, "ledger.summary.json");
        if (!File.Exists(file))
            throw new DemoException($"{agent} ended without its summary; its log is {agent}.log");
        return JsonSerializer.Deserialize(File.ReadAllText(file), LedgerSummaryJson.Default.LedgerSummary)!;
    }

    private static ChannelReport ToReport(string device, ChannelSummary channel) => new(
        device, channel.Channel, channel.Simulated, channel.Readings, Math.Round(channel.ReadingsPerSecond, 3), channel.RateHz);

    private static double MiB(long bytes) => Math.Round(bytes / 1024.0 / 1024.0, 1);

    private sealed class Tally
    {
        private readonly Dictionary<ulong, int> _appended = [];
        private readonly Dictionary<ulong, int> _stored = [];

        public List<double> Local { get; } = [];

        public List<double> Hub { get; } = [];

        public List<double> SenseToStore { get; } = [];

        public long AlarmsRaised { get; private set; }

        public long Batches { get; private set; }

        public long SealedBytes { get; private set; }

        public long Values { get; private set; }

        public long StoredRecords { get; private set; }

        public void AddLedger(string file)
        {
            foreach (var entry in AppendLedger.Read(file))
            {
                Batches++;
                SealedBytes += entry.SealedBytes;
                foreach (var digest in entry.Digests)
                    _appended[digest] = _appended.GetValueOrDefault(digest) + 1;
            }
        }

        public void AddStored(StoredBatch stored)
        {
            StoredRecords += stored.Records.Count;
            foreach (var digest in RecordDigest.Compute(stored.Name, stored.Records))
                _stored[digest] = _stored.GetValueOrDefault(digest) + 1;
            Values += stored.Records.ValueCount + stored.Records.Verdicts.Count + stored.Records.Alarms.Count;
            AlarmsRaised += stored.Records.Alarms.Count(alarm => alarm.Transition == AlarmTransition.Raised);
            foreach (var verdict in stored.Records.Verdicts)
            {
                (verdict.Place == Place.Local ? Local : Hub).Add(verdict.LatencyMicros / 1_000.0);
                SenseToStore.Add((stored.ReceivedMicros - verdict.TimeMicros) / 1_000.0);
            }

            foreach (var time in stored.Records.Series.SelectMany(series => series.TimesMicros))
                SenseToStore.Add((stored.ReceivedMicros - time) / 1_000.0);
        }

        public (long Lost, long Duplicated) Compare()
        {
            var lost = _appended.Sum(pair => (long)Math.Max(0, pair.Value - _stored.GetValueOrDefault(pair.Key)));
            var duplicated = _stored.Sum(pair => (long)Math.Max(0, pair.Value - _appended.GetValueOrDefault(pair.Key)));
            return (lost, duplicated);
        }
    }
}
