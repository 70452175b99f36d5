namespace LeptonEdge.SystemTests.Faults;

/// <summary>One stroke: after a pause, some processes die, and come back a while later.</summary>
internal sealed record Stroke(TimeSpan Pause, Part Victims, TimeSpan Away, Part[] StartOrder)
{
    public int Kills => StartOrder.Length;
}

/// <summary>When which process dies; the same seed gives the same strokes.</summary>
internal static class KillSchedule
{
    /// <summary>Strokes until so many kills are done.</summary>
    public static IEnumerable<Stroke> Create(int seed, int kills)
    {
        var random = new Random(seed);
        var before = Part.Agent;
        for (var done = 0; done < kills;)
        {
            // Some die again while they start; mostly there is time for some work, sometimes enough to catch up.
            var kind = random.Next(100);
            var again = kind < 12;
            var victims = again ? before : Victims(random);
            var pause = again ? random.Next(0, 400) : kind < 92 ? random.Next(100, 1_000) : random.Next(1_500, 2_500);
            var away = random.Next(4) == 0 ? random.Next(50, 600) : 0;
            Part[] order = [.. Split(victims).Take(kills - done)];
            random.Shuffle(order);
            yield return new Stroke(
                TimeSpan.FromMilliseconds(pause), order.Aggregate(Part.None, (all, part) => all | part),
                TimeSpan.FromMilliseconds(away), order);
            done += order.Length;
            before = victims;
        }
    }

    private static Part Victims(Random random) => random.Next(100) switch
    {
        < 32 => Part.Agent,
        < 58 => Part.Hub,
        < 80 => Part.Broker,
        < 86 => Part.Agent | Part.Hub,
        < 91 => Part.Hub | Part.Broker,
        < 95 => Part.Agent | Part.Broker,
        _ => Part.Agent | Part.Hub | Part.Broker,
    };

    private static IEnumerable<Part> Split(Part victims) =>
        new[] { Part.Agent, Part.Hub, Part.Broker }.Where(part => victims.HasFlag(part));
}
