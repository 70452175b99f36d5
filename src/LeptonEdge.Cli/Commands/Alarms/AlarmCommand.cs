using System.CommandLine;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton alarm …</c></summary>
internal static class AlarmCommand
{
    private const string Path = "api/v1/alarms";

    private static readonly Sheet s_rows = new(
        Sheet.By("device", "rule", "channel", "timeMicros"),
        Column.Text("device", "device"),
        Column.Text("rule", "rule"),
        Column.Text("channel", "channel"),
        Column.Text("severity", "severity", Severity),
        Column.Text("state", "transition"),
        Column.Time("since", "timeMicros"),
        Column.Number("value", "value", "G5"),
        Column.Text("message", "message"));

    public static IEnumerable<Command> Verbs() => [List(), Wait()];

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
            Filter.OneOf(
                "--state", "state", "active: those raised now; all: what was raised and cleared.", "active", "active",
                "all"),
            Filter.Device(),
        ],
        Limit = 100,
        None = "no alarm is active",
    }.Create();

    private static Command Wait()
    {
        var (device, rule) = (Filter.Device(), Filter.Text("--rule", "", "Of this rule alone."));
        return WaitVerb.Create(
            "Wait until an alarm is raised, or none is.", "raised, cleared (none is raised any more)", "raised",
            [device.Option, rule.Option], async (call, condition) =>
            {
                if (condition is not ("raised" or "cleared"))
                    throw HubException.Usage($"--for: '{condition}' is neither raised nor cleared");
                var path = Path + Filter.QueryOf([device], call.Parsed);
                var listed = await Paging.ReadAsync(call.Client, path, 1000, call.Cancellation);
                var only = rule.Read(call.Parsed);
                var found = listed.Rows.Where(row => only is null || row.Text("rule") == only).ToList();
                var now = found.Count == 0 ? "no alarm is raised" : string.Join("; ", found.Take(3).Select(row =>
                    $"{row.Text("device")}: {row.Text("rule")}: {TextWidth.OneLine(row.Text("message"))}"));
                return new WaitLook(found.Count > 0 == (condition == "raised") ? Waiting.Met : Waiting.NotYet, now);
            });
    }
}
