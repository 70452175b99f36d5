using System.CommandLine;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary>Models that the hub serves and devices run.</summary>
internal static class ModelListCommand
{
    private const string Path = "api/v1/models";

    private static readonly Sheet s_rows = new(
        Sheet.By("model"),
        Column.Text("model", "model"),
        Column.Text("task", "task"),
        Column.Flag("on hub", "onHub", "yes", "no"),
        Column.Number("devices", "devices", "0"),
        Column.Bytes("size", "bytes"),
        Column.Seconds("mean", "meanSeconds").Passing,
        Column.Seconds("p99", "p99Seconds").Passing,
        Column.Bytes("memory", "memoryBytes"),
        Column.Text("licence", "licence").Wide,
        Column.Text("classes", "classes").Wide,
        Column.Text("not served, as", "reason").Wide,
        Column.Text("description", "description").Wide);

    public static Command List() => new ListVerb(
        "List models that the hub serves or devices run.", s_rows, Path)
        { Filters = [Filter.Sort("model", "devices", "p99Seconds")] }.Create();

    public static Command Show()
    {
        var model = new Argument<string>("model") { Description = "NAME/VERSION." };
        model.CompletionSources.Add(context => Completing.Names(context, Path, row => row.Text("model")));
        return ShowVerb.Create(
            "Show one version of a model, and where it runs.", [model], s_rows, parsed =>
                parsed.GetValue(model)!.Split('/') is [{ Length: > 0 } name, { Length: > 0 } version]
                    ? $"{Path}/{HubVerb.Escape(name)}/{HubVerb.Escape(version)}"
                    : throw HubException.Usage($"model: '{parsed.GetValue(model)}' must be NAME/VERSION"));
    }
}
