using System.CommandLine;
using System.Globalization;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary>What operators say of alarms: of those that they name, or of all that a filter finds.</summary>
internal static class AlarmBulk
{
    private const string Path = "api/v1/alarms";

    // What the hub takes at once.
    private const int BlockMax = 1000;

    public static Command Acknowledge() => Create(
        "acknowledge", "Say that you have seen alarms.", "acknowledge", [],
        (_, ids) => new { ids, action = "acknowledge" });

    public static Command Unacknowledge() => Create(
        "unacknowledge", "Take back that alarms were seen.", "take back that somebody has seen", [],
        (_, ids) => new { ids, action = "unacknowledge" });

    public static Command Assign()
    {
        var to = new Option<string>("--to") { Description = "Who takes care; empty for nobody.", Required = true };
        return Create("assign", "Say who takes care of alarms.", "assign", [to], (parsed, ids) =>
            new { ids, action = "assign", assignee = parsed.GetValue(to) });
    }

    private static Command Create(
        string action, string description, string question, Symbol[] more, Func<ParseResult, long[], object> body)
    {
        var ids = new Argument<long[]>("alarms")
            { Description = "Numbers of alarms; or --where finds them.", Arity = ArgumentArity.ZeroOrMore };
        ids.CompletionSources.Add(context => Completing.Names(context, Path, row => row.Text("id")));
        var where = new Where("alarms", ("device", "device"), ("site", "site"), ("rule", "rule"),
            ("channel", "channel"), ("severity", "severity"), ("state", "state"), ("assignee", "assignee"),
            ("text", "text"));
        var dry = ChangeVerb.DryRunOption();
        return HubVerb.Create(action, description, [ids, .. more, .. where.All, dry], async call =>
        {
            var named = call.Parsed.GetValue(ids) ?? [];
            var asked = where.Read(call.Parsed, named.Length > 0);
            if (asked is not null)
                named = await FindAsync(call, asked);
            Change Of(long[] some) => new(HttpMethod.Post, $"{Path}/bulk", body(call.Parsed, some));
            if (call.Parsed.GetValue(dry))
                return ChangeVerb.DryRun(call, Of(named));
            if (asked is not null)
                where.Confirm(call.Parsed, question, named.Length);
            return await Bulks.SendAsync(call, [.. named.Chunk(BlockMax).Select(Of)]);
        });
    }

    private static async Task<long[]> FindAsync(HubCall call, Dictionary<string, string> asked)
    {
        var found = await Paging.ReadAsync(
            call.Client, Path + Bulks.QueryOf(asked), int.MaxValue, call.Cancellation);
        return [.. found.Rows.Select(row => long.Parse(row.Text("id"), CultureInfo.InvariantCulture))];
    }
}
