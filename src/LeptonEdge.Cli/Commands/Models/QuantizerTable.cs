using System.Globalization;
using System.Text.Json;
using LeptonEdge.Inference.Quantizing;
using Spectre.Console;

namespace LeptonEdge.Cli.Commands;

/// <summary>Prints what quantizing did, layer by layer.</summary>
internal static class QuantizerTable
{
    private static readonly JsonSerializerOptions Json =
        new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static void Write(QuantizerReport report, bool asJson)
    {
        if (asJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(report, Json));
            return;
        }

        var table = new Table().Border(TableBorder.Simple);
        table.AddColumn("layer").AddColumn("operator").AddColumn("runs in").AddColumn("range").AddColumn("low")
            .AddColumn("high").AddColumn("noise alone");
        foreach (var layer in report.Layers)
            table.AddRow(
                Markup.Escape(layer.Layer), layer.Operator, layer.Runs, layer.Range ?? "", Number(layer.Low),
                Number(layer.High), layer.Noise is { } noise ? noise.ToString("0.0e0", Invariant) : "");
        AnsiConsole.Write(table);
        Console.WriteLine(string.Create(
            Invariant,
            $"{report.Measure} on {report.Windows} windows: fp32 {report.Fp32:0.####}, int8 "
            + $"{report.Int8:0.####} ({report.Share:0.00 %} of it)"));
        Console.WriteLine(string.Create(Invariant, $"bytes: fp32 {report.Fp32Bytes:#,0}, int8 {report.Int8Bytes:#,0}"));
    }

    private static CultureInfo Invariant => CultureInfo.InvariantCulture;

    private static string Number(float? value) => value?.ToString("0.###", Invariant) ?? "";
}
