using System.Text.Json;
using LeptonEdge.Inference.Bundles;

namespace LeptonEdge.Hub.Api.Models;

/// <summary>Reads the figures of a bundle's model card: what its training run measured, whatever it chose to measure. Names
/// begin with the variant that they are of, as <c>int8_accuracy</c>.</summary>
internal static class ModelFigures
{
    // A card is a file that somebody wrote: what is beyond this is not a figure to look at.
    private const int SplitsMax = 20;
    private const int FiguresMax = 40;
    private const string Time = "microseconds";

    public static IReadOnlyList<ModelSplit> Splits(JsonElement? metrics)
    {
        if (metrics is not { ValueKind: JsonValueKind.Object } card
            || !card.TryGetProperty("splits", out var splits) || splits.ValueKind != JsonValueKind.Array)
            return [];
        var shipped = Text(card, "shipped_split");
        return [.. splits.EnumerateArray().Where(split => split.ValueKind == JsonValueKind.Object).Take(SplitsMax).Select(
            split => new ModelSplit(
                Text(split, "name"), Text(split, "description"), Number(split, "windows"),
                shipped.Length == 0 || shipped == Text(split, "name"), Figures(split)))];
    }

    /// <summary>Seconds of one window, by variant, on the machine that made the bundle.</summary>
    public static ModelFigure? Speed(JsonElement? metrics)
    {
        if (metrics is not { ValueKind: JsonValueKind.Object } card)
            return null;
        var (fp32, int8) = (Number(card, $"fp32_{Time}") / 1e6, Number(card, $"int8_{Time}") / 1e6);
        return fp32 is null && int8 is null ? null : new ModelFigure("seconds", fp32, int8);
    }

    public static IReadOnlyList<ModelFileView> Files(ModelManifest? manifest) => manifest is null
        ? []
        : [.. manifest.Files.OrderBy(file => file.Key).Select(
            file => new ModelFileView(file.Key.ToString().ToLowerInvariant(), file.Value.Bytes))];

    private static IReadOnlyList<ModelFigure> Figures(JsonElement split)
    {
        var names = split.EnumerateObject().Where(property => property.Value.ValueKind == JsonValueKind.Number)
            .Select(property => Variant(property.Name)).OfType<string>().Distinct().Take(FiguresMax);
        return [.. names.Select(name => new ModelFigure(name, Number(split, $"fp32_{name}"), Number(split, $"int8_{name}")))];
    }

    private static string? Variant(string name) =>
        name.StartsWith("fp32_", StringComparison.Ordinal) || name.StartsWith("int8_", StringComparison.Ordinal)
            ? name[5..] : null;

    private static string Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static double? Number(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
        && value.TryGetDouble(out var number) && double.IsFinite(number) ? number : null;
}
