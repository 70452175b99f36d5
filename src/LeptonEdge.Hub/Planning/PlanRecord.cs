using System.Text.Json;
using System.Text.Json.Serialization;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;
using LeptonEdge.Placement;

namespace LeptonEdge.Hub.Planning;

/// <summary>A plan with the moves that led to it, newest first, as the hub keeps and shows it. Replaced
/// whole.</summary>
public sealed record PlanRecord(Plan Plan, IReadOnlyList<WorkloadMove> Moves)
{
    private const int MovesMax = 50;

    public static PlanRecord Empty { get; } = new(Plan.Empty, []);

    public PlanRecord Followed(Plan plan, IReadOnlyList<WorkloadMove> moves) =>
        new(plan, [.. moves.Reverse().Concat(Moves).Take(MovesMax)]);

    /// <summary>UTF-8 JSON for the store.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(new PlanDocument(
        Plan.Version,
        Plan.MadeMicros,
        [.. Plan.Placements.Select(
            p => new PlacementDocument(p.Device.Value, p.Workload.Value, p.Place, p.Reason, p.SinceMicros))],
        [.. Moves.Select(
            m => new MoveDocument(m.Device.Value, m.Workload.Value, m.From, m.To, m.Reason, m.TimeMicros))]),
        PlanJson.Default.PlanDocument);

    /// <exception cref="JsonException">The bytes are not a plan.</exception>
    /// <exception cref="FormatException">A name in it is not valid.</exception>
    public static PlanRecord FromBytes(ReadOnlySpan<byte> bytes)
    {
        var stored = JsonSerializer.Deserialize(bytes, PlanJson.Default.PlanDocument)
            ?? throw new JsonException("the plan is null");
        var plan = new Plan(
            stored.Version,
            stored.MadeMicros,
            [.. stored.Placements.Select(p => new WorkloadPlacement(
                new DeviceId(p.Device), new WorkloadId(p.Workload), p.Place, p.Reason, p.SinceMicros))]);
        return new PlanRecord(plan, [.. stored.Moves.Select(m => new WorkloadMove(
            new DeviceId(m.Device), new WorkloadId(m.Workload), m.From, m.To, m.Reason, m.TimeMicros))]);
    }
}

internal sealed record PlanDocument(
    ulong Version, long MadeMicros, IReadOnlyList<PlacementDocument> Placements, IReadOnlyList<MoveDocument> Moves);

internal sealed record PlacementDocument(string Device, string Workload, Place Place, string Reason, long SinceMicros);

internal sealed record MoveDocument(
    string Device, string Workload, Place From, Place To, string Reason, long TimeMicros);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(PlanDocument))]
internal sealed partial class PlanJson : JsonSerializerContext;
