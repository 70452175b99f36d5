using System.Globalization;
using System.Runtime.InteropServices;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.SystemTests.Support;

namespace LeptonEdge.Benchmarks.Deadline;

/// <summary>Whether windows are answered in time while the line to the hub is slow and stands still, and the hub is
/// killed.</summary>
/// <remarks>
/// One device with the agent's own lane, router and workloads; the hub a process of its own, behind a relay that delays
/// every byte by half the round trip each way (give or take a half). Other models keep the lane 60 % busy. In each run
/// the line stands still for 5 % of the time, in one piece, and at half time the hub is killed and started again; it is
/// away for as long as it takes to start. A run begins when the device finds the hub. All workloads are given the same
/// windows at the same moments, so that local-only and offloaded ones meet the same lane.
/// <para>What "over local-only" means depends on what a workload asks for. <c>quickest</c> asks for speed: the p99 of
/// all its answers is held against local-only's. <c>cascade</c> asks the hub about windows that the small model is
/// unsure of, because the large model's answer is worth a wait up to the deadline: p99 of the windows that it is sure of is held
/// against local-only's, the others against the deadline. <c>hub</c> asks for the large model whenever it can come in
/// time: it is held against the deadline alone.</para>
/// </remarks>
internal sealed class DeadlineBenchmark : IBenchmark
{
    private const int Runs = 5;
    private const double InTimeMin = 0.999;
    private const double OverLocalMax = 1.05;
    private const double LaneShare = 0.6;
    private const double StallShare = 0.05;
    private const string Peer = "local-only";

    private static readonly int[] RttMillis = [0, 10, 50, 100, 200, 400];
    private static readonly TimeSpan Tight = TimeSpan.FromMilliseconds(25);

    // Long enough for the longest round trip.
    private static readonly TimeSpan Wide = TimeSpan.FromMilliseconds(800);

    private static readonly ModelReference Large = new("bearing-fault-large", "1.0.0");

    private static readonly DeadlineWay[] Ways =
    [
        new("local-only", OffloadMode.Local, Tight),
        new("quickest", OffloadMode.Quickest, Tight),
        new("cascade", OffloadMode.Cascade, Tight),
        new("hub", OffloadMode.Hub, Tight),
        new("hub-wide", OffloadMode.Hub, Wide, Every: 5),
    ];

    public string Name => "deadline";

    public string Summary =>
        "windows in time: slow and stalled lines, the hub killed [--seconds S of a run, 4] [--rtt MS, 0 to 400]";

    public async Task<IReadOnlyList<Figure>> RunAsync(string[] args)
    {
        var (run, rtts) = Parse(args);
        var small = ModelBundle.Load(
            Path.Combine(AgentProcess.Shipped, "models"), new ModelReference("bearing-fault", "1.0.0"));
        using var hub = new DeadlineHub();
        hub.Start();
        await hub.ReadyAsync(Large);
        await using var line = new FaultProxy(hub.Port, seed: 1);
        await using var device = new DeadlineDevice(Ways, small, new DeadlineLoad(small), hub.Connect(line.Port));
        await device.StartAsync();
        device.Occupy(LaneShare);
        await device.RunAsync(run / 2);

        var figures = new List<Figure>();
        foreach (var rtt in rtts)
        {
            line.Delay(TimeSpan.FromMilliseconds(rtt / 2.0));
            var runs = new List<DeadlineRun>();
            while (runs.Count < Runs)
            {
                await hub.ReadyAsync(Large);
                await device.FoundHubAsync();
                runs.Add(await DisturbedAsync(device, line, hub, run));
            }

            figures.AddRange(Figures(rtt, device, runs));
        }

        return figures;
    }

