using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Inference.Sessions;
using LeptonEdge.Inference.Tensors;
using LeptonEdge.Protocol.Inference;
using LeptonEdge.Serving;
using LeptonEdge.Serving.Grpc;
using LeptonEdge.Serving.Models;
using LeptonEdge.Tests.Serving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace LeptonEdge.Benchmarks;

/// <summary>What an inference over the network costs beside a bare echo of the same bytes by the same server, and what
/// running requests as batches brings. One client for all of them: HttpClient with bytes made beforehand.</summary>
internal sealed class OffloadBenchmark : IBenchmark
{
    private const int Rounds = 5;
    private const int SingleCalls = 2_000;
    private const int InFlight = 64;
    private const string Nothing = "nothing";
    private static readonly TimeSpan Loaded = TimeSpan.FromSeconds(1);

    public string Name => "offload";

    public string Summary => "calls to the inference service, single and 64 in flight, beside a bare HTTP/2 echo";

    public async Task<IReadOnlyList<Figure>> RunAsync(string[] args)
    {
        if (args.Length > 0)
            throw new BenchmarkException("offload takes no options");
        await using var alone = await Server.StartAsync(Server.Models, batchMax: 1);
        await using var batched = await Server.StartAsync(Server.Models, batchMax: InFlight);
        var figures = new List<Figure>();
        foreach (var (model, batchingAsked) in new (string, double?)[]
            { ("bearing-fault", 3), ("bearing-fault-large", null) })
            figures.AddRange(await MeasureAsync(model, alone, batched, batchingAsked));
        // Last, when everything is compiled.
        figures.Add(await CeilingAsync());
        return figures;
    }

