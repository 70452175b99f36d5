using System.CommandLine;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton settings</c>: what the hub was told, and what it limits.</summary>
internal static class SettingsCommand
{
    private static readonly Sheet s_rows = new(
        Sheet.By("tenant"),
        Column.Text("tenant", "tenant"),
        Column.Text("version", "version"),
        Column.Text("https", "https"),
        Column.Text("mqtt", "mqtt"),
        Column.Text("http", "http"),
        Column.Number("workers", "workers", "0").Wide,
        Column.Number("queue", "queueMax", "0").Wide,
        Column.Text("broker", "broker").Wide,
        Column.Text("upstreams", "upstreams").Wide,
        Column.Number("devices at most", "devicesMax", "0").Wide,
        Column.Number("streams at most", "liveClientsMax", "0").Wide);

    public static void Fill(Command command) => HubVerb.On(command, async call =>
    {
        var settings = await call.Client.GetAsync("api/v1/settings", call.Cancellation);
        return ShowVerb.Write(call.Form, s_rows, settings, settings);
    });
}
