using System.CommandLine;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton view …</c>: what you saved of the dashboard's pages.</summary>
internal static class ViewCommand
{
    private const string Path = "api/v1/views";

    private static readonly Sheet s_rows = new(
        Sheet.By("name"),
        Column.Text("name", "name"),
        Column.Text("page", "page"),
        Column.Time("changed", "changedMicros"),
        Column.Text("content", "content").Wide);

    public static IEnumerable<Command> Verbs() => [List(), Show(), Save(), Delete()];

    private static Argument<string> Name()
    {
        var name = new Argument<string>("name") { Description = "Name of the view." };
        name.CompletionSources.Add(context => Completing.Names(context, Path, row => row.Text("name")));
        return name;
    }

    private static string PathOf(string? name) => $"{Path}/{HubVerb.Escape(name)}";

    private static Command List() => new ListVerb("List your saved views.", s_rows, Path)
    {
        Filters =
        [
            Filter.Text("--page", "page", "Of this page alone, such as fleet.", "page"),
            Filter.Sort("name", "changedMicros"),
        ],
        None = "no view is saved; the dashboard's fleet page saves them",
    }.Create();

    private static Command Show()
    {
        var name = Name();
        return ShowVerb.Create("Show one saved view.", [name], s_rows, parsed => PathOf(parsed.GetValue(name)));
    }

    private static Command Save()
    {
        var name = Name();
        var page = new Option<string>("--page")
            { Description = "The page that it is of.", DefaultValueFactory = _ => "fleet" };
        var content = new Option<string>("--content")
            { Description = "What the page needs, as 'lepton view show NAME -o json' has it.", Required = true };
        return ChangeVerb.Create("save", "Save a view under a name, in place of one that has it.",
            [name, page, content], call => Task.FromResult(new Change(
                HttpMethod.Put, PathOf(call.Parsed.GetValue(name)),
                new { page = call.Parsed.GetValue(page), content = call.Parsed.GetValue(content) }, "saved")));
    }

    private static Command Delete()
    {
        var name = Name();
        return ChangeVerb.Create("delete", "Delete a saved view.", [name], call => Task.FromResult(new Change(
            HttpMethod.Delete, PathOf(call.Parsed.GetValue(name)), Done: "the view is deleted")));
    }
}
