using System.CommandLine;
using System.Text.Json;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary>What people say of devices: tags and a note.</summary>
internal static class DeviceNoteCommand
{
    private const string Bulk = "api/v1/devices/bulk";

    public static Command Tag() => Tagging("tag", "Give devices a tag.");

    public static Command Untag() => Tagging("untag", "Take a tag from devices.");

    public static Command Note()
    {
        var device = DeviceCommand.Device();
        var text = new Argument<string>("text") { Description = "What people should know; empty takes the note away." };
        return ChangeVerb.Create("note", "Write a note about a device.", [device, text], call =>
            Task.FromResult(new Change(
                HttpMethod.Patch, DeviceCommand.PathOf(call.Parsed.GetValue(device)),
                new { note = call.Parsed.GetValue(text) })), answer => Say($"{answer.Text("device")}: noted"));
    }

    private static Command Tagging(string action, string description)
    {
        var tag = new Argument<string>("tag") { Description = "The tag." };
        var devices = new Argument<string[]>("devices")
            { Description = "Names of devices.", Arity = ArgumentArity.OneOrMore };
        devices.CompletionSources.Add(Completing.Devices);
        return ChangeVerb.Create(action, description, [tag, devices], call => Task.FromResult(new Change(
            HttpMethod.Post, Bulk, new
            {
                action, devices = call.Parsed.GetValue(devices), tag = call.Parsed.GetValue(tag),
            })), Bulks.SendAsync);
    }

    private static int Say(string text)
    {
        Console.WriteLine(text);
        return ExitCodes.Ok;
    }
}

/// <summary>Changes of many: each tells what became of it.</summary>
internal static class Bulks
{
    private static readonly Sheet s_rows = new(
        Sheet.By("target"),
        Column.Text("name", "target"), Column.Flag("done", "ok", "yes", "no"), Column.Text("why not", "detail"));

    /// <returns>Not 0 where any of them failed.</returns>
    public static async Task<int> SendAsync(HubCall call, Change change)
    {
        var answer = await ChangeVerb.SendAsync(call.Client, change, call.Cancellation);
        SheetWriter.Write(call.Form, s_rows, answer, [.. answer.Items("results")]);
        return answer.Long("failed") > 0 ? ExitCodes.Failed : ExitCodes.Ok;
    }
}
