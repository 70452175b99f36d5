using System.CommandLine;
using System.Text.Json;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary>Prints one resource: for reading all that is known of it, and in a sheet's columns for CSV and
/// wide.</summary>
internal static class ShowVerb
{
    public static Command Create(
        string description, Argument[] arguments, Sheet sheet, Func<ParseResult, string> path, string name = "show") =>
        HubVerb.Create(name, description, arguments, async call =>
        {
            var found = await call.Client.GetAsync(path(call.Parsed), call.Cancellation);
            return Write(call.Form, sheet, found, found);
        });

    /// <param name="row">What the sheet's columns read.</param>
    public static int Write(OutputForm form, Sheet sheet, JsonElement whole, JsonElement row) =>
        form == OutputForm.Table ? Print.Tree(whole) : SheetWriter.Write(form, sheet, whole, [row]);
}
