using System.Security.Cryptography;
using System.Text;
using LeptonEdge.Core.Plans;
using LeptonEdge.Placement.Planning;
using LeptonEdge.Protocol.V1;

namespace LeptonEdge.Hub.Planning;

/// <summary>What a device reported, as the planner reads it. Nothing is mended here: what cannot be is for the planner
/// to doubt.</summary>
internal static class ReportReader
{
    private const int PriorityStandard = 5;

    // Of a device's memory, for whatever else it does.
    private const double MemoryKept = 0.1;
    private const string Cpu = "CPU";

    // A model that runs on the device as one and on the hub as another is one model to the planner.
    private const char HubModelMark = '>';

    /// <param name="atHub">The node of the hub that answers one of its workloads: the device knows only that it asks
    /// the hub.</param>
    public static DeviceReport Read(DeviceView view, Func<ReportedWorkload, string> atHub)
    {
        var state = view.State;
        var workloads = new WorkloadReport[state.Workloads.Count];
        var models = state.Workloads.Select(workload => (workload.Model, workload.ModelVersion)).Distinct().Count();
        for (var at = 0; at < workloads.Length; at++)
            workloads[at] = Read(state.Workloads[at], view, models == 1, atHub);
        return new DeviceReport(view.Device.Value, state.Site, BoardOf(state))
        {
            ServesPeers = state.PeerAddress.Length > 0,
            TimeMicros = state.TimeMicros,
            StartedMicros = state.StartedMicros,
            Utilisation = state.LaneUtilisation,
            ServiceSeconds = state.LaneServiceSeconds,
            HubRttSeconds = state.HubRttSeconds,
            SpeedShare = state.SpeedShare == 0 ? 1 : state.SpeedShare,
            BatteryJoules = state.HasBatteryJoules ? state.BatteryJoules : null,
            LinkBytesPerSecond = state.LinkBytesPerSecond,
            WattsPerCore = state.BusyWattsPerCore,
            AcceleratorWatts = state.AcceleratorWatts,
            // The lane asks one at a time.
            Accelerators = state.Workloads.Any(IsOnAccelerator) ? 1 : double.PositiveInfinity,
            FreeMemoryBytes = state.MemoryBytes == 0
                ? null
                : Math.Max(0, ((1 - MemoryKept) * state.MemoryBytes) - state.MemoryUsedBytes),
            Workloads = workloads,
        };
    }

    /// <summary>The planner's name of a workload's model.</summary>
    public static string ModelOf(ReportedWorkload workload) => workload.HubModel.Length > 0
        ? $"{workload.Model}/{workload.ModelVersion}{HubModelMark}{workload.HubModel}"
        : $"{workload.Model}/{workload.ModelVersion}";

    /// <summary>The model that the hub runs in its stead; null when it has none.</summary>
    public static string? HubModelOf(string model) =>
        model.IndexOf(HubModelMark) is >= 0 and var at ? model[(at + 1)..] : null;

    /// <summary>Where the plan's place lies, as devices are told.</summary>
    public static Place PlaceOf(string device, string node) =>
        node == device ? Place.Local : NodeNames.IsOfHub(node) ? Place.Hub : Place.Peer;

    // What one device measured of a model holds for others of its board that have the same models: so a model is never
    // placed where it is not.
    private static string BoardOf(ReportedState state)
    {
        var board = state.Board;
        // One that found its accelerator is another machine than one that did not.
        foreach (var provider in state.Workloads.Where(IsOnAccelerator).Select(workload => workload.ExecutionProvider)
            .Distinct().Order(StringComparer.Ordinal))
            board += $" {provider}";
        if (state.PeerAddress.Length == 0)
            return board;
        var models = string.Join('\n', state.PeerModels.Order(StringComparer.Ordinal));
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(models));
        return $"{board} ({Convert.ToHexStringLower(digest.AsSpan(0, 4))})";
    }

    /// <summary>How far a workload's windows may travel.</summary>
    public static Privacy PrivacyOf(ReportedWorkload reported) => reported.Privacy switch
    {
        PrivacyCode.Device => Privacy.Device,
        PrivacyCode.Site => Privacy.Site,
        PrivacyCode.Anywhere => Privacy.Anywhere,
        _ => reported.HubModel.Length > 0 ? Privacy.Anywhere : Privacy.Device,
    };

    private static WorkloadReport Read(
        ReportedWorkload reported, DeviceView view, bool aloneOnLane, Func<ReportedWorkload, string> atHub) => new(
        reported.Workload, ModelOf(reported), reported.DeadlineSeconds)
    {
        RunsOn = reported.Place switch
        {
            PlaceCode.Hub => atHub(reported),
            PlaceCode.Peer => reported.Peer,
            _ when OfferedChoices.RecipeOf(reported) != PlanNames.Whole => atHub(reported),
            _ => null,
        },
        Recipe = OfferedChoices.RecipeOf(reported),
        Excluded = OfferedChoices.Excluded(reported),
        UnsureShare = OfferedChoices.Find(reported, OffloadCode.Cascade) is { HasFarShare: true } cascade
            ? cascade.FarShare
            : null,
        UnsureAgeSeconds = OfferedChoices.Find(reported, OffloadCode.Cascade)?.FarShareAgeSeconds ?? 0,
        SplitSeconds = OfferedChoices.Find(reported, OffloadCode.Split)?.NearSeconds ?? 0,
        SplitP99Seconds = OfferedChoices.Find(reported, OffloadCode.Split)?.NearP99Seconds ?? 0,
        WindowsPerSecond = reported.WindowsPerSecond,
        WindowBytes = reported.WindowBytes,
        Priority = reported.HasPriority ? (int)Math.Min(reported.Priority, int.MaxValue) : PriorityStandard,
        Privacy = PrivacyOf(reported),
        FollowsPlan = reported.Offload == OffloadCode.Plan,
        // The lane's mean also holds what is done before and after the model; but of a split it is that of the first
        // layers.
        ServiceSeconds = aloneOnLane && reported.Recipe != RecipeCode.Split
            ? view.LaneServiceSeconds
            : MeanOf(reported.ModelLatency),
        ServiceP99Seconds = view.CalmP99Seconds.GetValueOrDefault(reported.Workload),
        OnAccelerator = IsOnAccelerator(reported),
        ModelBytes = reported.ModelBytes,
        Answered = (long)(reported.InferencesLocal + reported.InferencesHub + reported.InferencesPeer),
        Missed = (long)(reported.Late + reported.Fallbacks + reported.PeerPassedOver),
    };

    private static bool IsOnAccelerator(ReportedWorkload workload) =>
        workload.ExecutionProvider.Length > 0 && workload.ExecutionProvider != Cpu;

    private static double MeanOf(ModelLatency? latency)
    {
        var runs = latency?.Counts.Aggregate(0ul, static (sum, count) => sum + count) ?? 0;
        return runs == 0 || !double.IsFinite(latency!.SumSeconds) ? 0 : latency.SumSeconds / runs;
    }
}
