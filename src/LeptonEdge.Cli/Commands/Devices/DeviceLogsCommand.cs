using System.CommandLine;
using System.Text.Json;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton device logs</c>: what a device's agent wrote lately, and what it writes.</summary>
internal static class DeviceLogsCommand
{
    // The hub asks the device, and waits for it.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(1);

    // A hub that starts again reads its store first.
    private static readonly TimeSpan s_awayMax = TimeSpan.FromMinutes(2);

    private static readonly Sheet s_rows = new(
        Sheet.By("timeMicros"),
        Column.Time("time", "timeMicros"), Column.Text("level", "level", ToneOf), Column.Text("category", "category"),
        Column.Text("message", "message"), Column.Text("exception", "exception").Wide);

    public static Command Create()
    {
        var device = DeviceCommand.Device();
        var follow = new Option<bool>("--follow", "-f") { Description = "Stay, and print new lines as they come." };
        var lines = new Option<int>("--lines", "-n")
            { Description = "How many of the newest lines, 1 to 1000.", DefaultValueFactory = _ => 200 };
        var level = new Option<string>("--level")
            { Description = "Lines of this level and worse.", DefaultValueFactory = _ => "information" };
        level.AcceptOnlyFromAmong("trace", "debug", "information", "warning", "error", "critical");
        return HubVerb.Create(
            "logs", "Print the newest lines of a device's log, as the device has them now.",
            [device, follow, lines, level], async call =>
            {
                var path = $"{DeviceCommand.PathOf(call.Parsed.GetValue(device))}/logs";
                var asked = $"level={call.Parsed.GetValue(level)}";
                var page = await call.Client.GetAsync(
                    $"{path}?lines={call.Parsed.GetValue(lines)}&{asked}", call.Cancellation);
                if (!call.Parsed.GetValue(follow))
                    return Write(call.Form, page);
                foreach (var line in page.Items("items"))
                    Append(call.Form, line);
                return await FollowAsync(call, $"{path}/follow?{asked}");
            }, s_patience);
    }

    private static async Task<int> FollowAsync(HubCall call, string path)
    {
        var clock = TimeProvider.System;
        var heard = clock.GetTimestamp();
        while (true)
        {
            string why;
            try
            {
                await foreach (var line in call.Client.ReadLinesAsync(path, call.Cancellation))
                {
                    heard = clock.GetTimestamp();
                    if (line.StartsWith("data:", StringComparison.Ordinal))
                        Append(call.Form, Parse(line[5..]));
                }

                why = "the hub ended the stream";
            }
            catch (HubException fault) when (fault.IsAway && clock.GetElapsedTime(heard) < s_awayMax)
            {
                why = fault.Message;
            }
            catch (HttpIOException fault)
            {
                why = fault.Message;
            }

            await Console.Error.WriteLineAsync($"lepton: {why}; trying again");
            await Task.Delay(s_again, call.Cancellation);
        }
    }

    private static JsonElement Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            throw new HubException("the hub's stream cannot be read: is this lepton as new as its hub?");
        }
    }

    private static int Write(OutputForm form, JsonElement page)
    {
        if (form != OutputForm.Table)
            return SheetWriter.Write(form, s_rows, page, [.. page.Items("items")]);
        foreach (var line in page.Items("items"))
            Append(form, line);
        return ExitCodes.Ok;
    }

    private static void Append(OutputForm form, JsonElement line) => Console.Out.Write(form switch
    {
        OutputForm.Json => JsonSerializer.Serialize(line) + "\n",
        OutputForm.Yaml => "---\n" + YamlWriter.Text(line),
        OutputForm.Csv => CsvWriter.Text(s_rows, [line], SheetWriter.Now(), heading: false),
        _ => Text(line),
    });

    // As logs are read: no columns that are cut.
    private static string Text(JsonElement line)
    {
        var level = line.Text("level");
        var painted = Terminal.HasColour ? Terminal.Paint($"{level,-11}", ToneOf(level)) : $"{level,-11}";
        var exception = line.Text("exception") is { Length: > 0 } fault
            ? string.Concat(fault.Split('\n').Select(part => $"    {TextWidth.OneLine(part)}\n")) : "";
        return $"{TimeWords.Iso(line.Long("timeMicros") ?? 0)} {painted} {TextWidth.OneLine(line.Text("category"))}: "
            + $"{TextWidth.OneLine(line.Text("message"))}\n{exception}";
    }

    private static Tone ToneOf(string level) => level switch
    {
        "error" or "critical" => Tone.Bad,
        "warning" => Tone.Warn,
        "trace" or "debug" => Tone.Dim,
        _ => Tone.None,
    };
}
