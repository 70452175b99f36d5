using System.CommandLine;
using System.Text.Json;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary>What people say of devices: tags and a note.</summary>
internal static class DeviceNoteCommand
{
    private const string Bulk = "api/v1/devices/bulk";

    public static Command Tag() => Tagging("tag", "Give devices a tag.", "give the tag to");

    public static Command Untag() => Tagging("untag", "Take a tag from devices.", "take the tag from");

    public static Command Place()
    {
        var device = DeviceCommand.Device();
        var x = new Argument<double>("x") { Description = "From the left edge of the floor plan, 0 to 1." };
        var y = new Argument<double>("y") { Description = "From its top edge, 0 to 1." };
        return ChangeVerb.Create("place", "Say where on its site's floor plan a device is.", [device, x, y], call =>
            Task.FromResult(new Change(
                HttpMethod.Patch, DeviceCommand.PathOf(call.Parsed.GetValue(device)),
                new { position = new { x = call.Parsed.GetValue(x), y = call.Parsed.GetValue(y) } })),
            answer => Say($"{answer.Text("device")}: placed"));
    }

    public static Command Note()
    {
        var device = DeviceCommand.Device();
        var text = new Argument<string>("text") { Description = "What people should know; empty takes the note away." };
        return ChangeVerb.Create("note", "Write a note about a device.", [device, text], call =>
            Task.FromResult(new Change(
                HttpMethod.Patch, DeviceCommand.PathOf(call.Parsed.GetValue(device)),
                new { note = call.Parsed.GetValue(text) })), answer => Say($"{answer.Text("device")}: noted"));
    }

    private static Command Tagging(string action, string description, string question)
    {
        var tag = new Argument<string>("tag") { Description = "The tag." };
        var devices = new Argument<string[]>("devices")
            { Description = "Names of devices; or --where finds them.", Arity = ArgumentArity.ZeroOrMore };
        devices.CompletionSources.Add(Completing.Devices);
        var where = new Where("devices", ("site", "site"), ("board", "board"), ("version", "agentVersion"),
            ("tag", "tag"), ("text", "text"), ("online", "online"));
        Change Of(HubCall call, IReadOnlyList<string>? names) => new(
            HttpMethod.Post, Bulk, new { action, devices = names, tag = call.Parsed.GetValue(tag) });
        return ChangeVerb.Create(action, description, [tag, devices, .. where.All], async call =>
        {
            var named = call.Parsed.GetValue(devices) ?? [];
            return where.Read(call.Parsed, named.Length > 0) is { } asked
                ? Of(call, await FindAsync(call, asked)) : Of(call, named);
        }, (call, change) =>
        {
            if (call.Parsed.GetValue(devices) is not { Length: > 0 })
                where.Confirm(call.Parsed, question, Count(change));
            return Bulks.SendAsync(call, change);
        });
    }

    private static int Count(Change change) =>
        JsonSerializer.SerializeToElement(change.Body).Items("devices").Count();

    private static async Task<IReadOnlyList<string>> FindAsync(HubCall call, Dictionary<string, string> asked)
    {
        if (asked.TryGetValue("online", out var online) && online is not ("true" or "false"))
            throw HubException.Usage($"--where: online is true or false, not '{online}'");
        var found = await Paging.ReadAsync(
            call.Client, "api/v1/devices" + Bulks.QueryOf(asked), int.MaxValue, call.Cancellation);
        return [.. found.Rows.Select(row => row.Text("device"))];
    }

    private static int Say(string text)
    {
        Console.WriteLine(text);
        return ExitCodes.Ok;
    }
}
