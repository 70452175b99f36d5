using System.Globalization;
using LeptonEdge.Cli.Output;
using Spectre.Console;

namespace LeptonEdge.Cli.Demo;

/// <summary>The live table; where the output is not a terminal, one line every five seconds instead.</summary>
internal sealed class DemoTable(DemoFleet fleet, DemoOptions options, TimeProvider clock)
{
    private const int PlainRowsMax = 8;

    private readonly long _started = clock.GetTimestamp();
    private readonly List<string> _story = [];
    private readonly Dictionary<(string Device, string Workload), string> _places = [];
    private IReadOnlyList<FleetRow> _rows = [];
    private bool _hubAnswers;
    private LiveDisplayContext? _display;
    private long _linePrintedAt;

    public async Task ShowAsync(Func<Action<string>, Task> run)
    {
        if (!AnsiConsole.Profile.Capabilities.Interactive || Console.IsOutputRedirected)
        {
            await run(Say);
            return;
        }

        await AnsiConsole.Live(new Text("")).AutoClear(false).StartAsync(async display =>
        {
            _display = display;
            await run(Say);
        });
    }

    public async Task RefreshAsync(CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            return;
        if (await fleet.KeepPageAsync() && _display is null)
            Console.WriteLine($"Live page: {fleet.PageAddress} (good once, for ten minutes)");
        var rows = await fleet.FleetRowsAsync();
        _hubAnswers = rows.Count > 0;
        if (_hubAnswers)
            _rows = rows;
        TellMoves();
        if (_display is not null)
            _display.UpdateTarget(Render());
        else if (clock.GetElapsedTime(_linePrintedAt) >= TimeSpan.FromSeconds(5))
            PrintLines();
    }

    private void Say(string what)
    {
        var line = $"{clock.GetElapsedTime(_started).TotalSeconds,6:0.0} s  {what}";
        _story.Add(line);
        if (_display is null)
            Console.WriteLine(line);
    }

    private void TellMoves()
    {
        foreach (var row in _rows)
        {
            if (row is not { Workload: { } workload, Place: { } place })
                continue;
            if (_places.TryGetValue((row.Device, workload), out var before) && before != place)
                Say($"{row.Device}: {workload} moved from {before} to {place}");
            _places[(row.Device, workload)] = place;
        }
    }

    private Rows Render()
    {
        var table = new Table().Border(TableBorder.Rounded).Expand();
        foreach (var title in (string[])[
            "device", "channel", "readings/s", "inferences/s", "runs on", "backlog", "alarms"])
            table.AddColumn(new TableColumn(title).NoWrap());
        foreach (var device in _rows.GroupBy(row => row.Device))
            AddDevice(table, [.. device]);
        var end = options.Duration is { } length ? $" of {length.TotalSeconds:0} s" : " s; Ctrl-C ends it";
        var head = $"[bold]LeptonEdge[/]  {clock.GetElapsedTime(_started).TotalSeconds:0}{end}   "
            + (_hubAnswers ? "[green]hub answers[/]" : "[red]hub away: agents work on[/]");
        return new Rows(
            new Markup(head), new Markup($"live page  {Markup.Escape(fleet.PageAddress)} [grey](good once)[/]"), table,
            new Text(string.Join(Environment.NewLine, _story.TakeLast(8))));
    }

    // What runs a workload comes first; a machine with a hundred cores must not push the table off the screen.
    private static void AddDevice(Table table, List<FleetRow> rows)
    {
        var shown = rows.OrderBy(row => row.Workload is null)
            .Take(Math.Max(PlainRowsMax, rows.Count(row => row.Workload is not null))).ToList();
        foreach (var row in shown)
            table.AddRow([.. Cells(row).Select(cell => new Markup(cell))]);
        if (rows.Count > shown.Count)
            table.AddRow(Markup.Escape(rows[0].Device), $"[grey]and {rows.Count - shown.Count} more channels[/]");
    }

    private static IEnumerable<string> Cells(FleetRow row)
    {
        yield return Markup.Escape(row.Device);
        yield return Markup.Escape(row.Simulated ? $"{row.Channel} (simulated)" : row.Channel);
        yield return row.ReadingsPerSecond.ToString("N0", CultureInfo.InvariantCulture);
        yield return row.Workload is null ? "" : row.InferencesPerSecond.ToString("0.0", CultureInfo.InvariantCulture);
        yield return row.Place switch { null => "", "hub" => "[blue]hub[/]", _ => Markup.Escape(row.Place) };
        yield return row.BacklogRecords.ToString("N0", CultureInfo.InvariantCulture);
        yield return row.ActiveAlarms == 0 ? "0" : $"[red]{row.ActiveAlarms}[/]";
    }

    private void PrintLines()
    {
        _linePrintedAt = clock.GetTimestamp();
        foreach (var device in _rows.GroupBy(row => row.Device))
        {
            var rate = device.Sum(row => row.ReadingsPerSecond);
            var places = string.Join(
                ", ", device.Where(r => r.Workload is not null).Select(r => $"{r.Workload} on {r.Place}").Distinct());
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{clock.GetElapsedTime(_started).TotalSeconds,6:0.0} s  {device.Key,-10} {rate,8:0} readings/s  "
                + $"{device.Sum(r => r.InferencesPerSecond),6:0.0} inferences/s  {places}  backlog "
                + $"{device.Max(r => r.BacklogRecords)}  alarms "
                + $"{device.Max(r => r.ActiveAlarms)}{(_hubAnswers ? "" : "  (hub away)")}"));
        }
    }
}
