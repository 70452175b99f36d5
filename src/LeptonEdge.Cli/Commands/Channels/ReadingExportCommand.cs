using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton reading export</c>: readings as they were measured, however many.</summary>
internal static class ReadingExportCommand
{
    // How the hub says where to go on.
    private const string CsvNext = "# next from=";

    public static Command Create()
    {
        var (device, channel) = (DeviceCommand.Device(), ChannelCommand.Channel());
        var (from, to) = (Filter.Time("--from", "from", "From when on"), Filter.Time("--to", "to", "Until when"));
        var part = new Option<int>("--part")
            { Description = "Readings in one answer of the hub.", DefaultValueFactory = _ => 1_000_000 };
        return HubVerb.Create(
            "export",
            "Write a channel's readings as they were measured, oldest first: csv (also for -o table), or json, a line "
            + "for each. The last hour, unless --from says otherwise.",
            [device, channel, from.Option, to.Option, part], call =>
            {
                if (call.Form == OutputForm.Yaml)
                    throw HubException.Usage("--output: readings are exported as csv or json");
                var path = $"{DeviceCommand.PathOf(call.Parsed.GetValue(device))}/channels/"
                    + $"{HubVerb.Escape(call.Parsed.GetValue(channel))}/readings/export";
                path += $"?format={(call.Form == OutputForm.Json ? "jsonl" : "csv")}&rows={call.Parsed.GetValue(part)}";
                return WriteAsync(call, path, from.Read(call.Parsed), to.Read(call.Parsed));
            });
    }

    private static Task<int> WriteAsync(HubCall call, string path, string? from, string? to) =>
        ProgressBar.RunAsync(async tell =>
        {
            var json = call.Form == OutputForm.Json;
            var last = to is null ? SheetWriter.Now() : long.Parse(to, CultureInfo.InvariantCulture);
            var rows = 0L;
            await using var output = new StreamWriter(Console.OpenStandardOutput(), bufferSize: 1 << 16);
            for (var at = from; ; from ??= at)
            {
                string? next = null;
                var query = (at is null ? "" : $"&from={at}") + (to is null ? "" : $"&to={to}");
                var heading = !json;
                await foreach (var line in call.Client.ReadLinesAsync(path + query, call.Cancellation))
                {
                    next = Next(line, json);
                    // One heading, however many parts it comes in.
                    if (next is null && (!heading || rows == 0))
                        await output.WriteAsync(json ? line + "\n" : line + "\r\n");
                    rows += heading ? 0 : 1;
                    heading = false;
                }

                if (next is null)
                    return ExitCodes.Ok;
                at = next;
                tell($"{rows} readings", Share(from, at, last));
            }
        });

    private static string? Next(string line, bool json)
    {
        if (!json)
            return line.StartsWith(CsvNext, StringComparison.Ordinal) ? line[CsvNext.Length..] : null;
        if (!line.StartsWith("{\"next\"", StringComparison.Ordinal))
            return null;
        using var said = JsonDocument.Parse(line);
        return said.RootElement.Text("next");
    }

    private static double Share(string? from, string at, long last)
    {
        var first = long.Parse(from ?? at, CultureInfo.InvariantCulture);
        var now = long.Parse(at, CultureInfo.InvariantCulture);
        return last > first ? Math.Clamp((double)(now - first) / (last - first), 0, 1) : 0;
    }
}
