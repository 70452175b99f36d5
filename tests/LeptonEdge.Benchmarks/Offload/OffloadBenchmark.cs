using System.Buffers.Binary;
using System.Diagnostics;
using Google.Protobuf;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Inference.Sessions;
using LeptonEdge.Inference.Tensors;
using LeptonEdge.Protocol.Inference;
using LeptonEdge.Tests.Serving;

namespace LeptonEdge.Benchmarks.Offload;

/// <summary>What an inference over the network costs beside a bare echo of the same bytes by the same server, and what
/// running requests as batches brings. One client for all of them, <see cref="Http2Load"/>, with bytes made
/// beforehand.</summary>
internal sealed class OffloadBenchmark : IBenchmark
{
    private const int Rounds = 5;
    private const int SingleCalls = 2_000;
    private const int InFlight = 64;
    private const int Connections = 2;
    private static readonly TimeSpan s_loaded = TimeSpan.FromSeconds(1);

    public string Name => "offload";

    public string Summary => "calls to the inference service, single and 64 in flight, beside a bare HTTP/2 echo";

    public async Task<IReadOnlyList<Figure>> RunAsync(string[] args)
    {
        if (args.Length > 1)
            throw new BenchmarkException("offload takes the name of one model, or nothing for all");
        await using var alone = await OffloadServer.StartAsync(OffloadServer.Models, batchMax: 1);
        await using var batched = await OffloadServer.StartAsync(OffloadServer.Models, batchMax: InFlight);
        var figures = new List<Figure>();
        foreach (var (model, batchingAsked) in new (string, double?)[]
            { ("bearing-fault", 3), ("bearing-fault-large", null) })
        {
            if (args.Length == 0 || args[0] == model)
                figures.AddRange(Measure(model, alone, batched, batchingAsked));
        }

        // Last, when everything is compiled.
        figures.AddRange(await CeilingAsync());
        return figures;
    }

    /// <summary>What the service reaches with a model that does nothing: no batching can bring more than
    /// that.</summary>
    private static async Task<List<Figure>> CeilingAsync()
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
            var request = Frame(OffloadServer.Nothing, "x", new byte[Width * sizeof(float)]);
            var (ours, echo) = (new Way(server, OffloadServer.InferPath), new Way(server, OffloadServer.EchoPath));
            ours.Load(request);
            echo.Load(request);
            for (var round = 0; round < Rounds; round++)
            {
                ours.Measure(round, request);
                echo.Measure(round, request);
            }

            const string Load = "a model that does nothing: 64 in flight";
            return
            [
                Beside(Load, ours.PerSecond, "calls/s", "echo", echo.PerSecond),
                Beside($"{Load}, processor time of a call", ours.CpuMicros, "µs", "echo", echo.CpuMicros),
            ];
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    private static List<Figure> Measure(
        string model, OffloadServer alone, OffloadServer batched, double? batchingAsked)
    {
        var (request, modelMicros) = Prepare(model);
        Way[] ways =
        [
            new(alone, OffloadServer.EchoPath), new(alone, OffloadServer.InferPath),
            new(batched, OffloadServer.InferPath), new(batched, OffloadServer.StreamPath, IsStream: true),
        ];
        foreach (var way in ways)
            way.Load(request);
        for (var round = 0; round < Rounds; round++)
        {
            // Side by side, each first in turn: what else the machine does meets all.
            for (var turn = 0; turn < ways.Length; turn++)
                ways[(round + turn) % ways.Length].Measure(round, request);
        }

        var (echo, off, on, stream) = (ways[0], ways[1], ways[2], ways[3]);
        var floor = Statistics.Median(echo.P50) + modelMicros;
        const string Echo = "echo + model";
        var load = $"{model}: {InFlight} in flight";
        return
        [
            Figure.RatioAtMost(
                $"{model}: single call p50, batching off", Statistics.Median(off.P50), "µs", Echo, floor, 1.5),
            Figure.RatioAtMost(
                $"{model}: single call p50, batching on", Statistics.Median(on.P50), "µs", Echo, floor, 1.5),
            Beside($"{model}: single call p99, batching off", off.P99, "µs", "echo", echo.P99),
            Beside($"{model}: single call p99, batching on", on.P99, "µs", "echo", echo.P99),
            Beside($"{load}, batching off", off.PerSecond, "calls/s", "echo", echo.PerSecond),
            Beside($"{load}, batching on", on.PerSecond, "calls/s", "echo", echo.PerSecond),
            batchingAsked is { } asked
                ? Figure.RatioAtLeast(
                    $"{load}, batching on beside off", Statistics.Median(on.PerSecond), "calls/s", "batching off",
                    Statistics.Median(off.PerSecond), asked)
                : Beside($"{load}, batching on beside off", on.PerSecond, "calls/s", "batching off", off.PerSecond),
            Beside($"{load}, on streams", stream.PerSecond, "calls/s", "batching off", off.PerSecond),
            Beside($"{load}, processor time of a call, batching off", off.CpuMicros, "µs", "echo", echo.CpuMicros),
            Beside($"{load}, processor time of a call, batching on", on.CpuMicros, "µs", "echo", echo.CpuMicros),
            Beside($"{load}, processor time of a call, on streams", stream.CpuMicros, "µs", "echo", echo.CpuMicros),
            new Figure($"{load}, rows of a run, batching on", Statistics.Median(on.Rows), "rows"),
            new Figure($"{load}, rows of a run, on streams", Statistics.Median(stream.Rows), "rows"),
        ];
    }

