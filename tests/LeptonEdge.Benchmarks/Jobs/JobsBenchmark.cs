using System.Diagnostics;
using Google.Protobuf;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Protocol.Inference;
using LeptonEdge.Protocol.V1;

namespace LeptonEdge.Benchmarks.Jobs;

/// <summary>What a long job costs the interactive calls beside it: a real hub that re-scores a channel's history while
/// a client calls the same model, in turns with the client alone, twice, and with the client beside a bare loop that the
/// kernel lets run whenever nothing else wants the core, and that never holds still. What the loop costs, any work on the
/// machine costs: it touches neither hub, memory nor disk. A percentile is one of all calls of all rounds: six calls of a
/// phase are slower than its own p99, too few to tell anything from what else the machine does.</summary>
internal sealed class JobsBenchmark : IBenchmark
{
    private const int Rounds = 8;
    private const int Readings = 6_000_000;
    private const uint Hop = 64;
    private const string Model = "bearing-fault-large";

    // Longer than the time between two commits of a job that is held back: what it did before the calls is not counted.
    private static readonly TimeSpan LeadIn = TimeSpan.FromSeconds(2.2);
    private static readonly TimeSpan AlonePhase = TimeSpan.FromSeconds(2);

    // A bearing channel makes 11.7 windows a second: 150 calls are those of a dozen channels. The phase is long enough
    // for a p99 to be more than a handful of calls.
    private static readonly Pace[] Paces =
    [
        new("150 calls/s", TimeSpan.FromSeconds(1 / 150.0), TimeSpan.FromSeconds(4)),
        new("back to back", TimeSpan.Zero, TimeSpan.FromSeconds(2)),
    ];

    public string Name => "jobs";

    public string Summary => "interactive calls beside a job that re-scores history, and alone";

    public async Task<IReadOnlyList<Figure>> RunAsync(string[] args)
    {
        if (args.Length > 0)
            throw new BenchmarkException("jobs takes no options");
        await using var hub = await JobsHubProcess.StartAsync(Readings);
        var request = Request();
        // Everything is compiled before anything is measured.
        await BesideJobAsync(hub, () => CallAsync(hub, request, TimeSpan.Zero, LeadIn));
        await BesideJobAsync(hub, () => CallAsync(hub, request, TimeSpan.Zero, LeadIn));
        var runs = Paces.Select(_ => new Round[Rounds]).ToArray();
        var jobAlone = new double[Rounds];
        for (var round = 0; round < Rounds; round++)
        {
            for (var pace = 0; pace < Paces.Length; pace++)
                runs[pace][round] = await RoundAsync(hub, request, Paces[pace], round);
            jobAlone[round] = await BesideJobAsync(hub, () => Task.Delay(AlonePhase));
        }

        return [.. Paces.SelectMany((pace, i) => Of(pace.Name, runs[i], jobAlone))];
    }

    /// <summary>The three beside one another, each first in turn: what else the machine does meets all.</summary>
    private static async Task<Round> RoundAsync(
        JobsHubProcess hub, ModelInferRequest request, Pace pace, int round)
    {
        var result = new Round();
        Task<Calls> CallAsync() => JobsBenchmark.CallAsync(hub, request, pace.Every, pace.Phase);
        Task LeadAsync() => JobsBenchmark.CallAsync(hub, request, pace.Every, LeadIn);
        for (var turn = 0; turn < 4; turn++)
        {
            switch ((round + turn) % 4)
            {
                case 0:
                    await LeadAsync();
                    result.Alone = await CallAsync();
                    break;
                case 2:
                    await LeadAsync();
                    result.AloneAgain = await CallAsync();
                    break;
                case 1:
                    result.JobRate = await BesideJobAsync(
                        hub, async () => result.Job = await CallAsync(), LeadAsync);
                    break;
                default:
                    using (new IdleLoop())
                    {
                        await LeadAsync();
                        result.Loop = await CallAsync();
                    }

                    break;
            }
        }

        return result;
    }

    private static IEnumerable<Figure> Of(string pace, Round[] rounds, double[] jobAlone)
    {
        Calls All(params Func<Round, Calls>[] of) => Calls.Of(rounds.SelectMany(round => of.Select(one => one(round))));
        var (job, loop, first, again) = (All(r => r.Job), All(r => r.Loop), All(r => r.Alone), All(r => r.AloneAgain));
        var alone = All(r => r.Alone, r => r.AloneAgain);
        yield return Beside($"{pace}: p50 beside a job", job.Micros(0.5), "µs", "alone", alone.Micros(0.5));
        yield return Beside($"{pace}: p50 beside a bare loop", loop.Micros(0.5), "µs", "alone", alone.Micros(0.5));
        yield return Figure.RatioAtMost(
            $"{pace}: p99 beside a job", job.Micros(0.99), "µs", "alone", alone.Micros(0.99), 1.10);
        yield return Beside($"{pace}: p99 beside a bare loop", loop.Micros(0.99), "µs", "alone", alone.Micros(0.99));
        // What these two ratios differ from 1 by, no job did.
        yield return Beside($"{pace}: p99 alone again", again.Micros(0.99), "µs", "alone before", first.Micros(0.99));
        yield return Beside(
            $"{pace}: p99 alone again, median of rounds", Statistics.Median(rounds.Select(r => r.AloneAgain.Micros(0.99))),
            "µs", "alone before", Statistics.Median(rounds.Select(r => r.Alone.Micros(0.99))));
        yield return Beside(
            $"{pace}: p99 beside a job, median of rounds", Statistics.Median(rounds.Select(r => r.Job.Micros(0.99))), "µs",
            "alone", Statistics.Median(rounds.SelectMany(r => new[] { r.Alone, r.AloneAgain }.Select(c => c.Micros(0.99)))));
        yield return Beside($"{pace}: calls/s beside a job", job.PerSecond, "calls/s", "alone", alone.PerSecond);
        yield return Beside(
            $"{pace}: the job", Statistics.Median(rounds.Select(r => r.JobRate)), "windows/s", "job alone",
            Statistics.Median(jobAlone));
    }

