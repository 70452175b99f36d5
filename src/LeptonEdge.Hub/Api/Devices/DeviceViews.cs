using LeptonEdge.Core;
using LeptonEdge.Hub.Live;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Storage.Hubs;

namespace LeptonEdge.Hub.Api.Devices;

/// <summary>From a device's report to what the API says of it.</summary>
internal sealed class DeviceViews(
    DeviceNotes notes, AlarmBoard alarms, SummaryService summary, DesiredStates desired, PlanDesk plans, TimeProvider clock)
{
    private const double MostlyFull = 0.95;

    public long AliveAfterMicros => summary.AliveAfterMicros;

    public bool IsOnline(DeviceView view) => view.LastSeenMicros >= summary.AliveAfterMicros;

    public DeviceSummary Summary(DeviceView view, bool online)
    {
        var note = notes.Of(view.Device);
        return Views.Of(view, online, alarms.CountOf(view.Device)) with
        {
            Tags = note.Tags, Note = note.Note, Position = note.Position,
            Drained = plans.Controls.Drained.Contains(view.Device.Value),
        };
    }

    public bool Matches(DeviceView view, DeviceFilter filter, long aliveAfter)
    {
        var state = view.State;
        if ((filter.Online is { } online && online != view.LastSeenMicros >= aliveAfter)
            || (filter.Site is { } site && site != state.Site) || (filter.Board is { } board && board != state.Board)
            || (filter.AgentVersion is { } version && version != state.AgentVersion))
            return false;
        if (filter.Tag is null && string.IsNullOrEmpty(filter.Text))
            return true;
        var note = notes.Of(view.Device);
        if (filter.Tag is { } tag && !note.Tags.Contains(tag))
            return false;
        return string.IsNullOrEmpty(filter.Text) || Has(view.Device.Value) || Has(state.Site) || Has(state.Board)
            || Has(note.Note) || note.Tags.Any(Has);

        bool Has(string text) => text.Contains(filter.Text!, StringComparison.OrdinalIgnoreCase);
    }

    public DesiredView Desired(DeviceView view)
    {
        var state = desired.Of(view.Device) ?? new DesiredState();
        return new DesiredView(
            state.Version, view.State.DesiredVersion >= state.Version, state.PlanVersion,
            [.. state.Workloads.Select(w => new DesiredWorkloadView(
                w.Workload, Views.Name(Views.Of(w.Place)), w.Recipe.ToString().ToLowerInvariant(), w.Peer, w.HubModel,
                w.Model))],
            [.. state.Guests.Select(guest => guest.Device)]);
    }

    public HealthView Health(DeviceView view, bool online, int activeAlarms)
    {
        var (critical, warning) = (new List<string>(), new List<string>());
        var state = view.State;
        if (!online)
            critical.Add("It is not heard: check its power and its way to the hub.");
        if (plans.Distrusted.GetValueOrDefault(view.Device.Value) is { } distrust)
            warning.Add($"The planner does not believe its reports: {distrust}.");
        if (state.Backlog is { ShedRecords: > 0 } backlog)
            critical.Add($"Its outbox was full: {backlog.ShedRecords} records were given up; see its gaps.");
        if (state.MemoryBytes > 0 && state.MemoryUsedBytes > state.MemoryBytes * MostlyFull)
            warning.Add("Its memory is nearly full.");
        if (state.CpuLoad > MostlyFull)
            warning.Add("Its processor is busy all the time.");
        if (state.LaneUtilisation > MostlyFull)
            warning.Add("Its inference lane is busy all the time: deadlines will be missed.");
        DeviceWear.Judge(state, clock.GetUnixMicros(), critical, warning);
        warning.AddRange(state.Workloads.Where(w => w.ModelRefused.Length > 0)
            .Select(w => $"Workload {w.Workload} does not run the model that was asked for: {w.ModelRefused}."));
        if (activeAlarms > 0)
            warning.Add($"{activeAlarms} of its alarms stand.");
        return new HealthView(
            critical.Count > 0 ? "critical" : warning.Count > 0 ? "warning" : "good", [.. critical, .. warning],
            Views.Number(state.SpeedShare),
            state.HasBatteryJoules ? Views.Finite(state.BatteryJoules) : null);
    }

    public static InventoryView Inventory(DeviceView view, Storage.Hubs.DeviceSummary? stored) => new(
        view.State.Cores, view.State.Board, view.State.AgentVersion, view.State.PeerAddress,
        [.. view.State.PeerModels], Views.Number(view.State.LinkBytesPerSecond), stored?.Batches ?? 0,
        stored?.Records ?? 0, stored?.SealedBytes ?? 0, stored?.FirstSeenMicros,
        view.State.Inventory?.OsName ?? "", view.State.Inventory?.Kernel ?? "", view.State.Inventory?.Architecture ?? "",
        view.State.Inventory?.Processor ?? "");
}
