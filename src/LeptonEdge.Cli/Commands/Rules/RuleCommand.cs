using System.CommandLine;
using System.Text.Json;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton rule …</c>: when devices raise alarms.</summary>
internal static class RuleCommand
{
    private const string Path = "api/v1/rules";

    private static readonly Sheet s_rows = new(
        Sheet.By("device", "workload", "rule", "channel"),
        Column.Text("device", "device"),
        Column.Text("workload", "workload"),
        Column.Text("rule", "rule"),
        Column.Text("severity", "severity", AlarmCommand.Severity),
        Column.Text("condition", "condition"),
        Column.Of("source", Source),
        Column.Number("alarms", "alarms", "0"),
        Column.Flag("active", "active", "yes", "no"),
        Column.Time("last", "lastMicros"),
        Column.Text("site", "site").Wide,
        Column.Text("channel", "channel").Wide,
        Column.Text("of", "of").Wide,
        Column.Number("raise at", "raiseAt", "G6").Wide,
        Column.Number("clear below", "clearBelow", "G6").Wide,
        Column.Number("raise after", "raiseAfter", "0").Wide,
        Column.Number("clear after", "clearAfter", "0").Wide,
        Column.Text("message", "message").Wide);

    private static Cell Source(JsonElement row) => (row.IsTrue("pending"), row.Text("refused")) switch
    {
        (true, _) => new Cell($"{row.Text("source")}, not taken up yet", row.Text("source"), Tone.Warn),
        (_, { Length: > 0 } why) => new Cell($"refused: {why}", row.Text("source"), Tone.Bad),
        _ => row.Text("source"),
    };

    public static IEnumerable<Command> Verbs() => [List(), Show(), Set(), Reset()];

    private static Argument<string> Rule()
    {
        var rule = new Argument<string>("rule")
            { Description = "DEVICE/WORKLOAD/RULE as 'lepton rule list' has them; DEVICE/RULE where that is one." };
        rule.CompletionSources.Add(context => Completing.Names(context, Path, Name));
        return rule;
    }

    private static string Name(JsonElement row) => row.Text("workload").Length == 0
        ? "" : $"{row.Text("device")}/{row.Text("workload")}/{row.Text("rule")}";

    private static Command List() => new ListVerb("List the rules that devices raise alarms by.", s_rows, Path)
    {
        Filters =
        [
            Filter.Device(), Filter.Text("--site", "site", "Of devices of this site alone.", "site"),
            Filter.Sort("device", "site", "workload", "rule", "alarms", "lastMicros"),
        ],
        None = "no device has a rule",
    }.Create();

    private static Command Show()
    {
        var rule = Rule();
        return HubVerb.Create("show", "Show one rule, as its device holds it.", [rule], async call =>
        {
            var found = await call.Client.GetAsync(await PathAsync(call, rule), call.Cancellation);
            return ShowVerb.Write(call.Form, s_rows, found, found);
        });
    }

    private static Command Set()
    {
        var rule = Rule();
        var raise = new Option<double?>("--raise-at") { Description = "Values at or above it count towards raising." };
        var clear = new Option<double?>("--clear-below") { Description = "Values below it count towards clearing." };
        var after = new Option<int?>("--raise-after") { Description = "Values in a row that raise it, 1 to 10000." };
        var calm = new Option<int?>("--clear-after") { Description = "Values in a row that clear it, 1 to 10000." };
        var severity = new Option<string?>("--severity") { Description = "Of the alarms that it raises." };
        severity.AcceptOnlyFromAmong("info", "warning", "critical");
        return ChangeVerb.Create(
            "set", "Change figures or severity of a rule; what is left out stays. Restarts do not change it back.",
            [rule, raise, clear, after, calm, severity], async call =>
            {
                var parsed = call.Parsed;
                var body = new
                {
                    raiseAt = parsed.GetValue(raise), clearBelow = parsed.GetValue(clear),
                    raiseAfter = parsed.GetValue(after), clearAfter = parsed.GetValue(calm),
                    severity = parsed.GetValue(severity),
                };
                if (body is { raiseAt: null, clearBelow: null, raiseAfter: null, clearAfter: null, severity: null })
                {
                    throw HubException.Usage("give --raise-at, --clear-below, --raise-after, --clear-after or "
                        + "--severity: what shall be changed");
                }

                var path = await PathAsync(call, rule);
                var (_, tag) = await call.Client.GetTaggedAsync(path, call.Cancellation);
                return new Change(HttpMethod.Put, path, body) { IfMatch = tag };
            }, Told);
    }

    private static Command Reset()
    {
        var rule = Rule();
        return ChangeVerb.Create(
            "reset", "Leave a rule to its device's configuration again.", [rule],
            async call => new Change(HttpMethod.Delete, await PathAsync(call, rule)), Told);
    }

    private static int Told(JsonElement answer)
    {
        Console.WriteLine($"{Name(answer)}: " + (answer.IsTrue("pending")
            ? "changed; the device takes it up as soon as it hears of it" : answer.Text("condition")));
        return ExitCodes.Ok;
    }

    private static async Task<string> PathAsync(HubCall call, Argument<string> rule)
    {
        var text = call.Parsed.GetValue(rule)!;
        var parts = text.Split('/');
        if (parts.Length is < 2 or > 3 || Array.Exists(parts, part => part.Length == 0))
            throw HubException.Usage($"rule: '{text}' must be DEVICE/WORKLOAD/RULE; 'lepton rule list' has them");
        if (parts.Length == 2)
        {
            var listed = await Paging.ReadAsync(
                call.Client, $"{Path}?device={HubVerb.Escape(parts[0])}", int.MaxValue, call.Cancellation);
            var names = listed.Rows.Where(row => row.Text("rule") == parts[1]).Select(Name)
                .Where(name => name.Length > 0).Distinct().ToList();
            parts = names switch
            {
                [var only] => only.Split('/'),
                [] => throw new HubException(
                    $"rule: {parts[0]} has no rule '{parts[1]}'; 'lepton rule list' has them", ExitCodes.NotFound),
                _ => throw HubException.Usage($"rule: write one of {string.Join(", ", names)}"),
            };
        }

        return $"api/v1/devices/{HubVerb.Escape(parts[0])}/workloads/{HubVerb.Escape(parts[1])}/rules/"
            + HubVerb.Escape(parts[2]);
    }
}
