using System.Globalization;
using System.Text.Json;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Inference.Graphs;
using LeptonEdge.Inference.Splitting;
using Spectre.Console;

namespace LeptonEdge.Cli.Commands;

/// <summary>One model that was split; no variant for a file that stands alone.</summary>
internal sealed record SplitRow(ModelVariant? Variant, SplitModel Split, SplitProof Proof);

/// <summary>Prints where a model can be cut, or how it was.</summary>
internal static class SplitTable
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static int Cuts(IReadOnlyList<(ModelVariant? Variant, ModelSplitter Model)> models, bool asJson)
    {
        var rows = models.SelectMany(model => Cuts(model.Variant, model.Model)).ToArray();
        if (asJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(new { cuts = rows }, s_json));
            return 0;
        }

        var table = new Table().Border(TableBorder.Simple);
        table.AddColumn("model").AddColumn("cut at").AddColumn("type").AddColumn("shape").AddColumn("bytes")
            .AddColumn("nodes before, after").AddColumn("crosses too");
        foreach (var row in rows)
            table.AddRow(
                row.Variant ?? "", Markup.Escape(row.Tensor), row.Type, Markup.Escape(row.Shape), Bytes(row.Bytes),
                $"{row.NodesBefore}, {row.NodesAfter}", Markup.Escape(string.Join(", ", row.CrossesToo)));
        AnsiConsole.Write(table);
        return 0;
    }

    public static int Written(IReadOnlyList<SplitRow> rows, IReadOnlyList<string> paths, bool asJson)
    {
        if (asJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(
                new
                {
                    written = paths,
                    models = rows.Select(row => new
                    {
                        variant = Name(row.Variant),
                        crossing = row.Split.Crossing.Select(value => new
                        {
                            value.Name, type = value.Type.Element.ToString(), shape = value.Type.Shape,
                            bytes = BytesOf(value),
                        }),
                        row.Proof.Runs, row.Proof.Differing, row.Proof.Largest,
                    }),
                },
                s_json));
            return 0;
        }

        foreach (var row in rows)
        {
            var crossing = string.Join(", ", row.Split.Crossing.Select(value =>
                $"{value.Name} {value.Type.Element} {value.Type.Shape} ({Bytes(BytesOf(value))} bytes)"));
            Console.WriteLine($"{Name(row.Variant) ?? "model"}: {crossing} crosses; "
                + (row.Proof.IsExact
                    ? $"the same as the whole, bit for bit, in {row.Proof.Runs} runs"
                    : $"in {Difference(row.Proof)}"));
        }

        foreach (var path in paths)
            Console.WriteLine(path);
        return 0;
    }

    /// <summary>How the stages differ from the whole, in words.</summary>
    public static string Difference(SplitProof proof) => string.Create(
        Invariant,
        $"{proof.Differing} of {proof.Runs} runs the stages differ from the whole, by at most {proof.Largest:0.0e0}")
        + " of the largest value";

    private static IEnumerable<CutRow> Cuts(ModelVariant? variant, ModelSplitter model)
    {
        var cuts = model.Cuts.SingleCuts;
        var values = model.Values([.. cuts.SelectMany(cut => cut.Crossing).Distinct()])
            .ToDictionary(value => value.Name);
        foreach (var cut in cuts)
        {
            var value = values[cut.Tensors[0]];
            long? bytes = 0;
            foreach (var crossing in cut.Crossing)
                bytes += BytesOf(values[crossing]);
            yield return new CutRow(
                Name(variant), value.Name, value.Type.Element.ToString(), value.Type.Shape, bytes, cut.Head.Count,
                cut.Tail.Count, cut.Inputs);
        }
    }

    /// <summary>Bytes for one window; null where a size beside the first is free.</summary>
    private static long? BytesOf(GraphValue value) => value.Type.Dims is { } dims
        && dims.Skip(1).All(dim => dim.IsFixed)
            ? dims.Aggregate(1L, (product, dim) => product * Math.Max(dim.Value, 1)) * value.Type.Element.Bits() / 8
            : null;

    private static CultureInfo Invariant => CultureInfo.InvariantCulture;

    private static string Bytes(long? bytes) => bytes?.ToString("#,0", Invariant) ?? "?";

    private static string? Name(ModelVariant? variant) => variant?.ToString().ToLowerInvariant();

    private sealed record CutRow(
        string? Variant, string Tensor, string Type, string Shape, long? Bytes, int NodesBefore, int NodesAfter,
        IReadOnlyList<string> CrossesToo);
}