    private static Figure Beside(string name, double value, string unit, string peer, double other) =>
        new(name, value, unit, peer, other, value / other);

    /// <summary>Runs something while a job runs.</summary>
    /// <param name="lead">What comes before it and is not counted.</param>
    /// <returns>Windows per second that the job scored meanwhile.</returns>
    private static async Task<double> BesideJobAsync(JobsHubProcess hub, Func<Task> run, Func<Task>? lead = null)
    {
        var submitted = await hub.Jobs.SubmitAsync(new SubmitJobRequest
        {
            Rescore = new RescoreJob
            {
                Device = JobsHubProcess.Device, Channel = JobsHubProcess.Channel, Model = Model, Hop = Hop,
            },
        });
        var reference = new JobReference { Id = submitted.Id };
        // Under way, and not at its beginning.
        Job before;
        do
            before = await hub.Jobs.GetAsync(reference);
        while (before.ResultItems == 0);
        if (lead is not null)
        {
            await lead();
            before = await hub.Jobs.GetAsync(reference);
        }

        var start = Stopwatch.GetTimestamp();
        await run();
        var after = await hub.Jobs.GetAsync(reference);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        await hub.Jobs.CancelAsync(reference);
        return after.State == JobStateCode.Running
            ? (after.ResultItems - before.ResultItems) / seconds
            : throw new BenchmarkException($"the job was {after.State} before the round was over: {after.Reason}");
    }

    private static async Task<Calls> CallAsync(
        JobsHubProcess hub, ModelInferRequest request, TimeSpan every, TimeSpan phase)
    {
        var (client, ticks, start) = (hub.Inference, new List<long>(), Stopwatch.GetTimestamp());
        for (var elapsed = TimeSpan.Zero; elapsed < phase; elapsed = Stopwatch.GetElapsedTime(start))
        {
            var due = every * ticks.Count - elapsed;
            if (due > TimeSpan.FromMilliseconds(1))
                await Task.Delay(due);
            var sent = Stopwatch.GetTimestamp();
            await client.ModelInferAsync(request);
            ticks.Add(Stopwatch.GetTimestamp() - sent);
        }

        return new Calls([.. ticks], Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    private static ModelInferRequest Request()
    {
        var manifest = ModelBundle.Load(Path.Combine(AgentProcess.Shipped, "models", Model, "1.0.0")).Manifest;
        return new ModelInferRequest
        {
            ModelName = Model,
            Inputs =
            {
                new ModelInferRequest.Types.InferInputTensor
                {
                    Name = manifest.Input.Name, Datatype = "FP32", Shape = { 1, manifest.Input.Width },
                },
            },
            RawInputContents = { ByteString.CopyFrom(new byte[manifest.Input.Width * sizeof(float)]) },
        };
    }

    private sealed record Pace(string Name, TimeSpan Every, TimeSpan Phase);

    private sealed record Calls(long[] Ticks, double Seconds)
    {
        public double PerSecond => Ticks.Length / Seconds;

        public static Calls Of(IEnumerable<Calls> phases)
        {
            var all = phases.ToArray();
            return new Calls([.. all.SelectMany(phase => phase.Ticks)], all.Sum(phase => phase.Seconds));
        }

        public double Micros(double share) => Statistics.Percentile(Ticks, share) / (Stopwatch.Frequency / 1e6);
    }

    private sealed class Round
    {
        public Calls Alone { get; set; } = null!;

        /// <summary>In the same round: tells how far one phase differs from the next by itself.</summary>
        public Calls AloneAgain { get; set; } = null!;

        public Calls Job { get; set; } = null!;

        public Calls Loop { get; set; } = null!;

        /// <summary>Windows per second that the job scored beside the calls.</summary>
        public double JobRate { get; set; }
    }

    /// <summary>A shell that counts to nowhere, under the policy that the hub's jobs run under.</summary>
    private sealed class IdleLoop : IDisposable
    {
        private readonly Process _process = Process.Start("chrt", ["-i", "0", "sh", "-c", "while :; do :; done"]);

        public void Dispose()
        {
            _process.Kill();
            _process.WaitForExit();
            _process.Dispose();
        }
    }
}
