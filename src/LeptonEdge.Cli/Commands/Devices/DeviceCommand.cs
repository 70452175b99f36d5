using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton device …</c>: the fleet as the hub knows it.</summary>
internal static class DeviceCommand
{
    private const string Path = "api/v1/devices";

    public static IEnumerable<Command> Verbs() =>
    [
        List(), Show(), Wait(), DeviceNoteCommand.Tag(), DeviceNoteCommand.Untag(), DeviceNoteCommand.Note(),
        DeviceNoteCommand.Place(), DeviceLogsCommand.Create(), Load(),
    ];

    public static Argument<string> Device(string description = "Name of the device.")
    {
        var argument = new Argument<string>("device") { Description = description };
        argument.CompletionSources.Add(Completing.Devices);
        return argument;
    }

    public static string PathOf(string? device) => $"{Path}/{HubVerb.Escape(device)}";

    private static Command List() => new ListVerb("List devices, and how they are.", DeviceSheet.Rows, Path)
    {
        Filters =
        [
            Filter.Text("--site", "site", "Of this site alone.", "site"),
            Filter.Text("--board", "board", "On this board alone.", "board"),
            Filter.Text("--version", "agentVersion", "With this version of the agent alone.", "agentVersion"),
            Filter.Text("--tag", "tag", "With this tag alone."),
            Filter.Text("--text", "text", "With this in name, site, board, tags or note."),
            Filter.Flag("--online", "online", "true", "Those alone that reported lately.", "online"),
            Filter.Flag("--offline", "online", "false", "Those alone that did not.", "online"),
            Filter.Sort(
                "device", "site", "board", "agentVersion", "lastSeenMicros", "cpuLoad", "laneUtilisation",
                "hubRttSeconds", "memoryUsedBytes", "channels", "workloads", "backlogRecords", "startedMicros"),
        ],
        None = "no device has reported to this hub; 'lepton hub issue' makes the certificate of one",
    }.Create();

    private static Command Show()
    {
        var device = Device();
        return HubVerb.Create("show", "Show all that the hub knows of one device.", [device], async call =>
        {
            var found = await call.Client.GetAsync(PathOf(call.Parsed.GetValue(device)), call.Cancellation);
            return ShowVerb.Write(call.Form, DeviceSheet.Rows, found, Summary(found));
        });
    }

    private static JsonElement Summary(JsonElement found) =>
        found.At("summary") is { ValueKind: JsonValueKind.Object } summary ? summary : found;

    private static Command Wait()
    {
        var device = Device();
        return WaitVerb.Create(
            "Wait until a device is as it should be.",
            "online, offline, place=hub (or local, peer: every workload of it runs there), alarms=0", "online",
            "devices,alarms,plan", [device],
            async (call, condition) =>
            {
                var name = call.Parsed.GetValue(device)!;
                var found = default(JsonElement);
                try
                {
                    found = await call.Client.GetAsync(PathOf(name), call.Cancellation);
                }
                catch (HubException fault) when (fault.Status == ExitCodes.NotFound && condition == "online")
                {
                    // It may report for the first time.
                    return new WaitLook(Waiting.NotYet, fault.Message);
                }

                return Look(name, found, condition);
            });
    }

    private static WaitLook Look(string name, JsonElement found, string condition)
    {
        var summary = Summary(found);
        var status = DeviceSheet.Status(summary).Text;
        var parts = condition.Split('=', 2);
        switch (parts[0])
        {
            case "online" or "offline" when parts.Length == 1:
                return Of(status.StartsWith(condition, StringComparison.Ordinal), $"{name} is {status}");
            case "place" when parts is [_, { Length: > 0 } place]:
                var places = found.Items("workloads").Select(workload => workload.Text("place")).ToList();
                return Of(
                    places.Count > 0 && places.TrueForAll(at => at == place),
                    places.Count == 0 ? $"{name} has no workload" : $"{name} runs on {string.Join(", ", places)}");
            case "alarms" when parts.Length == 2 && int.TryParse(parts[1], out var count):
                var active = (int)(summary.Number("activeAlarms") ?? 0);
                return Of(active == count, $"{name} has {active} active alarms");
            default:
                throw HubException.Usage(
                    $"--for: '{condition}' is none of online, offline, place=local|peer|hub, alarms=NUMBER");
        }

        static WaitLook Of(bool met, string now) => new(met ? Waiting.Met : Waiting.NotYet, now);
    }

    private static Command Load()
    {
        var device = Device();
        var share = new Option<double>("--utilisation")
        {
            Description = "Share of the inference lane's time to take, 0 to 0.98.",
            DefaultValueFactory = _ => 0.9,
        };
        var length = new Option<double>("--seconds")
            { Description = "How long; 0 ends a running drill.", DefaultValueFactory = _ => 15 };
        return ChangeVerb.Create(
            "load", "Rehearse an overload: fill a device's inference lane with real inferences.",
            [device, share, length], call =>
            {
                var (name, seconds) = (call.Parsed.GetValue(device), call.Parsed.GetValue(length));
                return Task.FromResult(new Change(
                    HttpMethod.Post, $"{PathOf(name)}/commands/load-drill",
                    new { utilisation = call.Parsed.GetValue(share), rampSeconds = seconds / 3, seconds },
                    seconds == 0 ? $"{name} was told to end its drill" : $"{name} was told to rehearse an overload"));
            });
    }
}
