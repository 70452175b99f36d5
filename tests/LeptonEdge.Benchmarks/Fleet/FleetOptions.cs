using System.Globalization;

namespace LeptonEdge.Benchmarks.Fleet;

/// <summary>How large a fleet, for how long.</summary>
/// <param name="From">Hour of the day at which it begins.</param>
/// <param name="Greedy">The planner with first fit in place of the solver.</param>
/// <param name="Why">Tell where windows were late.</param>
internal sealed record FleetOptions(
    int Devices, int Workloads, double Hours, int Seed, double From, bool Greedy, bool Why)
{
    public const string Usage =
        "give --devices 1..20000 --workloads 1..100000 --hours 0.01..240 --seed S [--from HOUR] [--greedy] [--why]";

    public static FleetOptions Default { get; } = new(1000, 5000, 24, 1, 0, Greedy: false, Why: false);

    /// <exception cref="FormatException">An argument is unknown or out of its limits.</exception>
    public static FleetOptions Parse(string[] args)
    {
        var options = Default;
        for (var at = 0; at < args.Length; at++)
        {
            if (args[at] == "--greedy")
            {
                options = options with { Greedy = true };
                continue;
            }

            if (args[at] == "--why")
            {
                options = options with { Why = true };
                continue;
            }

            if (at + 1 == args.Length || !double.TryParse(args[at + 1], CultureInfo.InvariantCulture, out var number))
                throw new FormatException($"{args[at]}: {Usage}");
            options = args[at++] switch
            {
                "--devices" when number is >= 1 and <= 20_000 => options with { Devices = (int)number },
                "--workloads" when number is >= 1 and <= 100_000 => options with { Workloads = (int)number },
                "--hours" when number is >= 0.01 and <= 240 => options with { Hours = number },
                "--seed" when number is >= 0 and <= int.MaxValue => options with { Seed = (int)number },
                "--from" when number is >= 0 and < 24 => options with { From = number },
                var unknown => throw new FormatException($"{unknown}: {Usage}"),
            };
        }

        return options;
    }
}
