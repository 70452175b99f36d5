namespace LeptonEdge.Benchmarks.Footprint;

/// <param name="Starts">Starts of each program; 0 leaves all figures out but the growth.</param>
/// <param name="Seconds">How long each runs before it is measured, and how long it is measured.</param>
/// <param name="GrowthMinutes">How long the agents run whose growth is measured; 0 leaves it out.</param>
internal sealed record FootprintOptions(int Starts, int Seconds, int GrowthMinutes)
{
    public static FootprintOptions Parse(string[] args)
    {
        var options = new FootprintOptions(5, 15, 2);
        for (var i = 0; i < args.Length; i += 2)
        {
            var given = i + 1 < args.Length && int.TryParse(args[i + 1], out var number) ? number : -1;
            options = (args[i], given) switch
            {
                ("--starts", >= 0 and <= 100) => options with { Starts = given },
                ("--seconds", >= 1 and <= 3600) => options with { Seconds = given },
                ("--growth-minutes", >= 0 and <= 1440) => options with { GrowthMinutes = given },
                _ => throw new BenchmarkException(
                    "options: --starts 0 to 100, --seconds 1 to 3600, --growth-minutes 0 to 1440"),
            };
        }

        return options;
    }
}