    private static (TimeSpan Run, int[] RttMillis) Parse(string[] args)
    {
        var (seconds, rtts) = (4.0, RttMillis);
        for (var i = 0; i < args.Length; i += 2)
        {
            var isNumber = double.TryParse(
                args.ElementAtOrDefault(i + 1), CultureInfo.InvariantCulture, out var number);
            (seconds, rtts) = args[i] switch
            {
                "--seconds" when isNumber && number is >= 1 and <= 600 => (number, rtts),
                "--rtt" when isNumber && number is >= 0 and <= 10_000 => (seconds, [(int)number]),
                _ => throw new BenchmarkException(
                    "options: --seconds S, the length of a run, 1 to 600; --rtt MS, one round trip, 0 to 10,000"),
            };
        }

        return (TimeSpan.FromSeconds(seconds), rtts);
    }

    private static async Task<DeadlineRun> DisturbedAsync(
        DeadlineDevice device, FaultProxy line, DeadlineHub hub, TimeSpan time)
    {
        var run = device.RunAsync(time);
        await Task.Delay(time / 4);
        line.Stall(time * StallShare);
        await Task.Delay(time / 4);
        await hub.KillAsync();
        hub.Start();
        return await run;
    }

    private static IEnumerable<Figure> Figures(int rtt, DeadlineDevice device, List<DeadlineRun> runs)
    {
        var (local, quickest, cascade) = (device.Workloads[0], device.Workloads[1], device.Workloads[2]);
        var localShare = InTime([.. runs.Select(run => run[local])]);
        foreach (var workload in device.Workloads.Skip(1))
        {
            var tallies = runs.Select(run => run[workload]).ToList();
            var (windows, byHub) = (tallies.Sum(tally => tally.Windows), tallies.Sum(tally => tally.ByHub));
            var name = $"RTT {rtt} ms, {workload.Id}";
            var share = InTime(tallies);
            yield return new Figure(
                $"{name}: in time", share, "of windows", Peer, localShare, share / localShare, $"≥ {InTimeMin}",
                share >= InTimeMin);
            yield return new Figure($"{name}: answered by the hub", (double)byHub / windows, "of windows");
            if (workload == cascade)
                yield return new Figure(
                    $"{name}: of the unsure, answered by the hub",
                    (double)tallies.Sum(tally => tally.UnsureByHub) / tallies.Sum(tally => tally.Unsure), "of windows");
        }

        yield return OverLocal($"RTT {rtt} ms, quickest: p99", runs, tally => tally.Micros, quickest, local);
        yield return OverLocal(
            $"RTT {rtt} ms, cascade: p99 of the sure", runs, tally => tally.SureMicros, cascade, local);
        foreach (var workload in device.Workloads.Skip(2))
            yield return new Figure(
                $"RTT {rtt} ms, {workload.Id}: p99 of all", P99(runs, workload, tally => tally.Micros).Median(), "ms",
                "deadline", workload.Configuration.Deadline.TotalMilliseconds);
    }

    private static double InTime(IReadOnlyList<DeadlineRun.Tally> tallies) =>
        (double)tallies.Sum(tally => tally.InTime) / tallies.Sum(tally => tally.Windows);

    /// <summary>Median over the runs of both, and of the ratio within each run.</summary>
    private static Figure OverLocal(
        string name, List<DeadlineRun> runs, Func<DeadlineRun.Tally, List<long>> of,
        Agent.Pipeline.WorkloadRunner workload, Agent.Pipeline.WorkloadRunner local)
    {
        var (ours, theirs) = (P99(runs, workload, of), P99(runs, local, of));
        var ratio = ours.Zip(theirs, (a, b) => a / b).Median();
        return new Figure(
            name, ours.Median(), "ms", Peer, theirs.Median(), ratio, $"ratio ≤ {OverLocalMax}", ratio <= OverLocalMax);
    }

    private static double[] P99(
        List<DeadlineRun> runs, Agent.Pipeline.WorkloadRunner workload, Func<DeadlineRun.Tally, List<long>> of) =>
        [.. runs.Select(run => Statistics.Percentile(CollectionsMarshal.AsSpan(of(run[workload])), 0.99) / 1_000)];
}

file static class MedianOf
{
    public static double Median(this IEnumerable<double> values) => Statistics.Median(values);
}
