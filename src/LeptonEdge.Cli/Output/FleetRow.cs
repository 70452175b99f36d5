using System.Text.Json;

namespace LeptonEdge.Cli.Output;

/// <summary>One channel of one device, as the hub's summary tells it.</summary>
internal sealed record FleetRow(
    string Device, string Channel, string Source, bool Simulated, double ReadingsPerSecond, double InferencesPerSecond,
    string? Workload, string? Place, long BacklogRecords, int ActiveAlarms, bool Online,
    string? Distrust = null)
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    public static IReadOnlyList<FleetRow> ReadAll(JsonElement summary) =>
        summary.GetProperty("rows").Deserialize<List<FleetRow>>(Web) ?? [];
}
