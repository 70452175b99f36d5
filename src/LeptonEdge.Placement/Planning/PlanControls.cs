namespace LeptonEdge.Placement.Planning;

/// <summary>What operators have decided. Replaced whole.</summary>
/// <param name="Pins">Workloads that run where the operator says.</param>
/// <param name="Drained">Devices, and nodes of the hub, that are to be emptied.</param>
/// <param name="Blackouts">When nothing moves by choice.</param>
public sealed record PlanControls(
    IReadOnlyList<Pin> Pins, IReadOnlyList<string> Drained, IReadOnlyList<Blackout> Blackouts)
{
    public static PlanControls None { get; } = new([], [], []);

    public string? PinOf(string device, string workload)
    {
        foreach (var pin in Pins)
        {
            if (pin.Device == device && pin.Workload == workload)
                return pin.Node;
        }

        return null;
    }

    /// <summary>These controls with one more pin, in place of an earlier one of the same workload.</summary>
    public PlanControls With(Pin pin) => this with { Pins = [.. Without(pin.Device, pin.Workload).Pins, pin] };

    public PlanControls Without(string device, string workload) =>
        this with { Pins = [.. Pins.Where(pin => pin.Device != device || pin.Workload != workload)] };

    public PlanControls WithDrained(string device) => Drained.Contains(device)
        ? this
        : this with { Drained = [.. Drained, device] };

    public PlanControls WithoutDrained(string device) => this with { Drained = [.. Drained.Where(d => d != device)] };

    /// <summary>Whether nothing moves by choice at this time.</summary>
    public bool IsBlackout(long nowMicros)
    {
        foreach (var blackout in Blackouts)
        {
            if (blackout.Covers(nowMicros))
                return true;
        }

        return false;
    }
}

/// <param name="Node">The device, worker of the hub or pool where the workload runs, of one in two parts the second.</param>
/// <param name="Recipe">By which it runs; null leaves that to the planner.</param>
public sealed record Pin(string Device, string Workload, string Node, string? Recipe = null);

/// <summary>A time of the day at which nothing moves by choice, UTC. It may reach over midnight.</summary>
/// <param name="From">Time since midnight, included.</param>
/// <param name="To">Time since midnight, excluded; the same as <paramref name="From"/> for the whole day.</param>
/// <param name="Days">Days on which it begins, Sunday the lowest bit; 127 for every day.</param>
public sealed record Blackout(TimeSpan From, TimeSpan To, int Days = Blackout.EveryDay)
{
    public const int EveryDay = 127;
    private const long DayMicros = 86_400_000_000;

    public bool Covers(long nowMicros)
    {
        var day = Math.DivRem(nowMicros, DayMicros, out var within);
        var (from, to) = (From.Ticks / 10, To.Ticks / 10);
        if (from < to)
            return BeginsOn(day) && within >= from && within < to;
        return (BeginsOn(day) && within >= from) || (BeginsOn(day - 1) && within < to);
    }

    // 1970-01-01 was a Thursday.
    private bool BeginsOn(long day) => (Days >> (int)((day + 4) % 7) & 1) != 0;

    /// <summary>Every fault, as sentences; empty when it is sound.</summary>
    public IEnumerable<string> Faults()
    {
        var day = TimeSpan.FromDays(1);
        if (From < TimeSpan.Zero || From >= day || To < TimeSpan.Zero || To > day)
            yield return $"blackout {From:hh\\:mm}-{To:hh\\:mm}: give times from 00:00 to 24:00";
        if (Days is < 1 or > EveryDay)
            yield return "blackout: names no day";
    }
}
