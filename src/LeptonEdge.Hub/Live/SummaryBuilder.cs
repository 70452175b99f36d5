using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;
using LeptonEdge.Hub.Api;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Protocol.V1;

namespace LeptonEdge.Hub.Live;

/// <summary>Rows of the fleet table: one per channel, with the workload that reads it; a workload whose channel is not
/// reported has a row of its own.</summary>
internal static class SummaryBuilder
{
    /// <param name="stored">Channels that the store holds, by device.</param>
    /// <param name="aliveAfterMicros">A device seen since then is online.</param>
    /// <param name="distrusted">Devices that are not believed, with the reason.</param>
    public static List<SummaryRow> Build(
        IEnumerable<DeviceView> devices, AlarmBoard alarms, ILookup<string, string> stored, long aliveAfterMicros,
        IReadOnlyDictionary<string, string> distrusted)
    {
        var rows = new List<SummaryRow>();
        foreach (var view in devices.OrderBy(d => d.Device))
        {
            var open = alarms.Active.Where(a => a.Key.Device == view.Device).Select(a => a.Value.Channel.Value)
                .ToList();
            var kept = stored[view.Device.Value].ToArray();
            var online = view.LastSeenMicros >= aliveAfterMicros;
            foreach (var (channel, workload) in Pairs(view.State))
            {
                var alarmsHere = open.RemoveAll(
                    c => c == channel.Channel || c.StartsWith(channel.Channel + ".", StringComparison.Ordinal));
                var row = Row(view, channel, workload, alarmsHere, online, ChartOf(channel.Channel, kept));
                rows.Add(row with { Distrust = distrusted.GetValueOrDefault(row.Device) });
            }

            // An alarm on a channel that is no longer reported still counts for its device.
            var first = rows.FindIndex(r => r.Device == view.Device.Value);
            if (open.Count > 0 && first >= 0)
                rows[first] = rows[first] with { ActiveAlarms = rows[first].ActiveAlarms + open.Count };
        }

        return rows;
    }

    private static IEnumerable<(ReportedChannel Channel, ReportedWorkload? Workload)> Pairs(ReportedState state)
    {
        foreach (var channel in state.Channels)
        {
            var any = false;
            foreach (var workload in state.Workloads.Where(w => w.Channel == channel.Channel))
            {
                any = true;
                yield return (channel, workload);
            }

            if (!any)
                yield return (channel, null);
        }

        foreach (var workload in state.Workloads.Where(w => state.Channels.All(c => c.Channel != w.Channel)))
            yield return (new ReportedChannel { Channel = workload.Channel, Source = "several channels" }, workload);
    }

    private static SummaryRow Row(
        DeviceView view, ReportedChannel channel, ReportedWorkload? workload, int alarms, bool online, string? chart)
    {
        var backlog = view.State.Backlog ?? new Backlog();
        return new SummaryRow(
            view.Device.Value, channel.Channel, channel.Source, channel.Unit, channel.Simulated, channel.Upload,
            Views.Number(channel.ReadingsPerSecond), (long)channel.Readings, (long)channel.Invalid, workload?.Workload,
            workload is null ? null : $"{workload.Model}/{workload.ModelVersion}",
            workload is null ? 0 : Views.Number(workload.InferencesPerSecond),
            workload is null ? null : PlaceOf(workload),
            (long)backlog.Records, (long)backlog.Bytes, alarms, online, view.LastSeenMicros, chart, null);
    }

    private static string PlaceOf(ReportedWorkload workload) => workload.Recipe == RecipeCode.Whole
        ? Views.Name(Views.Of(workload.Place))
        : OfferedChoices.RecipeOf(workload);

    /// <summary>A fast channel sends features instead of its samples; its RMS stands for it best.</summary>
    private static string? ChartOf(string channel, string[] stored) =>
        stored.Contains(channel) ? channel
        : stored.Where(name => name.StartsWith(channel + ".", StringComparison.Ordinal))
            .OrderByDescending(name => name.EndsWith(".rms", StringComparison.Ordinal))
            .ThenBy(name => name, StringComparer.Ordinal)
            .FirstOrDefault();
}
