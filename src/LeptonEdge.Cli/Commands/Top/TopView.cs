namespace LeptonEdge.Cli.Commands;

/// <summary>By what devices are sorted.</summary>
internal enum TopSort
{
    Alarms,
    Name,
    Cpu,
    Lane,
    Readings,
    Inferences,
    Backlog,
}

/// <summary>What the person at the terminal has chosen; each key makes the next one.</summary>
/// <param name="Filter">Part of a name, site, status or place; empty: all.</param>
/// <param name="IsTyping">Keys go into the filter.</param>
/// <param name="First">The first device that is shown.</param>
internal sealed record TopView(
    TopSort Sort = TopSort.Alarms, string Filter = "", bool IsTyping = false, int First = 0, bool HasEnded = false)
{
    private const int FilterMax = 64;

    /// <param name="page">Devices that fit on the screen.</param>
    public TopView On(ConsoleKeyInfo key, int page)
    {
        if (IsTyping)
            return Type(key);
        return key switch
        {
            { Key: ConsoleKey.UpArrow } or { KeyChar: 'k' } => this with { First = Math.Max(0, First - 1) },
            { Key: ConsoleKey.DownArrow } or { KeyChar: 'j' } => this with { First = First + 1 },
            { Key: ConsoleKey.PageUp } => this with { First = Math.Max(0, First - page) },
            { Key: ConsoleKey.PageDown } => this with { First = First + page },
            { Key: ConsoleKey.Home } => this with { First = 0 },
            { Key: ConsoleKey.Escape } => this with { Filter = "", First = 0 },
            { KeyChar: 'q' } => this with { HasEnded = true },
            { KeyChar: 's' } => this with { Sort = Next(1), First = 0 },
            { KeyChar: 'S' } => this with { Sort = Next(-1), First = 0 },
            { KeyChar: '/' } => this with { IsTyping = true, Filter = "", First = 0 },
            _ => this,
        };
    }

    /// <summary>Those that the filter leaves, in order.</summary>
    public IReadOnlyList<TopDevice> Of(TopFleet fleet)
    {
        var left = fleet.Devices.Where(device => Filter.Length == 0 || Texts(device).Any(
            text => text.Contains(Filter, StringComparison.OrdinalIgnoreCase)));
        var sorted = Sort switch
        {
            TopSort.Name => left.OrderBy(device => device.Name, StringComparer.Ordinal),
            TopSort.Cpu => left.OrderByDescending(device => device.Cpu),
            TopSort.Lane => left.OrderByDescending(device => device.Lane),
            TopSort.Readings => left.OrderByDescending(device => device.ReadingsPerSecond),
            TopSort.Inferences => left.OrderByDescending(device => device.InferencesPerSecond),
            TopSort.Backlog => left.OrderByDescending(device => device.Backlog),
            // Who needs somebody comes first: an alarm, or nothing heard.
            _ => left.OrderByDescending(device => device.Alarms).ThenBy(device => device.Online),
        };
        return [.. sorted.ThenBy(device => device.Name, StringComparer.Ordinal)];
    }

    private TopView Type(ConsoleKeyInfo key) => key.Key switch
    {
        ConsoleKey.Enter => this with { IsTyping = false },
        ConsoleKey.Escape => this with { IsTyping = false, Filter = "" },
        ConsoleKey.Backspace => this with { Filter = Filter.Length > 0 ? Filter[..^1] : "" },
        _ => !char.IsControl(key.KeyChar) && Filter.Length < FilterMax
            ? this with { Filter = Filter + key.KeyChar, First = 0 } : this,
    };

    private TopSort Next(int step)
    {
        var count = Enum.GetValues<TopSort>().Length;
        return (TopSort)(((int)Sort + step + count) % count);
    }

    private static string[] Texts(TopDevice device) =>
        [device.Name, device.Site, device.Places, device.Online ? "online" : "offline"];
}
