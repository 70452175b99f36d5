using System.Diagnostics;
using System.Globalization;

namespace LeptonEdge.Benchmarks.Footprint;

/// <summary>What the agent takes of its board with one int8 model in service: memory, processor time, the time from
/// process start to the first verdict, and whether it grows. Alone and with its hub, sealing and storing as ever; its
/// growth also where the hub infers its windows.</summary>
internal sealed class FootprintBenchmark : IBenchmark
{
    private const double PssMiBMax = 96;
    private const double FirstVerdictSecondsMax = 1.0;
    private const double CorePercentMax = 3;
    private const int QuietWindowsPerSecond = 10;
    private const int BusyWindowsPerSecond = 100;
    private const int SigtermStatus = 143;

    private static readonly TimeSpan SampleEvery = TimeSpan.FromSeconds(5);

    public string Name => "footprint";

    public string Summary =>
        "the agent's memory, start and growth [--starts N, 5] [--seconds S, 15] [--growth-minutes M, 2]";

    public async Task<IReadOnlyList<Figure>> RunAsync(string[] args)
    {
        var options = FootprintOptions.Parse(args);
        var figures = new List<Figure>();
        if (options.Starts > 0)
            figures.AddRange(await MeasureStartsAsync(options));
        if (options.GrowthMinutes > 0)
            figures.AddRange(await MeasureGrowthAsync(TimeSpan.FromMinutes(options.GrowthMinutes)));
        return figures;
    }

    private static async Task<IReadOnlyList<Figure>> MeasureStartsAsync(FootprintOptions options)
    {
        var (alone, connected, bare) = (new List<Run>(), new List<Run>(), new List<Run>());
        for (var i = 0; i < options.Starts; i++)
        {
            alone.Add(await RunAgentAsync(options.Seconds, withHub: false));
            connected.Add(await RunAgentAsync(options.Seconds, withHub: true));
            bare.Add(await RunBareAsync(options.Seconds));
            Console.Error.WriteLine($"  start {i + 1} of {options.Starts}, agent alone:    {alone[^1]}");
            Console.Error.WriteLine($"  start {i + 1} of {options.Starts}, agent with hub: {connected[^1]}");
            Console.Error.WriteLine($"  start {i + 1} of {options.Starts}, bare program:   {bare[^1]}");
        }

        return
        [
            .. Figures("agent alone", alone, bare), .. Figures("agent with its hub", connected, bare),
        ];
    }

    private static IEnumerable<Figure> Figures(string what, List<Run> runs, List<Run> bare)
    {
        const string Peer = "bare .NET program, same model";
        yield return Of("PSS", "MiB", run => run.Memory.PssMiB, PssMiBMax);
        yield return Of("RSS", "MiB", run => run.Memory.RssMiB, null);
        yield return Of("process start to first verdict", "s", run => run.FirstSeconds, FirstVerdictSecondsMax);
        yield return Of(
            $"processor at {QuietWindowsPerSecond} windows/s", "% of a core", run => run.CorePercent, CorePercentMax);

        Figure Of(string figure, string unit, Func<Run, double> of, double? asked)
        {
            var (ours, peers) = (Statistics.Median(runs.Select(of)), Statistics.Median(bare.Select(of)));
            return new Figure(
                $"{what}: {figure}", ours, unit, Peer, peers, ours / peers,
                asked is { } max ? string.Create(CultureInfo.InvariantCulture, $"≤ {max}") : null,
                asked is { } limit ? ours <= limit : null);
        }
    }

    private static async Task<Run> RunAgentAsync(int seconds, bool withHub)
    {
        using var fleet = new FootprintFleet();
        var hub = withHub ? await fleet.StartHubAsync() : "";
        var (agent, first) = await fleet.StartAgentAsync(QuietWindowsPerSecond, hub);
        var run = await MeasureAsync(agent, first, seconds);
        await fleet.StopAsync(agent, 0);
        return run;
    }

    private static async Task<Run> RunBareAsync(int seconds)
    {
        using var fleet = new FootprintFleet();
        var (program, first) = await fleet.StartBareAsync(QuietWindowsPerSecond);
        var run = await MeasureAsync(program, first, seconds);
        await fleet.StopAsync(program, SigtermStatus);
        return run;
    }

    // What is compiled, connected and given back after the start is over when the measuring begins.
    private static async Task<Run> MeasureAsync(Process process, TimeSpan first, int seconds)
    {
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        var (before, measured) = (ProcessFigures.ProcessorTime(process), Stopwatch.StartNew());
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        var share = (ProcessFigures.ProcessorTime(process) - before) / measured.Elapsed;
        return new Run(ProcessFigures.Of(process), first.TotalSeconds, share * 100);
    }

    private static async Task<IReadOnlyList<Figure>> MeasureGrowthAsync(TimeSpan time)
    {
        using var fleet = new FootprintFleet();
        var hub = await fleet.StartHubAsync();
        (Growth Of, Process Agent)[] agents =
        [
            (new Growth("agent alone"), await Busy("")),
            (new Growth("agent with its hub"), await Busy(hub)),
            (new Growth("agent whose hub infers"), await Busy(hub, "hub")),
        ];
        var clock = Stopwatch.StartNew();
        var said = TimeSpan.Zero;
        while (clock.Elapsed < time)
        {
            await Task.Delay(SampleEvery);
            foreach (var (growth, agent) in agents)
                growth.Sample(agent, clock.Elapsed);
            if (clock.Elapsed - said < TimeSpan.FromMinutes(1))
                continue;
            said = clock.Elapsed;
            Console.Error.WriteLine(
                $"  after {said.TotalMinutes:0} min, {string.Join("; ", agents.Select(agent => agent.Of.LastLine))}");
        }

        foreach (var (_, agent) in agents)
            await fleet.StopAsync(agent, 0);
        return [.. agents.SelectMany(agent => agent.Of.Figures())];

        async Task<Process> Busy(string hub, string offload = "local") =>
            (await fleet.StartAgentAsync(BusyWindowsPerSecond, hub, offload)).Agent;
    }

    private sealed record Run(ProcessFigures Memory, double FirstSeconds, double CorePercent)
    {
        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"PSS {Memory.PssMiB:0.0} MiB, RSS {Memory.RssMiB:0.0} MiB, first after {FirstSeconds:0.00} s, "
            + $"{CorePercent:0.0} % of a core");
    }
}
