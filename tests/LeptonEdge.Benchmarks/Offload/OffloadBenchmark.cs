using System.Diagnostics;
using System.Runtime;
using LeptonEdge.Inference.Tensors;
using LeptonEdge.Tests.Serving;

namespace LeptonEdge.Benchmarks.Offload;

/// <summary>What an inference over the network costs beside a bare echo of the same bytes by the same server, and what
/// running requests as batches brings. One client for all of them, <see cref="Http2Load"/>, with bytes made
/// beforehand.</summary>
internal sealed class OffloadBenchmark : IBenchmark
{
    // What the "small model" is here: the one that devices run themselves.
    private const string Small = "bearing-fault";
    private const double BatchingAsked = 3;
    private const int Rounds = 5;
    private const int SingleCalls = 2_000;
    private const int WarmLoadsMax = 60;
    private const int CalmLoads = 3;
    private const int CalmMethods = 2;
    private const int InFlight = 64;
    private const int Connections = 2;
    private static readonly TimeSpan s_loaded = TimeSpan.FromSeconds(0.5);

    public string Name => "offload";

    public string Summary => "calls to the inference service, single and 64 in flight, beside a bare HTTP/2 echo";

    public async Task<IReadOnlyList<Figure>> RunAsync(string[] args)
    {
        if (args.Length > 1)
            throw new BenchmarkException("offload takes the name of one model, or nothing for all");
        await using var alone = await OffloadServer.StartAsync(OffloadServer.Models, batchMax: 1);
        await using var batched = await OffloadServer.StartAsync(OffloadServer.Models, batchMax: InFlight);
        var (empty, emptyStream, figures) = await EmptyAsync();
        foreach (var model in new[]
            { Small, "host-anomaly", "pump-anomaly", "turbofan-wear", "bearing-fault-large" })
        {
            if (args.Length == 0 || args[0] == model)
                figures.AddRange(Measure(model, alone, batched, empty, emptyStream));
        }

        return figures;
    }