    private static Figure Beside(string name, double[] ours, string unit, string peer, double[] theirs)
    {
        var (value, other) = (Statistics.Median(ours), Statistics.Median(theirs));
        return new Figure(name, value, unit, peer, other, value / other);
    }

    /// <summary>The request in gRPC's framing, and the median time of the model itself, in microseconds.</summary>
    private static (byte[] Request, double ModelMicros) Prepare(string name)
    {
        var bundle = ModelBundle.Load(Path.Combine(OffloadServer.Models, name, "1.0.0"));
        using var model = TensorModel.Open(bundle, new ModelSessionOptions { Variant = ModelVariant.Fp32 });
        var (input, raw) = (model.Inputs[0], new byte[bundle.Manifest.Input.Width * sizeof(float)]);
        Tensor[] inputs =
        [
            new()
            {
                Name = input.Name, Type = input.Type, Shape = [1, bundle.Manifest.Input.Width], Data = raw,
            },
        ];
        string[] outputs = [bundle.Manifest.Output.Name];
        var micros = new double[1_000];
        for (var i = -100; i < micros.Length; i++)
        {
            var start = Stopwatch.GetTimestamp();
            model.Run(inputs, outputs);
            if (i >= 0)
                micros[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }

        return (Frame(name, input.Name, raw), Statistics.Median(micros));
    }

    private static byte[] Frame(string model, string input, byte[] raw)
    {
        var message = new ModelInferRequest
        {
            ModelName = model,
            Inputs =
            {
                new ModelInferRequest.Types.InferInputTensor
                {
                    Name = input, Datatype = "FP32", Shape = { 1, raw.Length / sizeof(float) },
                },
            },
            RawInputContents = { ByteString.CopyFrom(raw) },
        }.ToByteArray();
        var framed = new byte[5 + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), message.Length);
        message.CopyTo(framed, 5);
        return framed;
    }

    /// <summary>One way to ask a server, and what each round measured.</summary>
    private sealed record Way(OffloadServer Server, string Path, bool IsStream = false)
    {
        public double[] P50 { get; } = new double[Rounds];

        public double[] P99 { get; } = new double[Rounds];

        public double[] PerSecond { get; } = new double[Rounds];

        public double[] CpuMicros { get; } = new double[Rounds];

        /// <summary>Of a run, while so many requests were in flight.</summary>
        public double[] Rows { get; } = new double[Rounds];

        public (double PerSecond, double CpuMicros) Load(byte[] request) => Http2Load.Measure(
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
            (PerSecond[round], CpuMicros[round]) = Load(request);
            var after = Server.Runs();
            Rows[round] = after.Runs == before.Runs
                ? 0
                : (double)(after.Rows - before.Rows) / (after.Runs - before.Runs);
        }
    }
}
