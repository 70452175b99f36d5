using System.CommandLine;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton session …</c>: who is signed in with a browser.</summary>
internal static class SessionCommand
{
    private const string Path = "api/v1/sessions";

    private static readonly Sheet s_rows = new(
        Sheet.By("id"),
        Column.Text("session", "id") with { Name = "id" },
        Column.Text("account", "account"),
        Column.Text("address", "address"),
        Column.Time("begun", "createdMicros"),
        Column.Time("used", "seenMicros").Passing,
        Column.Time("ends", "expiresMicros").Passing,
        Column.Text("browser", "agent").Wide,
        Column.Flag("this one", "current", "yes", "").Wide);

    public static IEnumerable<Command> Verbs() => [List(), End()];

    private static Command List() => new ListVerb("List the dashboard's sessions, newest first.", s_rows, Path)
    {
        Filters = [Filter.Text("--account", "account", "Of this account; * for all. Your own, unless given.")],
        None = "nobody is signed in",
    }.Create();

    private static Command End()
    {
        var id = new Argument<long>("id") { Description = "Number of the session." };
        id.CompletionSources.Add(context => Completing.Names(context, Path, row => row.Text("id")));
        return ChangeVerb.Create("end", "Sign a browser out, at once.", [id], call => Task.FromResult(new Change(
            HttpMethod.Delete, $"{Path}/{call.Parsed.GetValue(id)}", Done: "the session has ended")));
    }
}
