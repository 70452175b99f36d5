using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace LeptonEdge.Cli.Output;

/// <summary>Prints plans for reading.</summary>
internal static class PlanTable
{
    private const int PipedWidth = 400;

    public static int Show(JsonElement plan, JsonElement devices, JsonElement controls)
    {
        Console.WriteLine($"plan {plan.GetProperty("version")}, {Money(plan)}");
        var table = Columns("device", "workload", "runs on", "before", "since", "why");
        foreach (var placed in plan.GetProperty("placements").EnumerateArray())
        {
            var preparing = placed.GetProperty("preparing").GetBoolean();
            table.AddRow(Cells(
                Text(placed, "device"), Text(placed, "workload"),
                Place(placed, "node", "recipe") + (preparing ? " (preparing)" : ""),
                Place(placed, "nodeBefore", "recipeBefore"),
                Time(placed, "sinceMicros"), Text(placed, "reason")));
        }

        Write(table);
        foreach (var device in devices.GetProperty("devices").EnumerateArray())
            Tell(device);
        foreach (var fault in devices.GetProperty("faults").EnumerateArray())
            Console.WriteLine($"not planned: {fault}; the plan in force stays");
        return Controls(controls, isQuiet: true);
    }

    /// <param name="workloads">As their devices report them.</param>
    public static int Explain(JsonElement explanation, JsonElement workloads)
    {
        var placement = explanation.GetProperty("placement");
        Console.WriteLine($"{Text(placement, "device")}/{Text(placement, "workload")} on "
            + $"{Place(placement, "node", "recipe")}: {Text(placement, "reason")}");
        if (Text(explanation, "why") is { Length: > 0 } why)
            Console.WriteLine(why);
        if (explanation.GetProperty("waiting") is { ValueKind: JsonValueKind.Object } waiting)
            Console.WriteLine($"would move to {Text(waiting, "to")}, and waits for {Text(waiting, "waitsFor")}");
        foreach (var workload in workloads.EnumerateArray())
        {
            if (Text(workload, "device") == Text(placement, "device")
                && Text(workload, "workload") == Text(placement, "workload"))
                Choices(workload.GetProperty("choices"));
        }

        var table = Columns("place", "recipe", "p99", "cost an hour", "ruled out by");
        foreach (var option in explanation.GetProperty("options").EnumerateArray())
        {
            table.AddRow(Cells(
                Text(option, "node"), Text(option, "recipe"), Milliseconds(option, "latencySeconds"),
                Number(option, "costPerHour"), Text(option, "limit")));
        }

        return Write(table);
    }

    public static int History(JsonElement decisions)
    {
        var table = Columns("plan", "made", "moves", "cost an hour", "gap", "recompute");
        foreach (var decision in decisions.EnumerateArray())
        {
            var moves = decision.GetProperty("moves").EnumerateArray().Select(move =>
                $"{Text(move, "device")}/{Text(move, "workload")}: {Place(move, "fromNode", "fromRecipe")} to "
                + $"{Place(move, "toNode", "toRecipe")} ({Text(move, "cause")})");
            table.AddRow(Cells(
                Text(decision, "version"), Time(decision, "madeMicros"), string.Join("; ", moves),
                Number(decision, "costPerHour"), Percent(decision),
                decision.GetProperty("recomputable").GetBoolean() ? "yes" : ""));
        }

        return Write(table);
    }

    public static void Recomputed(JsonElement result)
    {
        Console.WriteLine(result.GetProperty("same").GetBoolean()
            ? $"plan {result.GetProperty("version")}: the same moves at the same cost"
            : $"plan {result.GetProperty("version")}: recomputed differently; what is recomputed now:");
        Moves(result.GetProperty("recomputed"));
    }

    public static int DryRun(JsonElement result)
    {
        if (result.GetProperty("moves").GetArrayLength() == 0)
            Console.WriteLine("nothing would move now");
        else
            Moves(result.GetProperty("moves"));
        foreach (var wait in result.GetProperty("waiting").EnumerateArray())
        {
            Console.WriteLine($"{Text(wait, "device")}/{Text(wait, "workload")} would move to {Text(wait, "to")}, and "
                + $"waits for {Text(wait, "waitsFor")}");
        }

        foreach (var homeless in result.GetProperty("homeless").EnumerateArray())
        {
            Console.WriteLine($"{Text(homeless, "device")}/{Text(homeless, "workload")} fits nowhere: "
                + Text(homeless, "reason"));
        }

        Console.WriteLine(Money(result));
        return 0;
    }

