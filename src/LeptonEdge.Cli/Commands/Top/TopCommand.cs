using System.CommandLine;
using System.Text;
using System.Text.Json;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton top</c>: the fleet, live.</summary>
internal static class TopCommand
{
    public const string Description =
        "Show the fleet live: devices, rates, load, where work runs, alarms. Keys: q quit, s sort, / filter, arrows "
        + "scroll. Piped, one snapshot.";

    // As quick as a key feels to be answered at once.
    private static readonly TimeSpan KeyEvery = TimeSpan.FromMilliseconds(40);

    public static void Fill(Command command)
    {
        var every = new Option<double>("--every")
            { Description = "Seconds between two looks, 0.2 to 3600.", DefaultValueFactory = _ => 2 };
        var sort = new Option<TopSort>("--sort") { Description = "By what.", DefaultValueFactory = _ => default };
        var filter = new Option<string>("--filter")
            { Description = "Those alone with this in name, site, status or place.", DefaultValueFactory = _ => "" };
        HubVerb.Add(command, [every, sort, filter]);
        HubVerb.On(command, async call =>
        {
            if (call.Parsed.GetValue(every) is not (>= 0.2 and <= 3_600))
                throw HubException.Usage($"--every: {call.Parsed.GetValue(every)} must be 0.2 to 3600 seconds");
            var view = new TopView(call.Parsed.GetValue(sort), call.Parsed.GetValue(filter)!);
            var fleet = await TopFleet.ReadAsync(call.Client, call.Cancellation);
            if (Terminal.IsTerminal && call.Form is (OutputForm.Table or OutputForm.Wide))
                return await LiveAsync(call, fleet, view, TimeSpan.FromSeconds(call.Parsed.GetValue(every)));
            return Snapshot(call.Form, fleet, view);
        });
    }

    private static int Snapshot(OutputForm form, TopFleet fleet, TopView view)
    {
        if (form is OutputForm.Table or OutputForm.Wide)
        {
            foreach (var line in TopPage.Lines(fleet, view, height: null, width: null, Terminal.HasColour))
                Console.WriteLine(line);
            return ExitCodes.Ok;
        }

        var said = JsonSerializer.SerializeToElement(fleet with { Devices = view.Of(fleet) }, ChangeVerb.Web);
        return SheetWriter.Write(form, s_rows, said, [.. said.Items("devices")]);
    }

    private static async Task<int> LiveAsync(HubCall call, TopFleet fleet, TopView view, TimeSpan every)
    {
        var clock = TimeProvider.System;
        string? fault = null;
        await using var news = new LiveNews(call.Client, "devices,alarms,plan", call.Cancellation);
        // Another screen, so that what stood there is there again afterwards; no cursor that jumps about.
        Console.Out.Write("\e[?1049h\e[?25l");
        try
        {
            var reading = ReadAsync(call, news, every);
            var drawn = (-1, -1);
            while (!view.HasEnded)
            {
                var pressed = Press(ref view, fleet);
                var size = Terminal.Size;
                if (reading.IsCompleted)
                {
                    (var newest, fault) = await reading;
                    fleet = newest ?? fleet;
                    reading = ReadAsync(call, news, every);
                    pressed = true;
                }

                if (pressed || size != drawn)
                    Draw(TopPage.Lines(fleet, view, Terminal.Height, Terminal.Width, Terminal.HasColour, fault));
                drawn = size;
                await Task.Delay(KeyEvery, clock, call.Cancellation);
            }

            return ExitCodes.Ok;
        }
        finally
        {
            Console.Out.Write("\e[?25h\e[?1049l");
        }
    }

    /// <returns>The fleet at the next news, or after the pause; or why there is none.</returns>
    private static async Task<(TopFleet? Fleet, string? Fault)> ReadAsync(HubCall call, LiveNews news, TimeSpan pause)
    {
        await news.WaitAsync(pause, pause, call.Cancellation);
        try
        {
            return (await TopFleet.ReadAsync(call.Client, call.Cancellation), null);
        }
        catch (HubException fault) when (fault.IsAway)
        {
            return (null, fault.Message);
        }
    }

    private static bool Press(ref TopView view, TopFleet fleet)
    {
        var before = view;
        while (!Console.IsInputRedirected && Console.KeyAvailable && !view.HasEnded)
            view = view.On(Console.ReadKey(intercept: true), TopPage.Devices(fleet, Terminal.Height));
        var last = Math.Max(0, view.Of(fleet).Count - TopPage.Devices(fleet, Terminal.Height));
        view = view with { First = Math.Min(view.First, last) };
        return view != before;
    }

    private static void Draw(IReadOnlyList<string> lines)
    {
        var text = new StringBuilder("\e[H");
        for (var i = 0; i < lines.Count; i++)
            text.Append(i > 0 ? "\r\n" : "").Append(lines[i]).Append("\e[K");
        Console.Out.Write(text.Append("\e[J"));
    }

    private static readonly Sheet s_rows = new(
        Sheet.By("name"),
        Column.Text("device", "name"), Column.Flag("status", "online", "online", "offline"),
        Column.Text("site", "site"), Column.Share("cpu", "cpu"), Column.Share("lane", "lane"),
        Column.Bytes("memory", "memoryBytes"), Column.Number("readings/s", "readingsPerSecond"),
        Column.Number("inferences/s", "inferencesPerSecond"), Column.Text("runs on", "places"),
        Column.Number("alarms", "alarms"), Column.Number("backlog", "backlog"), Column.Time("seen", "seenMicros"));
}
