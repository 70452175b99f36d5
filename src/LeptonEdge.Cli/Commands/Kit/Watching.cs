using System.CommandLine;
using System.Text;
using System.Text.Json;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>--watch</c> of a list.</summary>
internal sealed class WatchOptions
{
    private readonly Option<bool> _watch = new("--watch", "-w")
    {
        Description = "Stay, and show what changes: in place on a terminal; piped, the rows that changed are appended.",
    };

    private readonly Option<double> _every = new("--every")
        { Description = "Seconds between two looks of --watch, 0.2 to 3600.", DefaultValueFactory = _ => 1 };

    public Symbol[] All => [_watch, _every];

    public bool IsAsked(ParseResult parsed) => parsed.GetValue(_watch);

    public TimeSpan Every(ParseResult parsed) => parsed.GetValue(_every) is >= 0.2 and <= 3_600 and var seconds
        ? TimeSpan.FromSeconds(seconds)
        : throw HubException.Usage($"--every: {parsed.GetValue(_every)} must be 0.2 to 3600 seconds");
}

/// <summary>Shows a list again and again.</summary>
internal static class Watching
{
    // A hub that starts again reads its store first.
    private static readonly TimeSpan AwayMax = TimeSpan.FromMinutes(2);

    /// <summary>Until Ctrl-C, or until the hub stays away.</summary>
    /// <param name="path">Of the list in the API: what is told of it live is shown at once.</param>
    public static async Task<int> RunAsync(
        HubCall call, Sheet sheet, string path, TimeSpan every, Func<Task<Listed>> read)
    {
        var inPlace = Terminal.IsTerminal && call.Form is (OutputForm.Table or OutputForm.Wide);
        var known = new Dictionary<string, string>();
        var first = true;
        var clock = TimeProvider.System;
        var heard = clock.GetTimestamp();
        await using var news = new LiveNews(call.Client, LiveNews.TopicsOf(path), call.Cancellation);
        while (true)
        {
            try
            {
                var listed = await read();
                heard = clock.GetTimestamp();
                if (inPlace)
                    Redraw(call, sheet, listed);
                else
                    Append(call.Form, sheet, listed, known, first);
                first = false;
            }
            catch (HubException fault) when (fault.IsAway && !first && clock.GetElapsedTime(heard) < AwayMax)
            {
                await Console.Error.WriteLineAsync($"lepton: {fault.Message}; trying again");
            }

            await news.WaitAsync(every, every, call.Cancellation);
        }
    }

    private static void Redraw(HubCall call, Sheet sheet, Listed listed)
    {
        var lines = TableWriter.Text(sheet, listed.Rows, call.Form == OutputForm.Wide, SheetWriter.Now())
            .TrimEnd('\n').Split('\n');
        var height = Terminal.Height;
        var shown = lines.Length < height ? lines : lines[..(height - 1)];
        // Home, then every line to its end, then what an older picture left below: nothing flickers.
        var text = new StringBuilder("\e[H");
        foreach (var line in shown)
            text.Append(line).Append("\e[K\n");
        text.Append("\e[J");
        if (shown.Length < lines.Length)
            text.Append($"\e[2m… {lines.Length - shown.Length} more\e[0m");
        Console.Out.Write(text);
    }

    private static void Append(
        OutputForm form, Sheet sheet, Listed listed, Dictionary<string, string> known, bool first)
    {
        var changed = listed.Rows.Where(row => IsNew(sheet, row, known)).ToList();
        var keys = listed.Rows.Select(sheet.Key).ToHashSet();
        foreach (var gone in known.Keys.Where(key => !keys.Contains(key)).ToList())
            known.Remove(gone);
        if (changed.Count == 0 && !first)
            return;
        Console.Out.Write(form switch
        {
            OutputForm.Json => string.Concat(changed.Select(row => JsonSerializer.Serialize(row) + "\n")),
            OutputForm.Yaml => string.Concat(changed.Select(row => "---\n" + YamlWriter.Text(row))),
            OutputForm.Csv => CsvWriter.Text(sheet, changed, SheetWriter.Now(), heading: first),
            _ => Lines(TableWriter.Text(sheet, changed, form == OutputForm.Wide, SheetWriter.Now()), first),
        });
    }

    // What only says how long ago something was is no change.
    private static bool IsNew(Sheet sheet, JsonElement row, Dictionary<string, string> known)
    {
        var key = sheet.Key(row);
        var state = string.Join('\0', sheet.Columns.Where(column => !column.IsPassing)
            .Select(column => column.Read(row, 0)).Select(cell => cell.Exact ?? cell.Text));
        if (known.TryGetValue(key, out var before) && before == state)
            return false;
        known[key] = state;
        return true;
    }

    private static string Lines(string table, bool first) => first ? table : table[(table.IndexOf('\n') + 1)..];
}
