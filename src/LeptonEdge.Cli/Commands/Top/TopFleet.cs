using System.Text.Json;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary>One device as <c>lepton top</c> shows it.</summary>
/// <param name="Cpu">Share of its cores, 0 to 1.</param>
/// <param name="Lane">Share of its inference lane's time, 0 to 1.</param>
/// <param name="Places">Where its workloads run, such as "2 local, 1 hub".</param>
internal sealed record TopDevice(
    string Name, bool Online, bool Believed, string Site, double Cpu, double Lane, double MemoryBytes,
    double ReadingsPerSecond, double InferencesPerSecond, string Places, int Alarms, long Backlog, long SeenMicros);

/// <summary>The fleet at one moment.</summary>
/// <param name="Alarms">Raised now, the newest first.</param>
internal sealed record TopFleet(
    string Tenant, ulong Plan, long Moves, double HubBytes, long StartedMicros, long TimeMicros,
    IReadOnlyList<TopDevice> Devices, IReadOnlyList<JsonElement> Alarms)
{
    private const int AlarmsMax = 50;

    /// <exception cref="HubException">The hub is away, or refused.</exception>
    public static async Task<TopFleet> ReadAsync(HubClient client, CancellationToken cancellation)
    {
        var summary = await client.GetAsync("api/v1/summary", cancellation);
        var devices = await Paging.ReadAsync(client, "api/v1/devices", int.MaxValue, cancellation);
        var alarms = await Paging.ReadAsync(client, "api/v1/alarms", AlarmsMax, cancellation);
        var channels = summary.Items("rows").ToLookup(row => row.Text("device"));
        return new TopFleet(
            summary.Text("hub.tenant"), (ulong)(summary.Number("hub.planVersion") ?? 0),
            summary.Long("hub.moves") ?? 0, summary.Number("hub.residentBytes") ?? 0,
            summary.Long("hub.startedMicros") ?? 0, summary.Long("timeMicros") ?? 0,
            [.. devices.Rows.Select(row => Of(row, [.. channels[row.Text("device")]]))], alarms.Rows);
    }

    private static TopDevice Of(JsonElement row, JsonElement[] channels)
    {
        // What was, before it fell silent, is no rate of now.
        var now = row.IsTrue("online") ? 1 : 0;
        var places = channels.Select(channel => channel.Text("place")).Where(place => place.Length > 0)
            .GroupBy(place => place).OrderByDescending(group => group.Count())
            .Select(group => $"{group.Count()} {group.Key}");
        return new TopDevice(
            row.Text("device"), row.IsTrue("online"),
            channels.All(channel => channel.Text("distrust").Length == 0), row.Text("site"), row.Number("cpuLoad") ?? 0,
            row.Number("laneUtilisation") ?? 0, row.Number("memoryUsedBytes") ?? 0,
            // A channel with several workloads has a row for each.
            now * channels.GroupBy(channel => channel.Text("channel"))
                .Sum(group => group.First().Number("readingsPerSecond") ?? 0),
            now * channels.Sum(channel => channel.Number("inferencesPerSecond") ?? 0), string.Join(", ", places),
            (int)(row.Number("activeAlarms") ?? 0), row.Long("backlog.records") ?? 0, row.Long("lastSeenMicros") ?? 0);
    }
}