    /// <summary>What the service reaches with a model that does nothing: no batching can bring more than
    /// that.</summary>
    private static async Task<Figure> CeilingAsync()
    {
        const int Width = 64;
        var root = Directory.CreateTempSubdirectory("offload-");
        try
        {
            var folder = root.CreateSubdirectory(Path.Combine(Nothing, "1"));
            await File.WriteAllBytesAsync(
                Path.Combine(folder.FullName, "model.onnx"),
                IdentityOnnx.Write(("x", TensorType.Float32, [null, Width])));
            await using var server = await Server.StartAsync(root.FullName, batchMax: InFlight);
            await LoadedAsync(server.Client, Server.EchoPath, Frame(Nothing, "x", []));
            var request = Frame(Nothing, "x", new byte[Width * sizeof(float)]);
            var (ours, echo) = (new double[Rounds], new double[Rounds]);
            await LoadedAsync(server.Client, Server.InferPath, request);
            for (var round = 0; round < Rounds; round++)
            {
                ours[round] = await LoadedAsync(server.Client, Server.InferPath, request);
                echo[round] = await LoadedAsync(server.Client, Server.EchoPath, request);
            }

            return Beside($"a model that does nothing: {InFlight} in flight", ours, "calls/s", "echo", echo);
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    private static async Task<List<Figure>> MeasureAsync(
        string model, Server alone, Server batched, double? batchingAsked)
    {
        var (request, modelMicros) = Prepare(model);
        (HttpClient Client, string Path)[] ways =
        [
            (alone.Client, Server.EchoPath), (alone.Client, Server.InferPath), (batched.Client, Server.InferPath),
        ];
        var single = ways.Select(_ => (P50: new double[Rounds], P99: new double[Rounds])).ToArray();
        var loaded = ways.Select(_ => new double[Rounds]).ToArray();
        foreach (var (client, path) in ways)
            await LoadedAsync(client, path, request);
        for (var round = 0; round < Rounds; round++)
        {
            // Side by side, each first in turn: what else the machine does meets all.
            for (var turn = 0; turn < ways.Length; turn++)
            {
                var way = (round + turn) % ways.Length;
                var (client, path) = ways[way];
                (single[way].P50[round], single[way].P99[round]) = await SingleAsync(client, path, request);
                loaded[way][round] = await LoadedAsync(client, path, request);
            }
        }

        var floor = Statistics.Median(single[0].P50) + modelMicros;
        var rows = batched.RowsOfARun(model);
        var (off, on) = (Statistics.Median(loaded[1]), Statistics.Median(loaded[2]));
        const string Echo = "echo + model";
        var figures = new List<Figure>
        {
            Figure.RatioAtMost(
                $"{model}: single call p50, batching off", Statistics.Median(single[1].P50), "µs", Echo, floor, 1.5),
            Figure.RatioAtMost(
                $"{model}: single call p50, batching on", Statistics.Median(single[2].P50), "µs", Echo, floor, 1.5),
            Beside($"{model}: single call p99, batching off", single[1].P99, "µs", "echo", single[0].P99),
            Beside($"{model}: single call p99, batching on", single[2].P99, "µs", "echo", single[0].P99),
            Beside($"{model}: {InFlight} in flight, batching off", loaded[1], "calls/s", "echo", loaded[0]),
            Beside($"{model}: {InFlight} in flight, batching on", loaded[2], "calls/s", "echo", loaded[0]),
            batchingAsked is { } asked
                ? Figure.RatioAtLeast($"{model}: batching on beside off", on, "calls/s", "batching off", off, asked)
                : new Figure($"{model}: batching on beside off", on, "calls/s", "batching off", off, on / off),
            new Figure($"{model}: rows of a run, {InFlight} in flight and single calls", rows, "rows"),
        };
        return figures;
    }

    private static Figure Beside(string name, double[] ours, string unit, string peer, double[] theirs)
    {
        var (value, other) = (Statistics.Median(ours), Statistics.Median(theirs));
        return new Figure(name, value, unit, peer, other, value / other);
    }

    /// <summary>The request in gRPC's framing, and the median time of the model itself, in microseconds.</summary>
    private static (byte[] Request, double ModelMicros) Prepare(string name)
    {
        var bundle = ModelBundle.Load(Path.Combine(Server.Models, name, "1.0.0"));
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

    private static async Task<(double P50, double P99)> SingleAsync(HttpClient client, string path, byte[] request)
    {
        var ticks = new long[SingleCalls];
        for (var i = 0; i < ticks.Length; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await CallAsync(client, path, request);
            ticks[i] = Stopwatch.GetTimestamp() - start;
        }

        var perMicro = Stopwatch.Frequency / 1e6;
        return (Statistics.Percentile(ticks, 0.5) / perMicro, Statistics.Percentile(ticks, 0.99) / perMicro);
    }

    /// <returns>Calls per second.</returns>
    private static async Task<double> LoadedAsync(HttpClient client, string path, byte[] request)
    {
        var start = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, InFlight).Select(_ => Task.Run(async () =>
        {
            var count = 0;
            for (; Stopwatch.GetElapsedTime(start) < Loaded; count++)
                await CallAsync(client, path, request);
            return count;
        })));
        return counts.Sum() / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task CallAsync(HttpClient client, string path, byte[] body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Headers.TryAddWithoutValidation("te", "trailers");
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        using var response = await client.SendAsync(request);
        var bytes = await response.Content.ReadAsByteArrayAsync();
        var status = response.TrailingHeaders.TryGetValues("grpc-status", out var trailer)
            ? trailer.First()
            : response.Headers.TryGetValues("grpc-status", out var header) ? header.First() : "0";
        if (status != "0" || bytes.Length == 0)
            throw new BenchmarkException($"{path} answered with status {status} and {bytes.Length} bytes");
    }

    /// <summary>The service and an echo on one HTTP/2 port of their own, without TLS.</summary>
    private sealed class Server(WebApplication app, ModelRepository models, HttpClient client) : IAsyncDisposable
    {
        public const string EchoPath = "/echo";
        public const string InferPath = "/inference.GRPCInferenceService/ModelInfer";

        public static string Models { get; } = FindModels();

        public HttpClient Client => client;

        /// <summary>Mean over all runs since the start.</summary>
        public double RowsOfARun(string model)
        {
            var counts = models.Find(model, "")!.Counters.Read().Counts;
            return (double)counts.Rows / counts.Executions;
        }

        public static async Task<Server> StartAsync(string folder, int batchMax)
        {
            var options = new ServingOptions
            {
                ServerName = "bench", ServerVersion = "1", ModelsFolder = folder, QueueMax = 1024, BatchMax = batchMax,
                Preload = name => name == Nothing || name.StartsWith("bearing", StringComparison.Ordinal),
            };
            var models = await ModelRepository.OpenAsync(options, TimeProvider.System, NullLogger.Instance);
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.Services.AddLogging().AddSingleton(TimeProvider.System).AddRouting().AddServing(options, models);
            ListenOptions? listening = null;
            builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(
                IPAddress.Loopback, 0, listen => (listening, listen.Protocols) = (listen, HttpProtocols.Http2)));
            var app = builder.Build();
            app.UseRouting();
            app.MapGrpcService<InferenceService>();
            app.MapPost(EchoPath, async context =>
            {
                context.Response.ContentType = "application/grpc";
                await context.Request.Body.CopyToAsync(context.Response.Body);
            });
            await app.StartAsync();
            var client = new HttpClient { BaseAddress = new Uri($"http://{listening!.IPEndPoint}") };
            return new Server(app, models, client);
        }

        public async ValueTask DisposeAsync()
        {
            client.Dispose();
            await app.StopAsync();
            await app.DisposeAsync();
            models.Dispose();
        }

        private static string FindModels()
        {
            for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            {
                var models = Path.Combine(folder.FullName, "firmware-config", "models");
                if (Directory.Exists(models))
                    return models;
            }

            throw new BenchmarkException("firmware-config/models is not above this program");
        }
    }
}
