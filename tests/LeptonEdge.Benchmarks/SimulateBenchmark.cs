using System.Diagnostics;
using System.Globalization;
using LeptonEdge.Simulation;

namespace LeptonEdge.Benchmarks;

/// <summary>The delivery protocol under simulated disks, networks, brokers and clocks: one schedule for each seed, checked
/// for what was lost, doubled or changed.</summary>
internal sealed class SimulateBenchmark : IBenchmark
{
    public string Name => "simulate";

    public string Summary =>
        "schedules of the delivery protocol [--seeds N, 20000] [--first SEED, 1] [--seed SEED: replay step by step] "
        + "[--bug trim-on-puback|cursor-apart|epoch-reused]";

    public Task<IReadOnlyList<Figure>> RunAsync(string[] args)
    {
        var options = Options.Parse(args);
        return Task.FromResult(options.Seed is { } seed ? Replay(seed, options.Bugs) : Sweep(options));
    }

    private static IReadOnlyList<Figure> Replay(ulong seed, PlantedBugs bugs)
    {
        var outcome = SimSchedule.Run(new SimOptions(seed, bugs, Console.Out));
        Console.WriteLine(outcome.Fault is { } fault ? $"FAILED: {fault}" : "the promise held");
        if (outcome.Fault is not null)
            throw new BenchmarkException($"seed {seed}: {outcome.Fault}");
        return Figures(SimTotals.Zero.Add(outcome), TimeSpan.Zero);
    }

    private static IReadOnlyList<Figure> Sweep(Options options)
    {
        var clock = Stopwatch.StartNew();
        var said = 0L;
        var (totals, failed) = SimSweep.Run(
            options.First, options.Seeds, options.Bugs, Environment.ProcessorCount, done =>
            {
                if (done - Interlocked.Read(ref said) < 20_000)
                    return;
                Interlocked.Exchange(ref said, done);
                Console.Error.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"  {done:#,0} of {options.Seeds:#,0} schedules"));
            });
        if (failed is not null)
            throw new BenchmarkException(
                $"seed {failed.Seed}: {failed.Fault}; replay it with: simulate --seed {failed.Seed}{options.BugArgument}");
        return Figures(totals, clock.Elapsed);
    }

    private static IReadOnlyList<Figure> Figures(SimTotals totals, TimeSpan elapsed)
    {
        List<Figure> figures =
        [
            new Figure("schedules that held", totals.Schedules, "schedules"),
            Figure.AtMost("lost, doubled or changed", 0, "batches", 0),
            new Figure("appended", totals.Appended, "batches"),
            new Figure("stored", totals.Stored, "batches"),
            new Figure("gaps stored", totals.GapRanges, "batches"),
            new Figure("in quarantine", totals.Quarantined, "batches"),
            new Figure("kills and power cuts", totals.Crashes, ""),
            new Figure("sent again", totals.Resent, "batches"),
            new Figure("new epochs", totals.Forks, ""),
        ];
        if (elapsed > TimeSpan.Zero)
            figures.Add(new Figure("speed", totals.Schedules / elapsed.TotalSeconds, "schedules/s"));
        return figures;
    }

    private sealed record Options(ulong Seeds, ulong First, ulong? Seed, PlantedBugs Bugs, string BugArgument)
    {
        public static Options Parse(string[] args)
        {
            var options = new Options(20_000, 1, null, PlantedBugs.None, "");
            for (var i = 0; i < args.Length; i += 2)
            {
                var value = i + 1 < args.Length ? args[i + 1] : "";
                var isNumber = ulong.TryParse(value, CultureInfo.InvariantCulture, out var number);
                options = (args[i], value) switch
                {
                    ("--seeds", _) when isNumber && number > 0 => options with { Seeds = number },
                    ("--first", _) when isNumber => options with { First = number },
                    ("--seed", _) when isNumber => options with { Seed = number },
                    ("--bug", "trim-on-puback") => options.With(PlantedBugs.TrimOnPuback, value),
                    ("--bug", "cursor-apart") => options.With(PlantedBugs.CursorApart, value),
                    ("--bug", "epoch-reused") => options.With(PlantedBugs.EpochReused, value),
                    _ => throw new BenchmarkException(
                        "options: --seeds N, --first SEED, --seed SEED, --bug trim-on-puback|cursor-apart|epoch-reused"),
                };
            }

            return options;
        }

        private Options With(PlantedBugs bug, string name) =>
            this with { Bugs = Bugs | bug, BugArgument = $"{BugArgument} --bug {name}" };
    }
}
