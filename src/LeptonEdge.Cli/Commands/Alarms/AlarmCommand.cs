using System.CommandLine;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton alarm …</c></summary>
internal static class AlarmCommand
{
    private const string Path = "api/v1/alarms";

    private static readonly Sheet s_rows = new(
        Sheet.By("id"),
        Column.Text("alarm", "id") with { Name = "id" },
        Column.Text("device", "device"),
        Column.Text("rule", "rule"),
        Column.Text("severity", "severity", Severity),
        Column.Text("state", "state"),
        Column.Of("seen", row => row.IsTrue("acknowledged")
            ? new Cell(row.Text("acknowledgedBy"), "true") : new Cell("no", "false")),
        Column.Text("assignee", "assignee"),
        Column.Time("since", "raisedMicros"),
        Column.Number("value", "value", "G5"),
        Column.Text("site", "site").Wide,
        Column.Text("channel", "channel").Wide,
        Column.Number("times", "raised", "0").Wide,
        Column.Time("cleared", "clearedMicros").Wide,
        Column.Number("comments", "comments", "0").Wide,
        Column.Text("message", "message"));

    private static readonly Sheet s_comments = new(
        Sheet.By("id"),
        Column.Time("when", "timeMicros"), Column.Text("who", "author"), Column.Text("said", "text"));

    public static IEnumerable<Command> Verbs() =>
    [
        List(), Show(), AlarmWait.Create(), AlarmBulk.Acknowledge(), AlarmBulk.Unacknowledge(), AlarmBulk.Assign(),
        Comment(), Comments(),
    ];

    public static Tone Severity(string severity) => severity switch
    {
        "critical" => Tone.Bad,
        "warning" => Tone.Warn,
        _ => Tone.None,
    };

    private static Command List() => new ListVerb("List alarms, the newest first.", s_rows, Path)
    {
        Filters =
        [
            Filter.OneOf("--state", "state", "Those that stand, that are cleared, or all.", "active", "active",
                "cleared", "all"),
            Filter.Device(),
            Filter.Text("--site", "site", "Of devices of this site alone.", "site"),
            Filter.Text("--rule", "rule", "Of this rule alone.", "rule"),
            Filter.Text("--channel", "channel", "Of this channel alone.", "channel"),
            Filter.OneOf("--severity", "severity", "This bad, or worse.", null, "info", "warning", "critical"),
            Filter.Flag("--seen", "acknowledged", "true", "Those that somebody acknowledged.", "acknowledged"),
            Filter.Flag("--unseen", "acknowledged", "false", "Those that nobody did.", "acknowledged"),
            Filter.Text("--assignee", "assignee", "Those that this person takes care of; empty: nobody."),
            Filter.Text("--text", "text", "With this in rule, channel or message."),
            Filter.Time("--from", "from", "Raised from then on"), Filter.Time("--to", "to", "Raised before"),
            Filter.Sort("raisedMicros", "changedMicros", "severity", "device"),
        ],
        Limit = 100,
        None = "no such alarm",
    }.Create();

    private static Argument<long> Id()
    {
        var id = new Argument<long>("alarm") { Description = "Number of the alarm." };
        id.CompletionSources.Add(context => Completing.Names(context, Path, row => row.Text("id")));
        return id;
    }

    private static Command Show()
    {
        var id = Id();
        return ShowVerb.Create("Show one alarm.", [id], s_rows, parsed => $"{Path}/{parsed.GetValue(id)}");
    }

    private static Command Comment()
    {
        var id = Id();
        var text = new Argument<string>("text") { Description = "What to say." };
        return ChangeVerb.Create("comment", "Say something about an alarm.", [id, text], call => Task.FromResult(
            new Change(
                HttpMethod.Post, $"{Path}/{call.Parsed.GetValue(id)}/comments",
                new { text = call.Parsed.GetValue(text) }, "said")));
    }

    private static Command Comments()
    {
        var id = Id();
        return new ListVerb("Show what was said about an alarm, oldest first.", s_comments, "")
        {
            Name = "comments", Arguments = [id], PathOf = parsed => $"{Path}/{parsed.GetValue(id)}/comments",
        }.Create();
    }
}
