using System.Text.Json;
using System.Text.Json.Serialization;
using LeptonEdge.Placement.Planning;
using LeptonEdge.Placement.Solving;
using LeptonEdge.Storage.Hubs;

namespace LeptonEdge.Hub.Planning;

/// <summary>One workload that changed its place.</summary>
public sealed record PlanMove(
    string Device, string Workload, RunsAt From, RunsAt To, MoveCause Cause, string Reason, long TimeMicros)
{
    public static PlanMove Of(DecidedMove move, long timeMicros) =>
        new(move.Device, move.Workload, move.From, move.To, move.Cause, move.Reason, timeMicros);

    public StoredMove ToStored() => new(
        0, TimeMicros, Device, Workload, Cause.ToString().ToLowerInvariant(), From.Node, From.Recipe, To.Node, To.Recipe,
        Reason);
}

/// <summary>A plan with the moves that led to it, newest first, as the hub keeps and shows it. Replaced
/// whole.</summary>
public sealed record PlanRecord(PlanInForce Plan, IReadOnlyList<PlanMove> Moves)
{
    private const int MovesMax = 50;

    public static PlanRecord Empty { get; } = new(new PlanInForce(0, 0, [], 0, 0, 0), []);

    /// <summary>Moves that came with this plan, newest first.</summary>
    [JsonIgnore]
    public IEnumerable<PlanMove> Latest => Moves.TakeWhile(move => move.TimeMicros == Plan.MadeMicros);

    public PlanRecord Followed(PlanInForce plan, IReadOnlyList<DecidedMove> moves) => new(
        plan,
        [.. moves.Reverse().Select(move => PlanMove.Of(move, plan.MadeMicros)).Concat(Moves).Take(MovesMax)]);

    /// <summary>UTF-8 JSON for the store.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, PlanJson.Default.PlanRecord);

    /// <exception cref="JsonException">The bytes are not a plan.</exception>
    public static PlanRecord FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (JsonSerializer.Deserialize(bytes, PlanJson.Default.PlanRecord) is { Plan: not null } record)
            return record;
        return (JsonSerializer.Deserialize(bytes, PlanJson.Default.EarlierPlan)
            ?? throw new JsonException("the plan is null")).ToRecord();
    }
}

/// <summary>A plan as it was kept before places had names.</summary>
internal sealed record EarlierPlan(
    ulong Version, long MadeMicros, IReadOnlyList<EarlierPlacement> Placements, IReadOnlyList<EarlierMove> Moves)
{
    public PlanRecord ToRecord() => new(
        new PlanInForce(
            Version, MadeMicros,
            [.. Placements.Select(placed => new PlannedPlace(
                placed.Device, placed.Workload, At(placed.Device, placed.Place), null, false, placed.SinceMicros,
                placed.Reason))],
            0, 0, 0),
        [.. Moves.Select(move => new PlanMove(
            move.Device, move.Workload, At(move.Device, move.From), At(move.Device, move.To),
            move.To == "Hub" ? MoveCause.Threatened : MoveCause.Recovery, move.Reason, move.TimeMicros))]);

    private static RunsAt At(string device, string place) =>
        new(PlanNames.Whole, place == "Hub" ? NodeNames.Hub : device);
}

internal sealed record EarlierPlacement(
    string Device, string Workload, string Place, string Reason, long SinceMicros);

internal sealed record EarlierMove(
    string Device, string Workload, string From, string To, string Reason, long TimeMicros);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PlanRecord))]
[JsonSerializable(typeof(EarlierPlan))]
[JsonSerializable(typeof(KeptControls))]
internal sealed partial class PlanJson : JsonSerializerContext;