    /// <param name="isQuiet">Says nothing where there is nothing to say.</param>
    public static int Controls(JsonElement controls, bool isQuiet = false)
    {
        var lines = controls.GetProperty("pins").EnumerateArray()
            .Select(pin => $"pinned: {Text(pin, "device")}/{Text(pin, "workload")} to {Text(pin, "node")}"
                + (Text(pin, "recipe") is { Length: > 0 } recipe ? $" by {recipe}" : ""))
            .Concat(controls.GetProperty("drained").EnumerateArray().Select(device => $"drained: {device}"))
            .Concat(controls.GetProperty("blackouts").EnumerateArray().Select(blackout =>
                $"blackout: {Text(blackout, "from")} to {Text(blackout, "to")} UTC, "
                + string.Join(' ', blackout.GetProperty("days").EnumerateArray()))).ToList();
        if (lines.Count == 0 && !isQuiet)
            lines.Add("nothing is pinned or drained");
        foreach (var line in lines)
            Console.WriteLine(line);
        return 0;
    }

    // What a device that is older than choices offers goes without saying.
    private static void Choices(JsonElement choices)
    {
        var words = choices.EnumerateArray().Select(choice => Text(choice, "way") switch
        {
            "cascade" when choice.GetProperty("unsureShare") is { ValueKind: JsonValueKind.Number } share =>
                string.Create(CultureInfo.InvariantCulture, $"cascade (unsure of {share.GetDouble() * 100:0.#} % of ")
                + string.Create(
                    CultureInfo.InvariantCulture,
                    $"windows, {choice.GetProperty("unsureAgeSeconds").GetDouble():0} s ago)"),
            "cascade" => "cascade (how often it is unsure is not known yet)",
            "split" => $"split (first layers {Milliseconds(choice, "nearSeconds")}, "
                + $"{Text(choice, "cutBytes")} bytes cross)",
            var way => way,
        }).ToList();
        if (words.Count > 0)
            Console.WriteLine($"its device offers {string.Join(", ", words)}");
    }

    private static void Tell(JsonElement device)
    {
        var name = Text(device, "device");
        if (Text(device, "distrust") is { Length: > 0 } distrust)
            Console.WriteLine($"not believed: {name}, as {distrust}; its figures are of {Time(device, "measuredMicros")}");
        if (device.GetProperty("down").GetBoolean())
            Console.WriteLine($"down: {name}, last heard {Time(device, "seenMicros")}");
    }

    private static void Moves(JsonElement moves)
    {
        var table = Columns("device", "workload", "from", "to", "cause", "why");
        foreach (var move in moves.EnumerateArray())
        {
            table.AddRow(Cells(
                Text(move, "device"), Text(move, "workload"), Text(move, "from"), Text(move, "to"), Text(move, "cause"),
                Text(move, "reason")));
        }

        Write(table);
    }

    private static string Money(JsonElement plan) =>
        $"{Number(plan, "costPerHour")} an hour, at most {Percent(plan)} above the best there is";

    private static string Percent(JsonElement plan) =>
        plan.GetProperty("gap") is { ValueKind: JsonValueKind.Number } gap
            ? string.Create(CultureInfo.InvariantCulture, $"{gap.GetDouble() * 100:0.##} %")
            : "?";

    private static string Number(JsonElement row, string key) =>
        row.GetProperty(key) is { ValueKind: JsonValueKind.Number } number
            ? number.GetDouble().ToString("0.######", CultureInfo.InvariantCulture)
            : "";

    private static string Milliseconds(JsonElement row, string key) =>
        row.GetProperty(key) is { ValueKind: JsonValueKind.Number } seconds
            ? string.Create(CultureInfo.InvariantCulture, $"{seconds.GetDouble() * 1e3:0.##} ms")
            : "";

    private static string Time(JsonElement row, string key) => row.GetProperty(key).GetInt64() is > 0 and var micros
        ? DateTimeOffset.FromUnixTimeMilliseconds(micros / 1000)
            .ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)
        : "";

    private static string Text(JsonElement row, string key) => row.GetProperty(key).ToString();

    // Of a model in two parts the first runs on the device.
    private static string Place(JsonElement row, string node, string recipe) => Text(row, recipe) is "" or "whole"
        ? Text(row, node)
        : $"{Text(row, recipe)}: {Text(row, "device")} + {Text(row, node)}";

    private static Table Columns(params string[] titles)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var title in titles)
            table.AddColumn(title);
        return table;
    }

    private static string[] Cells(params string[] texts) => [.. texts.Select(Markup.Escape)];

    private static int Write(Table table)
    {
        // What is piped has no edge to fit within.
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = PipedWidth;
        AnsiConsole.Write(table);
        return 0;
    }
}
