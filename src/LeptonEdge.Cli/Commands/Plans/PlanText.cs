using System.Globalization;
using System.Text.Json;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary>Prints plans for reading: tables, and sentences around them.</summary>
internal static class PlanText
{
    public static int Show(JsonElement plan, JsonElement devices, JsonElement controls, bool wide = false)
    {
        Console.WriteLine($"plan {plan.Text("version")}, {Money(plan)}");
        Write(PlanSheets.Placements, plan.Items("placements"), wide);
        foreach (var device in Rows(devices, "devices"))
            Tell(device);
        foreach (var fault in devices.Items("faults"))
            Console.WriteLine($"not planned: {fault}; the plan in force stays");
        return Controls(controls, isQuiet: true);
    }

    /// <param name="workloads">As their devices report them.</param>
    public static int Explain(JsonElement explanation, IEnumerable<JsonElement> workloads, bool wide)
    {
        var placement = explanation.At("placement");
        Console.WriteLine($"{placement.Text("device")}/{placement.Text("workload")} on "
            + $"{PlanSheets.Place(placement, "node", "recipe")}: {placement.Text("reason")}");
        if (explanation.Text("why") is { Length: > 0 } why)
            Console.WriteLine(why);
        if (explanation.At("waiting") is { ValueKind: JsonValueKind.Object } waiting)
            Console.WriteLine($"would move to {waiting.Text("to")}, and waits for {waiting.Text("waitsFor")}");
        foreach (var workload in workloads)
        {
            if (workload.Text("device") == placement.Text("device")
                && workload.Text("workload") == placement.Text("workload"))
                Choices(workload.Items("choices"));
        }

        return Write(PlanSheets.Options, explanation.Items("options"), wide);
    }

    public static int Recomputed(JsonElement result)
    {
        if (result.IsTrue("same"))
        {
            Console.WriteLine($"plan {result.Text("version")}: the same moves at the same cost");
            return ExitCodes.Ok;
        }

        Console.WriteLine($"plan {result.Text("version")}: recomputed differently; what is recomputed now:");
        return Write(PlanSheets.Moves, result.Items("recomputed"));
    }

    public static int DryRun(JsonElement result)
    {
        if (!result.Items("moves").Any())
            Console.WriteLine("nothing would move now");
        else
            Write(PlanSheets.Moves, result.Items("moves"));
        foreach (var wait in result.Items("waiting"))
        {
            Console.WriteLine($"{wait.Text("device")}/{wait.Text("workload")} would move to {wait.Text("to")}, and "
                + $"waits for {wait.Text("waitsFor")}");
        }

        foreach (var homeless in result.Items("homeless"))
        {
            Console.WriteLine($"{homeless.Text("device")}/{homeless.Text("workload")} fits nowhere: "
                + homeless.Text("reason"));
        }

        Console.WriteLine(Money(result));
        return ExitCodes.Ok;
    }

    /// <param name="isQuiet">Says nothing where there is nothing to say.</param>
    public static int Controls(JsonElement controls, bool isQuiet = false)
    {
        var lines = controls.Items("pins")
            .Select(pin => $"pinned: {pin.Text("device")}/{pin.Text("workload")} to {pin.Text("node")}"
                + (pin.Text("recipe") is { Length: > 0 } recipe ? $" by {recipe}" : ""))
            .Concat(controls.Items("drained").Select(device => $"drained: {device}"))
            .Concat(controls.Items("blackouts").Select(blackout =>
                $"blackout: {blackout.Text("from")} to {blackout.Text("to")} UTC, "
                + string.Join(' ', blackout.Items("days")))).ToList();
        if (lines.Count == 0 && !isQuiet)
            lines.Add("nothing is pinned or drained");
        foreach (var line in lines)
            Console.WriteLine(line);
        return ExitCodes.Ok;
    }

    public static IEnumerable<JsonElement> Rows(JsonElement list, string legacy) =>
        list.At("items").ValueKind == JsonValueKind.Array ? list.Items("items") : list.Items(legacy);

    // What a device that is older than choices offers goes without saying.
    private static void Choices(IEnumerable<JsonElement> choices)
    {
        var words = choices.Select(choice => choice.Text("way") switch
        {
            "cascade" when choice.Number("unsureShare") is { } share => string.Create(
                CultureInfo.InvariantCulture,
                $"cascade (unsure of {share * 100:0.#} % of windows, {choice.Number("unsureAgeSeconds"):0} s ago)"),
            "cascade" => "cascade (how often it is unsure is not known yet)",
            "split" => string.Create(
                CultureInfo.InvariantCulture,
                $"split (first layers {choice.Number("nearSeconds") * 1e3:0.##} ms, ")
                + $"{choice.Text("cutBytes")} bytes cross)",
            var way => way,
        }).ToList();
        if (words.Count > 0)
            Console.WriteLine($"its device offers {string.Join(", ", words)}");
    }

    private static void Tell(JsonElement device)
    {
        var name = device.Text("device");
        if (device.Text("distrust") is { Length: > 0 } distrust)
        {
            Console.WriteLine(
                $"not believed: {name}, as {distrust}; its figures are of {Time(device, "measuredMicros")}");
        }

        if (device.IsTrue("down"))
            Console.WriteLine($"down: {name}, last heard {Time(device, "seenMicros")}");
    }

    private static string Money(JsonElement plan) => string.Create(
        CultureInfo.InvariantCulture,
        $"{plan.Number("costPerHour"):0.######} an hour, at most {PlanSheets.Percent(plan)} above the best there is");

    private static string Time(JsonElement row, string path) =>
        row.Long(path) is > 0 and var micros ? $"{TimeWords.Ago(micros, SheetWriter.Now())} ago" : "";

    private static int Write(Sheet sheet, IEnumerable<JsonElement> rows, bool wide = false)
    {
        Console.Out.Write(TableWriter.Text(sheet, [.. rows], wide, SheetWriter.Now()));
        return ExitCodes.Ok;
    }
}
