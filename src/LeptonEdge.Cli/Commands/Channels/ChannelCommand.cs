using System.CommandLine;
using System.Text.Json;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton channel …</c>: what devices sense.</summary>
internal static class ChannelCommand
{
    private static readonly Sheet s_live = new(
        Sheet.By("device", "channel", "workload"),
        Column.Text("device", "device"),
        Column.Text("channel", "channel"),
        Column.Of("status", DeviceSheet.Status),
        Column.Text("source", "source"),
        Column.Text("unit", "unit"),
        Column.Number("readings/s", "readingsPerSecond", "0.#").Passing,
        Column.Text("workload", "workload"),
        Column.Number("inferences/s", "inferencesPerSecond", "0.0").Passing,
        Column.Text("runs on", "place"),
        Column.Number("alarms", "activeAlarms", "0"),
        Column.Text("upload", "upload").Wide,
        Column.Flag("simulated", "simulated", "yes", "no").Wide,
        Column.Text("model", "model").Wide,
        Column.Number("readings", "readings", "0").Wide.Passing,
        Column.Number("invalid", "invalid", "0").Wide,
        Column.Number("backlog", "backlogRecords", "0").Wide.Passing,
        Column.Time("seen", "lastSeenMicros").Wide.Passing);

    private static readonly Sheet s_stored = new(
        Sheet.By("channel"),
        Column.Text("channel", "channel"),
        Column.Number("readings", "readings", "0").Passing,
        Column.Time("first", "firstMicros"),
        Column.Time("last", "lastMicros").Passing);

    private const string Summary = "api/v1/summary";

    public static IEnumerable<Command> Verbs() => [List(), Stored()];

    public static Argument<string> Channel() => new("channel") { Description = "Name of the channel." };

    private static Command List()
    {
        var device = Filter.Device();
        var watch = new WatchOptions();
        return HubVerb.Create(
            "list", "List what devices sense now: each channel of each device, its rates, where its workload runs.",
            [device.Option, .. watch.All], async call =>
            {
                async Task<Listed> ReadAsync()
                {
                    var summary = await call.Client.GetAsync(Summary, call.Cancellation);
                    var only = device.Read(call.Parsed);
                    return new Listed(
                        summary, [.. summary.Items("rows").Where(row => only is null || row.Text("device") == only)]);
                }

                if (watch.IsAsked(call.Parsed))
                    return await Watching.RunAsync(call, s_live, Summary, watch.Every(call.Parsed), ReadAsync);
                var listed = await ReadAsync();
                return SheetWriter.Write(call.Form, s_live, listed.Whole, listed.Rows);
            });
    }

    private static Command Stored()
    {
        var device = DeviceCommand.Device();
        return new ListVerb("List the channels that the hub's store has readings of.", s_stored, "")
        {
            Name = "stored",
            Arguments = [device],
            PathOf = parsed => $"{DeviceCommand.PathOf(parsed.GetValue(device))}/channels",
        }.Create();
    }
}
