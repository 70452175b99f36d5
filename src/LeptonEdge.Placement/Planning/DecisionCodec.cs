using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LeptonEdge.Placement.Planning;

/// <summary>What was decided, and from what.</summary>
public sealed record RecordedDecision(
    DecisionInputs Inputs, IReadOnlyList<DecidedMove> Moves, double CostPerHour, double BoundPerHour)
{
    public static RecordedDecision Of(DecisionInputs inputs, PlanDecision decision) =>
        new(inputs, decision.Moves, decision.Proposal.CostPerHour, decision.Proposal.BoundPerHour);

    /// <summary>Whether deciding again came to the same moves at the same cost.</summary>
    public bool IsSame(PlanDecision again) =>
        Moves.SequenceEqual(again.Moves) && CostPerHour == again.Proposal.CostPerHour;
}

/// <summary>A decision with its inputs as bytes: JSON, compressed with Brotli.</summary>
public static class DecisionCodec
{
    // Read beyond this it is no record of ours.
    private const int BytesMax = 256 * 1024 * 1024;

    public static byte[] Encode(RecordedDecision decision)
    {
        using var buffer = new MemoryStream();
        using (var compressed = new BrotliStream(buffer, CompressionLevel.Fastest, leaveOpen: true))
            JsonSerializer.Serialize(compressed, decision, DecisionJson.Default.RecordedDecision);
        return buffer.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are no record of a decision.</exception>
    public static RecordedDecision Decode(ReadOnlyMemory<byte> bytes)
    {
        using var buffer = new MemoryStream();
        using var source = new MemoryStream(bytes.ToArray(), writable: false);
        using var plain = new BrotliStream(source, CompressionMode.Decompress);
        var block = new byte[81_920];
        try
        {
            for (int read; (read = plain.Read(block)) > 0;)
            {
                if (buffer.Length + read > BytesMax)
                    throw new InvalidDataException($"a decision's record is larger than {BytesMax} bytes");
                buffer.Write(block, 0, read);
            }

            return JsonSerializer.Deserialize(
                buffer.GetBuffer().AsSpan(0, (int)buffer.Length), DecisionJson.Default.RecordedDecision)
                ?? throw new InvalidDataException("a decision's record is empty");
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or NotSupportedException)
        {
            throw new InvalidDataException($"no record of a decision: {fault.Message}", fault);
        }
    }
}

// Capacities and bandwidths may be infinite, which JSON has no number for.
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(RecordedDecision))]
internal sealed partial class DecisionJson : JsonSerializerContext;