    /// <summary>What the service reaches with a model that does nothing: no batching can bring more than
    /// that.</summary>
    /// <returns>Microseconds of processor time of such a call, and of such a message of a stream.</returns>
    private static async Task<(double Call, double Message, List<Figure> Figures)> EmptyAsync()
    {
        const int Width = 64;
        var root = Directory.CreateTempSubdirectory("offload-");
        try
        {
            var folder = root.CreateSubdirectory(Path.Combine(OffloadServer.Nothing, "1"));
            await File.WriteAllBytesAsync(
                Path.Combine(folder.FullName, "model.onnx"),
                IdentityOnnx.Write(("x", TensorType.Float32, [null, Width])));
            await using var server = await OffloadServer.StartAsync(root.FullName, batchMax: InFlight);
            var request = ModelCost.Frame(OffloadServer.Nothing, "x", new byte[Width * sizeof(float)]);
            var (ours, echo) = (new Way(server, OffloadServer.InferPath), new Way(server, OffloadServer.EchoPath));
            var stream = new Way(server, OffloadServer.StreamPath, IsStream: true);
            Array.ForEach([ours, echo, stream], way => way.Warm(request));
            for (var round = 0; round < Rounds; round++)
                Array.ForEach([ours, echo, stream], way => way.Measure(round, request));

            const string Load = "a model that does nothing: 64 in flight";
            return (Statistics.Median(ours.CpuMicros), Statistics.Median(stream.CpuMicros),
            [
                Beside("a model that does nothing: single call p50", ours.P50, "µs", "echo", echo.P50),
                Beside(Load, ours.PerSecond, "calls/s", "echo", echo.PerSecond),
                Beside($"{Load}, processor time of a call", ours.CpuMicros, "µs", "echo", echo.CpuMicros),
                Beside($"{Load} on streams", stream.PerSecond, "calls/s", "echo", echo.PerSecond),
                Beside($"{Load} on streams, processor time of a call", stream.CpuMicros, "µs", "echo", echo.CpuMicros),
            ]);
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    private static List<Figure> Measure(
        string model, OffloadServer alone, OffloadServer batched, double empty, double emptyStream)
    {
        var cost = ModelCost.Measure(model, InFlight);
        Way[] ways =
        [
            new(alone, OffloadServer.EchoPath), new(alone, OffloadServer.InferPath),
            new(batched, OffloadServer.InferPath), new(alone, OffloadServer.StreamPath, IsStream: true),
            new(batched, OffloadServer.StreamPath, IsStream: true),
        ];
        foreach (var way in ways)
            way.Warm(cost.Request);
        for (var round = 0; round < Rounds; round++)
        {
            // Side by side, each first in turn: what else the machine does meets all.
            for (var turn = 0; turn < ways.Length; turn++)
                ways[(round + turn) % ways.Length].Measure(round, cost.Request);
        }

        var (echo, off, on) = (ways[0], ways[1], ways[2]);
        var floor = Statistics.Median(echo.P50) + cost.AloneMicros;
        const string Echo = "echo + model";
        return
        [
            Figure.RatioAtMost(
                $"{model}: single call p50, batching off", Statistics.Median(off.P50), "µs", Echo, floor, 1.5),
            Figure.RatioAtMost(
                $"{model}: single call p50, batching on", Statistics.Median(on.P50), "µs", Echo, floor, 1.5),
            Beside($"{model}: single call p99, batching off", off.P99, "µs", "echo", echo.P99),
            Beside($"{model}: single call p99, batching on", on.P99, "µs", "echo", echo.P99),
            Beside($"{model}: {InFlight} in flight, batching off", off.PerSecond, "calls/s", "echo", echo.PerSecond),
            .. Batching(model, $"{InFlight} in flight", off, on, cost, empty),
            .. Batching(model, $"{InFlight} in flight on streams", ways[3], ways[4], cost, emptyStream),
        ];
    }

    /// <summary>What batching brings, and what limits it: a call costs more than its run, and batching makes only the
    /// run cheaper.</summary>
    private static IEnumerable<Figure> Batching(
        string model, string load, Way off, Way on, ModelCost cost, double empty)
    {
        var (value, peer) = (Statistics.Median(on.PerSecond), Statistics.Median(off.PerSecond));
        var name = $"{model}: {load}, batching on";
        yield return model == Small
            ? Figure.RatioAtLeast(name, value, "calls/s", "batching off", peer, BatchingAsked)
            : new Figure(name, value, "calls/s", "batching off", peer, value / peer);
        var (whole, batched) = (Statistics.Median(off.CpuMicros), Statistics.Median(on.CpuMicros));
        yield return new Figure(
            $"{model}: {load}, processor time of a call", batched, "µs", "batching off", whole, batched / whole);
        var (client, clientOff) = (Statistics.Median(on.ClientMicros), Statistics.Median(off.ClientMicros));
        yield return new Figure(
            $"{model}: {load}, of it the client's", client, "µs", "batching off", clientOff, client / clientOff);
        yield return new Figure(
            $"{model}: {load}, time of the model's run for a row", cost.TogetherMicros, "µs", "batching off",
            cost.AloneMicros, cost.TogetherMicros / cost.AloneMicros);
        // Both ends are in this process. All but the run is gRPC, HTTP/2, sockets and the client: what a call to a
        // model that does nothing costs, and no batching takes that away.
        var least = empty + cost.TogetherMicros;
        yield return new Figure(
            $"{model}: {load}, least processor time of a call", least, "µs", "batching off", whole, least / whole);
        yield return new Figure(
            $"{model}: {load}, calls of off for one at the least", whole / least, "times", "now", whole / batched);
        yield return new Figure($"{model}: {load}, rows of a run", Statistics.Median(on.Rows), "rows");
    }

    private static Figure Beside(string name, double[] ours, string unit, string peer, double[] theirs)
    {
        var (value, other) = (Statistics.Median(ours), Statistics.Median(theirs));
        return new Figure(name, value, unit, peer, other, value / other);
    }

    /// <summary>One way to ask a server, and what each round measured.</summary>
    private sealed record Way(OffloadServer Server, string Path, bool IsStream = false)
    {
        public double[] P50 { get; } = new double[Rounds];

        public double[] P99 { get; } = new double[Rounds];

        public double[] PerSecond { get; } = new double[Rounds];

        public double[] CpuMicros { get; } = new double[Rounds];

        /// <summary>The client's share of it.</summary>
        public double[] ClientMicros { get; } = new double[Rounds];

        /// <summary>Of a run, while so many requests were in flight.</summary>
        public double[] Rows { get; } = new double[Rounds];

        /// <summary>Until the runtime has compiled what runs often as well as it can, which it does beside the
        /// work, in steps, over ten seconds and more: the echo's code comes compiled, ours does not.</summary>
        public void Warm(byte[] request)
        {
            for (var (load, calm) = (0, 0); load < WarmLoadsMax && calm < CalmLoads; load++)
            {
                var before = JitInfo.GetCompiledMethodCount();
                if (!IsStream)
                    Http2Load.Times(Server.Address, Path, request, SingleCalls);
                Load(request);
                calm = JitInfo.GetCompiledMethodCount() - before <= CalmMethods ? calm + 1 : 0;
            }
        }

        private LoadFigures Load(byte[] request) => Http2Load.Measure(
            Server.Address, Path, request, Connections, InFlight, IsStream, s_loaded);

        public void Measure(int round, byte[] request)
        {
            if (!IsStream)
            {
                var ticks = Http2Load.Times(Server.Address, Path, request, SingleCalls);
                var perMicro = Stopwatch.Frequency / 1e6;
                P50[round] = Statistics.Percentile(ticks, 0.5) / perMicro;
                P99[round] = Statistics.Percentile(ticks, 0.99) / perMicro;
            }

            var before = Server.Runs();
            (PerSecond[round], CpuMicros[round], ClientMicros[round]) = Load(request);
            var after = Server.Runs();
            Rows[round] = after.Runs == before.Runs
                ? 0
                : (double)(after.Rows - before.Rows) / (after.Runs - before.Runs);
        }
    }
}
