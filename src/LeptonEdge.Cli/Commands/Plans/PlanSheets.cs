using System.Globalization;
using System.Text.Json;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary>How plans, and what led to them, are shown.</summary>
internal static class PlanSheets
{
    public static readonly Sheet Placements = new(
        Sheet.By("device", "workload"),
        Column.Text("device", "device"),
        Column.Text("workload", "workload"),
        Column.Of("runs on", row => Place(row, "node", "recipe") + (row.IsTrue("preparing") ? " (preparing)" : "")),
        Column.Of("before", row => Place(row, "nodeBefore", "recipeBefore")),
        Column.Time("since", "sinceMicros"),
        Column.Text("why", "reason"));

    public static readonly Sheet Options = new(
        Sheet.By("node", "recipe"),
        Column.Text("place", "node"),
        Column.Text("recipe", "recipe"),
        Column.Seconds("p99", "latencySeconds"),
        Column.Number("cost an hour", "costPerHour", "0.######"),
        Column.Text("ruled out by", "limit"));

    public static readonly Sheet Decisions = new(
        Sheet.By("version"),
        Column.Text("plan", "version"),
        Column.Time("made", "madeMicros"),
        Column.Number("cost an hour", "costPerHour", "0.######"),
        Column.Of("gap", row => Percent(row)) with { IsRight = true },
        Column.Of("moves", row => string.Join("; ", row.Items("moves").Select(move =>
            $"{move.Text("device")}/{move.Text("workload")}: {Place(move, "fromNode", "fromRecipe")} to "
            + $"{Place(move, "toNode", "toRecipe")} ({move.Text("cause")})"))),
        Column.Flag("recompute", "recomputable", "yes", ""));

    public static readonly Sheet Moves = new(
        Sheet.By("device", "workload"),
        Column.Text("device", "device"),
        Column.Text("workload", "workload"),
        Column.Text("from", "from"),
        Column.Text("to", "to"),
        Column.Text("cause", "cause"),
        Column.Text("why", "reason"));

    public static readonly Sheet Moved = new(
        Sheet.By("timeMicros", "device", "workload"),
        Column.Time("when", "timeMicros"),
        Column.Text("device", "device"),
        Column.Text("workload", "workload"),
        Column.Of("from", row => Place(row, "fromNode", "fromRecipe")),
        Column.Of("to", row => Place(row, "toNode", "toRecipe")),
        Column.Text("cause", "cause"),
        Column.Text("why", "reason"));

    public static readonly Sheet Pins = new(
        Sheet.By("device", "workload"),
        Column.Text("device", "device"),
        Column.Text("workload", "workload"),
        Column.Text("node", "node"),
        Column.Text("recipe", "recipe"));

    // Of a model in two parts the first runs on the device.
    public static string Place(JsonElement row, string node, string recipe) => row.Text(recipe) is "" or "whole"
        ? row.Text(node)
        : $"{row.Text(recipe)}: {row.Text("device")} + {row.Text(node)}";

    public static string Percent(JsonElement plan) => plan.Number("gap") is { } gap
        ? string.Create(CultureInfo.InvariantCulture, $"{gap * 100:0.##} %")
        : "?";
}
