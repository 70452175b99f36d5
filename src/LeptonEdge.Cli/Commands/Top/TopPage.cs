using System.Globalization;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary>Makes the lines of <c>lepton top</c>; draws nothing.</summary>
internal static class TopPage
{
    private const int AlarmsShown = 4;

    private static readonly string[] s_titles =
    [
        "DEVICE", "STATUS", "SITE", "CPU", "LANE", "MEMORY", "READINGS/S", "INFERENCES/S", "RUNS ON", "ALARMS",
        "BACKLOG", "SEEN",
    ];

    private static readonly bool[] s_rights =
        [false, false, false, true, true, true, true, true, false, true, true, false];

    // What a narrow terminal does without, the dearest last: MEMORY, INFERENCES/S, SITE, BACKLOG, LANE, READINGS/S,
    // RUNS ON, SEEN.
    private static readonly int[] s_less = [5, 7, 2, 10, 4, 6, 8, 11];

    private static CultureInfo Invariant => CultureInfo.InvariantCulture;

    /// <summary>Devices that fit on a screen of so many lines.</summary>
    public static int Devices(TopFleet fleet, int height) =>
        Math.Max(1, height - 5 - (fleet.Alarms.Count > 0 ? Math.Min(AlarmsShown, fleet.Alarms.Count) + 1 : 0));

    /// <param name="height">Lines of the screen; null: as many as there are.</param>
    /// <param name="width">Cells of a line; null: as long as they are.</param>
    /// <param name="fault">Why this is not the newest; null: it is.</param>
    public static IReadOnlyList<string> Lines(
        TopFleet fleet, TopView view, int? height, int? width, bool colour, string? fault = null)
    {
        var devices = view.Of(fleet);
        var shown = height is { } lines ? Devices(fleet, lines) : devices.Count;
        var first = Math.Clamp(view.First, 0, Math.Max(0, devices.Count - shown));
        var rows = devices.Skip(first).Take(shown).Select(device => Row(device, fleet.TimeMicros)).ToList();
        var kept = Columns(rows, width);
        List<string> page =
        [
            $"lepton top   {fleet.Tenant}   hub up {Age(fleet, fleet.StartedMicros)}, "
                + $"{TimeWords.Bytes(fleet.HubBytes)}   plan {fleet.Plan}, {fleet.Moves} moves   "
                + TimeWords.Iso(fleet.TimeMicros / 1_000_000 * 1_000_000),
            Totals(fleet) + (fault is null ? "" : $"   {fault}"),
            "",
            .. TableWriter.Text(
                [.. kept.Select(at => s_titles[at])], [.. kept.Select(at => s_rights[at])],
                [.. rows.Select(row => kept.Select(at => row[at]).ToArray())], width, colour).TrimEnd('\n').Split('\n'),
        ];
        if (height is not null)
            page.AddRange(Enumerable.Repeat("", Math.Max(0, shown - rows.Count)));
        if (fleet.Alarms.Count > 0)
        {
            page.Add("");
            page.AddRange(fleet.Alarms.Take(AlarmsShown).Select(alarm =>
                $"{Age(fleet, alarm.Long("timeMicros") ?? 0),4}  {alarm.Text("severity"),-8}  {alarm.Text("device")}: "
                + TextWidth.OneLine(alarm.Text("message"))));
        }

        if (height is not null)
            page.Add(Keys(view, first, rows.Count, devices.Count));
        return width is { } cells ? [.. page.Select(line => TextWidth.CutPainted(line, cells))] : page;
    }

    /// <summary>Those that fit beside each other: one that is cut is worth less than one that is left out.</summary>
    private static int[] Columns(List<Cell[]> rows, int? width)
    {
        const int Between = 3;
        var widths = s_titles.Select((title, at) =>
            rows.Select(row => TextWidth.Of(row[at].Text)).Append(TextWidth.Of(title)).Max()).ToArray();
        var kept = Enumerable.Range(0, s_titles.Length).ToList();
        foreach (var less in s_less)
        {
            if (width is not { } cells || kept.Sum(at => widths[at] + Between) - Between <= cells)
                break;
            kept.Remove(less);
        }

        return [.. kept];
    }

    private static string Totals(TopFleet fleet)
    {
        var online = fleet.Devices.Count(device => device.Online);
        return string.Create(
            Invariant,
            $"{fleet.Devices.Count} devices: {online} online, {fleet.Devices.Count - online} offline   "
            + $"alarms {fleet.Devices.Sum(device => device.Alarms)}   "
            + $"{fleet.Devices.Sum(device => device.ReadingsPerSecond):#,0} readings/s   "
            + $"{fleet.Devices.Sum(device => device.InferencesPerSecond):#,0.#} inferences/s   "
            + $"{fleet.Devices.Sum(device => device.Backlog):#,0} waiting");
    }

    private static string Keys(TopView view, int first, int shown, int count) => view.IsTyping
        ? $"filter: {view.Filter}_   Enter keeps it, Esc clears it"
        : $"{(count == 0 ? 0 : first + 1)} to {first + shown} of {count}   by {view.Sort.ToString().ToLowerInvariant()}"
            + (view.Filter.Length > 0 ? $"   filter {view.Filter}" : "") + "   q quit  s sort  / filter  ↑↓ scroll";

    private static Cell[] Row(TopDevice device, long nowMicros) =>
    [
        device.Name,
        device.Online
            ? device.Believed ? new Cell("online", Tone: Tone.Good) : new Cell("not believed", Tone: Tone.Warn)
            : new Cell("offline", Tone: Tone.Bad),
        Or(device.Site), Share(device.Cpu, 0.9), Share(device.Lane, 0.85), TimeWords.Bytes(device.MemoryBytes),
        device.ReadingsPerSecond.ToString("#,0.#", Invariant), device.InferencesPerSecond.ToString("#,0.#", Invariant),
        Or(device.Places), new Cell(device.Alarms.ToString(Invariant), Tone: device.Alarms > 0 ? Tone.Bad : Tone.None),
        device.Backlog.ToString("#,0", Invariant),
        device.SeenMicros == 0 ? "-" : TimeWords.Ago(device.SeenMicros, nowMicros),
    ];

    private static Cell Share(double share, double much) =>
        new((share * 100).ToString("0", Invariant) + "%", Tone: share >= much ? Tone.Warn : Tone.None);

    private static string Or(string text) => text.Length > 0 ? TextWidth.OneLine(text) : "-";

    private static string Age(TopFleet fleet, long micros) => TimeWords.Ago(micros, fleet.TimeMicros);
}
