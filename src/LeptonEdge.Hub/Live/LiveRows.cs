using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Api;
using LeptonEdge.Hub.Api.Devices;
using LeptonEdge.Hub.Planning;

namespace LeptonEdge.Hub.Live;

/// <summary>Notices which devices' rows changed, and writes them for streams. A row is written once for all of
/// them.</summary>
internal sealed class LiveRows(FleetState fleet, DeviceViews views)
{
    /// <summary>Rows that one stream is told at once, twice a second.</summary>
    public const int AtOnceMax = 100;

    // Reports come every second, and each differs a little: of that a page need not hear so often.
    private const int OrdinaryEvery = 4;

    private readonly ConcurrentDictionary<DeviceId, Row> _rows = [];
    private int _round;

    private sealed record Row(DeviceView View, DeviceSummary Summary, byte[] Json);

    /// <summary>Marks what changed since the last call, for those who follow it; for a new one, all. One thread at a
    /// time.</summary>
    public void Refresh(IReadOnlyList<LiveReader> readers)
    {
        if (readers.Count == 0)
            return;
        var anyNew = readers.Any(reader => !reader.IsGreeted);
        var ordinary = ++_round % OrdinaryEvery == 0 || anyNew;
        var alive = views.AliveAfterMicros;
        foreach (var view in fleet.Devices)
        {
            var before = _rows.GetValueOrDefault(view.Device);
            var now = views.Summary(view, view.LastSeenMicros >= alive);
            var urgent = before is null || Acted(before.Summary) != Acted(now)
                || !before.Summary.Tags.SequenceEqual(now.Tags);
            var changed = urgent || (ordinary && !ReferenceEquals(before!.View, view));
            if (changed)
                _rows[view.Device] = new Row(
                    view, now, JsonSerializer.SerializeToUtf8Bytes(now, ApiJson.Default.DeviceSummary));
            foreach (var reader in readers)
            {
                if (changed || !reader.IsGreeted)
                    reader.MarkRow(view.Device, urgent);
            }
        }

        foreach (var reader in readers)
        {
            reader.IsGreeted = true;
            reader.Nudge();
        }
    }

    /// <summary>Writes rows as a JSON array; those that the caller does not see are left out.</summary>
    /// <returns>False when none is left.</returns>
    public bool TryWrite(ArrayBufferWriter<byte> writer, IReadOnlyList<DeviceId> devices, Caller caller)
    {
        var any = false;
        foreach (var device in devices)
        {
            if (!_rows.TryGetValue(device, out var row) || !caller.Sees(row.View.State.Site))
                continue;
            writer.Write(any ? ","u8 : "["u8);
            writer.Write(row.Json);
            any = true;
        }

        if (any)
            writer.Write("]"u8);
        return any;
    }

    // What of a row people act upon, or changes seldom.
    private static (bool, int, bool, FloorPosition?, string, string, string, string, ulong, ulong, long, int, int) Acted(
        DeviceSummary row) => (
            row.Online, row.ActiveAlarms, row.Drained, row.Position, row.Note, row.Site, row.Board, row.AgentVersion,
            row.DesiredVersion, row.PlanVersion, row.StartedMicros, row.Channels, row.Workloads);
}
