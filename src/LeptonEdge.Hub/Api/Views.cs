using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;
using LeptonEdge.Core.Pricing;
using LeptonEdge.Core.Records;
using LeptonEdge.Hub.Live;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Placement.Planning;
using LeptonEdge.Placement.Solving;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Storage.Hubs;

namespace LeptonEdge.Hub.Api;

/// <summary>From the hub's own types to what the API says.</summary>
internal static class Views
{
    public static string Name(Place place) => place switch
    {
        Place.Hub => "hub",
        Place.Peer => "peer",
        _ => "local",
    };

    public static Place Of(PlaceCode place) => place switch
    {
        PlaceCode.Hub => Place.Hub,
        PlaceCode.Peer => Place.Peer,
        _ => Place.Local,
    };

    public static double? Finite(double value) => double.IsFinite(value) ? value : null;

    public static PlanResponse Of(PlanRecord plan) => new(
        plan.Plan.Version,
        plan.Plan.MadeMicros,
        [.. plan.Plan.Places.Select(Of)],
        [.. plan.Moves.Select(Of)],
        plan.Plan.CostPerHour, plan.Plan.BoundPerHour, Finite(plan.Plan.Gap));

    public static PlacementView Of(PlannedPlace place) => new(
        place.Device, place.Workload, PlaceName(place.Device, place.At), place.Node, place.At.Recipe,
        place.Before is { } before ? PlaceName(place.Device, before) : null, place.Before?.Node, place.Before?.Recipe,
        place.Preparing, place.Reason, place.SinceMicros);

    public static MoveView Of(PlanMove move) => new(
        move.Device, move.Workload, PlaceName(move.Device, move.From), PlaceName(move.Device, move.To),
        move.From.Node, move.To.Node, move.From.Recipe, move.To.Recipe, move.Cause.ToString().ToLowerInvariant(),
        move.Reason, move.TimeMicros);

    public static MoveView Of(StoredMove move) => new(
        move.Device, move.Workload, PlaceName(move.Device, move.FromNode), PlaceName(move.Device, move.ToNode),
        move.FromNode, move.ToNode, move.FromRecipe, move.ToRecipe, move.Cause, move.Reason, move.TimeMicros);

    private static string PlaceName(string device, RunsAt at) => PlaceName(device, at.Node);

    private static string PlaceName(string device, string node) => Name(ReportReader.PlaceOf(device, node));

    public static DeviceSummary Of(DeviceView view, bool online, int activeAlarms)
    {
        var state = view.State;
        var backlog = state.Backlog ?? new Backlog();
        return new DeviceSummary(
            view.Device.Value, online, view.LastSeenMicros, state.Site, state.Board, state.AgentVersion,
            Number(state.CpuLoad),
            (long)state.MemoryBytes, (long)state.MemoryUsedBytes, (long)state.RssBytes, Number(state.LaneUtilisation),
            Number(state.HubRttSeconds), state.Channels.Count, state.Workloads.Count, activeAlarms,
            new BacklogSummary(
                (long)backlog.Batches, (long)backlog.Records, (long)backlog.Bytes, (long)backlog.ShedRecords),
            state.DesiredVersion, state.PlanVersion, state.StartedMicros, [], "", null, false,
            state.HasTemperatureCelsius ? Finite(state.TemperatureCelsius) : null, Of(state.Storage),
            Of(state.Certificate));
    }

    private static StorageView? Of(ReportedStorage? storage) => storage is null ? null : new StorageView(
        Bytes(storage.Bytes), Bytes(storage.FreeBytes), Bytes(storage.OutboxBytes), Bytes(storage.OutboxLimitBytes));

    private static CertificateView? Of(ReportedCertificate? certificate) => certificate is null ? null
        : new CertificateView(certificate.Serial, certificate.IssuedMicros, certificate.ExpiresMicros);

    private static long Bytes(ulong bytes) => (long)Math.Min(bytes, long.MaxValue);

    public static ReportedChannelView Of(ReportedChannel channel) => new(
        channel.Channel, channel.Source, channel.Unit, channel.Simulated, channel.Upload,
        Number(channel.ReadingsPerSecond),
        (long)channel.Readings, (long)channel.Invalid);

    public static WorkloadView Of(DeviceId device, ReportedWorkload w, PlannedPlace? planned) => new(
        device.Value, w.Workload, w.Channel, w.Model, w.ModelVersion, w.ExecutionProvider,
        Name(Of(w.Place)), OfferedChoices.RecipeOf(w),
        planned is null ? null : PlaceName(planned.Device, planned.At), planned?.Reason,
        Number(w.DeadlineSeconds), Number(w.InferencesPerSecond), Number(w.WindowsPerSecond), (long)w.InferencesLocal,
        (long)w.InferencesHub, (long)w.InferencesPeer, (long)w.Late, (long)w.Fallbacks, Number(w.LocalP50Seconds),
        Number(w.LocalP99Seconds),
        Number(w.HubP50Seconds), Number(w.HubP99Seconds), w.HubModel, w.ProviderReason, w.ModelRefused,
        (long)w.LateReplies, (long)w.Escalations, (long)w.SplitAnswers, (long)w.Hedges, (long)w.Retries,
        [.. w.Choices.Take(OfferedChoices.ChoicesMax).Select(Of)]);

    private static ChoiceView Of(ReportedChoice choice) => new(
        choice.Way.ToString().ToLowerInvariant(), choice.FarModel, Number(choice.NearSeconds), (long)choice.CutBytes,
        choice.HasFarShare ? Finite(choice.FarShare) : null, Number(choice.FarShareAgeSeconds));

    public static PriceView Of(PriceBook prices) => new(
        prices.Currency,
        new PriceRow(
            null, null, prices.Default.CoreSecond, prices.Default.AcceleratorSecond, prices.Default.GigabyteMoved,
            prices.Default.KilowattHour),
        [.. prices.Overrides.Select(o => new PriceRow(
            o.Kind?.ToString().ToLowerInvariant(), o.Site, o.CoreSecond, o.AcceleratorSecond, o.GigabyteMoved,
            o.KilowattHour))]);

    /// <summary>JSON has no NaN, and a report is input from outside.</summary>
    public static double Number(double value) => double.IsFinite(value) ? value : 0;
}
