using System.Diagnostics;
using System.Globalization;
using LeptonEdge.Protocol.Sealing;

namespace LeptonEdge.Benchmarks;

/// <summary>What the agent takes of its board: memory at steady work, processor time, and the time from process start
/// to the first verdict. The agent works by itself on a simulated bearing (12,000 samples/s), sealing and storing as
/// ever.</summary>
internal sealed class FootprintBenchmark : IBenchmark
{
    private const double MemoryMiBMax = 120;

    private static readonly TimeSpan FirstVerdictPatience = TimeSpan.FromSeconds(60);

    public string Name => "footprint";

    public string Summary => "the agent's memory and start-up time [--starts N, 5] [--seconds S, 20]";

    public async Task<IReadOnlyList<Figure>> RunAsync(string[] args)
    {
        var (starts, seconds) = Options(args);
        var runs = new List<Run>();
        for (var i = 0; i < starts; i++)
        {
            runs.Add(await StartAsync(TimeSpan.FromSeconds(seconds)));
            Console.Error.WriteLine($"  start {i + 1} of {starts}: {runs[^1]}");
        }

        return
        [
            Figure.AtMost("agent PSS", Median(run => run.PssMiB), "MiB", MemoryMiBMax),
            Figure.AtMost("agent RSS", Median(run => run.RssMiB), "MiB", MemoryMiBMax),
            new Figure("process start to first verdict", Median(run => run.FirstVerdictSeconds), "s"),
            new Figure("processor time", Median(run => run.CpuShare * 100), "% of one core"),
        ];

        double Median(Func<Run, double> of) => Statistics.Median(runs.Select(of));
    }

    private static (int Starts, int Seconds) Options(string[] args)
    {
        var (starts, seconds) = (5, 20);
        for (var i = 0; i < args.Length; i += 2)
        {
            var given = i + 1 < args.Length && int.TryParse(args[i + 1], out var number) ? number : 0;
            if (args[i] == "--starts" && given is >= 1 and <= 100)
                starts = given;
            else if (args[i] == "--seconds" && given is >= 1 and <= 3600)
                seconds = given;
            else
                throw new BenchmarkException("options: --starts 1 to 100, --seconds 1 to 3600");
        }

        return (starts, seconds);
    }

    private static async Task<Run> StartAsync(TimeSpan steady)
    {
        var folder = Directory.CreateTempSubdirectory("lepton-footprint-");
        try
        {
            await WriteFilesAsync(folder.FullName);
            var clock = Stopwatch.StartNew();
            using var agent = AgentProcess.Start(Path.Combine(folder.FullName, "agent.yaml"));
            await AgentProcess.WaitForAsync(agent, "first verdict", FirstVerdictPatience);
            var firstVerdict = clock.Elapsed;
            var cpuBefore = agent.TotalProcessorTime;
            var measured = Stopwatch.StartNew();
            await Task.Delay(steady);
            agent.Refresh();
            var run = new Run(
                MemoryMiB(agent.Id, "Pss:"), MemoryMiB(agent.Id, "Rss:"), firstVerdict.TotalSeconds,
                (agent.TotalProcessorTime - cpuBefore) / measured.Elapsed);
            using var stop = Process.Start("kill", ["-TERM", agent.Id.ToString(CultureInfo.InvariantCulture)]);
            await agent.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20));
            return agent.ExitCode == 0
                ? run
                : throw new BenchmarkException($"the agent ended with status {agent.ExitCode}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static double MemoryMiB(int process, string key)
    {
        var line = File.ReadLines($"/proc/{process}/smaps_rollup").First(line =>
            line.StartsWith(key, StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture) / 1024;
    }

    private static async Task WriteFilesAsync(string folder)
    {
        using var key = HubPrivateKey.Generate();
        await File.WriteAllTextAsync(Path.Combine(folder, "hub.pub"), key.Public.ToPem());
        var shipped = AgentProcess.Shipped;
        await File.WriteAllTextAsync(Path.Combine(folder, "agent.yaml"), $$"""
            tenant: benchmark
            device: edge-press
            identity: { hub_key: hub.pub }
            data_dir: state
            models_dir: {{shipped}}/models
            sensors:
              - { driver: simulated-bearing, channel: drive-end }
            channels:
              - { match: drive-end, upload: features, around_alarm: { before: 4, after: 8 } }
            workloads:
              - { file: {{shipped}}/workloads/bearing.yaml, channel: drive-end }
            """);
    }

    private sealed record Run(double PssMiB, double RssMiB, double FirstVerdictSeconds, double CpuShare)
    {
        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"PSS {PssMiB:0.0} MiB, RSS {RssMiB:0.0} MiB, first verdict after {FirstVerdictSeconds:0.00} s, "
            + $"{CpuShare * 100:0.0} % of a core");
    }
}
