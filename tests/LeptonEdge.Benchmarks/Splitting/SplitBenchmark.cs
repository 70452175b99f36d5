using System.Diagnostics;
using System.Globalization;
using LeptonEdge.Core.Profiles;
using LeptonEdge.Inference.Profiling;
using LeptonEdge.Placement.Splits;

namespace LeptonEdge.Benchmarks.Splitting;

/// <summary>How good and how quick the decision is where to cut a model, over models, devices, links and loads.
/// </summary>
internal sealed class SplitBenchmark : IBenchmark
{
    private const double RatioMax = 1.02;
    private const int Timings = 101;

    // What each call costs however small, on any of the links.
    private static readonly TimeSpan s_roundTrip = TimeSpan.FromMilliseconds(10);

    private static readonly double[] s_slowDowns = [1, 5, 20];
    private static readonly double[] s_uplinksMbit = [1.1, 5.85, 18.88];
    private static readonly double[] s_loads = [0, 0.5, 0.9];

    public string Name => "split";

    public string Summary =>
        "where to cut a model between device and hub, beside every other way [--only NAME] [--every-cut]";

    public Task<IReadOnlyList<Figure>> RunAsync(string[] args)
    {
        var isEvery = args.Contains("--every-cut");
        var only = args.Where(arg => arg != "--every-cut").ToArray() switch
        {
            [] => "",
            ["--only", var part] => part,
            _ => throw new BenchmarkException("options: --only NAME, a part of a model's name; --every-cut"),
        };
        Console.WriteLine("Costs of each step measured in this run, one thread; the hub is this machine, the device "
            + "this machine slowed down, the network simulated");
        Console.WriteLine($"(the stated rate both ways, {s_roundTrip.TotalMilliseconds} ms there and back). At load L "
            + "the hub takes 1 / (1 - L) times as long. Nothing goes back");
        Console.WriteLine("to the device but outputs. Exhaustive: every such way to share the model. Latency of one "
            + "run in ms:");
        var cells = new List<Cell>();
        var real = new List<RealSplit>();
        foreach (var (name, make) in SplitModels.All().Where(
            model => model.Name.Contains(only, StringComparison.OrdinalIgnoreCase)))
        {
            var file = make();
            var profile = ModelProfiler.Profile(name, file, null, new ProfilerOptions(), TimeProvider.System).Profile;
            var own = Cells(profile);
            cells.AddRange(own);
            foreach (var decision in isEvery ? [.. Singles(profile), MostGained(own)] : new[] { MostGained(own) })
            {
                real.Add(RealSplit.Make(file, decision));
                Console.WriteLine($"  really cut at {real[^1].Cut}: {(real[^1].Proof.IsExact ? "the same answers"
                    : "answers differ by " + Text(real[^1].Proof.Largest, "0.0e0"))}, both stages "
                    + $"{Text(real[^1].Millis)} ms, the whole {Text(real[^1].WholeMillis)} ms");
            }
        }

        return Task.FromResult<IReadOnlyList<Figure>>([.. Figures(cells, real)]);
    }

    /// <summary>The decided cut that gains most over all on one side; where none was decided, the best single one that
    /// leaves each side a tenth of the work, under the conditions that favour cuts most.</summary>
    private static SplitDecision MostGained(IReadOnlyList<Cell> cells) =>
        cells.Where(cell => cell.Ours.Place == SplitPlace.Split).MinBy(cell => cell.Ours.Latency / cell.Better)?.Ours
        ?? Singles(cells[0].Ours.Profile).OrderBy(decision => decision.Latency)
            .OrderByDescending(decision => IsShared(decision)).First();

    private static bool IsShared(SplitDecision decision) =>
        decision.DeviceTime / s_slowDowns[^1] / decision.Profile.Total is > 0.1 and < 0.9;

    private static IEnumerable<SplitDecision> Singles(ModelProfile profile)
    {
        var conditions = Conditions(s_slowDowns[^1], s_uplinksMbit[^1], s_loads[0]);
        return profile.ChainCuts().Select(cut => SplitSolver.Evaluate(
            profile, conditions, [.. profile.Steps.Select((_, step) => step < cut.StepsBefore)]));
    }

    private static SplitConditions Conditions(double slow, double rate, double load) => new()
    {
        DeviceFactor = slow, HubLoad = load, UplinkBitsPerSecond = rate * 1e6, RoundTrip = s_roundTrip,
    };

    private static List<Cell> Cells(ModelProfile profile)
    {
        var shares = DownSets.Of(profile);
        Console.WriteLine($"{profile.Model}: {Text(profile.Total.TotalMilliseconds)} ms, {profile.Steps.Count} steps, "
            + $"{Text(profile.Steps.Sum(step => step.Macs) / 1e6, "0.0")} M MAC, {profile.InputBytes} bytes in, "
            + $"{profile.ChainCuts().Count} single cuts, {shares.Count} ways to share it");
        Console.WriteLine("  slower  Mbit/s  load    device       hub     chain      ours  exhaustive  decided in µs");
        var cells = new List<Cell>();
        foreach (var slow in s_slowDowns)
        {
            foreach (var rate in s_uplinksMbit)
            {
                foreach (var load in s_loads)
                    cells.Add(Compare(profile, Conditions(slow, rate, load), shares));
            }
        }

        return cells;
    }

    private static Cell Compare(
        ModelProfile profile, SplitConditions conditions, IReadOnlyList<DownSets.Share> shares)
    {
        TimeSpan Whole(bool onDevice) => SplitSolver.Evaluate(
            profile, conditions, [.. profile.Steps.Select(_ => onDevice)]).Latency;
        var times = new double[Timings];
        var ours = SplitSolver.Decide(profile, conditions);
        for (var i = 0; i < Timings; i++)
        {
            var start = Stopwatch.GetTimestamp();
            ours = SplitSolver.Decide(profile, conditions);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }

        var cell = new Cell(
            Whole(true), Whole(false), SplitSolver.DecideChain(profile, conditions).Latency, ours,
            DownSets.Best(shares, profile, conditions), Statistics.Median(times));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {conditions.DeviceFactor,6}  {conditions.UplinkBitsPerSecond / 1e6,6}  {conditions.HubLoad,4:0 %}"
            + $"{Ms(cell.Device),10}{Ms(cell.Hub),10}{Ms(cell.Chain),10}{Ms(ours.Latency),10}"
            + $"{Text(cell.Exhaustive * 1e3),12}{cell.DecisionMicros,15:0.0}  {ours.Place}"));
        return cell;
    }

    private static IEnumerable<Figure> Figures(IReadOnlyList<Cell> cells, IReadOnlyList<RealSplit> real)
    {
        var models = cells.Select(cell => cell.Ours.Profile.Model).Distinct().Count();
        yield return Figure.AtLeast("models", models, "models", 8);
        yield return new Figure("models × devices × links × loads", cells.Count, "cells");
        yield return Figure.AtMost(
            "latency, ours over exhaustive search, worst cell", cells.Max(cell => cell.Ratio), "×", RatioMax);
        yield return new Figure(
            "cells that the best single cut misses by more than 2 %",
            cells.Count(cell => cell.Chain.TotalSeconds > cell.Exhaustive * RatioMax), "cells");
        foreach (var (over, times) in new[]
        {
            ("hub-only", cells.Select(cell => cell.Hub / cell.Ours.Latency).ToArray()),
            ("device-only", cells.Select(cell => cell.Device / cell.Ours.Latency).ToArray()),
        })
        {
            yield return Beside($"times as fast as {over}, mean", times.Average(), "mean", 3.1);
            yield return Beside($"times as fast as {over}, most", times.Max(), "most", 40.7);
            yield return new Figure(
                $"times as fast as {over}, geometric mean", Math.Exp(times.Average(Math.Log)), "×");
        }

        yield return new Figure(
            "times as fast as the better of both, most", cells.Max(cell => cell.Better / cell.Ours.Latency), "×");
        yield return new Figure(
            "cells where both sides work", cells.Count(cell => cell.Ours.Place == SplitPlace.Split), "cells");
        yield return Figure.AtMost(
            "a decision, median, slowest cell", cells.Max(cell => cell.DecisionMicros) / 1e3, "ms", 1);
        yield return Figure.AtLeast(
            "cuts really made whose answers are the whole's, bit for bit", real.Count(cut => cut.Proof.IsExact),
            $"of {real.Count}", real.Count);
        yield return new Figure(
            "cuts really made where bytes cross, not floats", real.Count(cut => cut.IsBytes), $"of {real.Count}");
        yield return new Figure(
            "cuts really made: both stages' time over the whole's, median",
            Statistics.Median(real.Select(cut => cut.Millis / cut.WholeMillis)), "×");
    }

    /// <summary>Beside a published figure: another machine, other models; not from this run.</summary>
    private static Figure Beside(string name, double value, string what, double published) => new(
        name, value, "×", $"Neurosurgeon's {what}, as published (ASPLOS 2017)", published, value / published);

    private static string Ms(TimeSpan time) => Text(time.TotalMilliseconds);

    private static string Text(double value, string format = "0.000") =>
        value.ToString(value >= 1000 ? "0.0" : format, CultureInfo.InvariantCulture);

    private sealed record Cell(
        TimeSpan Device, TimeSpan Hub, TimeSpan Chain, SplitDecision Ours, double Exhaustive, double DecisionMicros)
    {
        public double Ratio => Ours.Latency.TotalSeconds / Exhaustive;

        /// <summary>The better of all on one side.</summary>
        public TimeSpan Better => Device < Hub ? Device : Hub;
    }
}
