using System.CommandLine;
using System.Globalization;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton reading …</c>: what the store holds of a channel.</summary>
internal static class ReadingCommand
{
    private static readonly Sheet s_points = new(
        Sheet.By("timeMicros"),
        new Column("time", "time", (row, _) => row.Long("timeMicros") is { } micros
            ? TimeWords.Iso(micros) : ""),
        Column.Number("min", "min", "G6"),
        Column.Number("mean", "mean", "G6"),
        Column.Number("max", "max", "G6"),
        Column.Number("last", "last", "G6"),
        Column.Number("count", "count", "0"));

    private static readonly Sheet s_latest = new(
        Sheet.By("device", "channel"),
        Column.Text("device", "device"),
        Column.Text("channel", "channel"),
        Column.Time("when", "timeMicros"),
        Column.Number("value", "value", "G6"));

    public static IEnumerable<Command> Verbs() => [List(), Latest(), ReadingExportCommand.Create()];

    private static Command Latest()
    {
        var channels = new Argument<string[]>("channels")
            { Description = "DEVICE/CHANNEL, 1 to 200 of them.", Arity = ArgumentArity.OneOrMore };
        return HubVerb.Create("latest", "Show the newest reading of some channels.", [channels], async call =>
        {
            var query = string.Join('&', call.Parsed.GetValue(channels)!.Select(name =>
                $"channel={HubVerb.Escape(name)}"));
            var found = await call.Client.GetAsync($"api/v1/readings/latest?{query}", call.Cancellation);
            return SheetWriter.Write(call.Form, s_latest, found, [.. found.Items("items")]);
        });
    }

    private static Command List()
    {
        var (device, channel) = (DeviceCommand.Device(), ChannelCommand.Channel());
        var points = new Option<int>("--points")
            { Description = "At most so many; more readings are summed up.", DefaultValueFactory = _ => 100 };
        Filter[] filters =
        [
            Filter.Time("--from", "from", "From when on"), Filter.Time("--to", "to", "Until when"),
            new Filter(points, "points", parsed => parsed.GetValue(points).ToString(CultureInfo.InvariantCulture)),
        ];
        return HubVerb.Create(
            "list", "Show a channel's readings between two times, down-sampled: least, mean, most and last.",
            [device, channel, .. filters.Select(filter => filter.Option)], async call =>
            {
                var path = $"{DeviceCommand.PathOf(call.Parsed.GetValue(device))}/channels/"
                    + $"{HubVerb.Escape(call.Parsed.GetValue(channel))}/readings{Filter.QueryOf(filters, call.Parsed)}";
                var found = await call.Client.GetAsync(path, call.Cancellation);
                return SheetWriter.Write(
                    call.Form, s_points, found, [.. found.Items("points")], "the store has no reading in this range");
            });
    }
}
