using System.Net;
using LeptonEdge.Serving;
using LeptonEdge.Serving.Grpc;
using LeptonEdge.Serving.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace LeptonEdge.Benchmarks.Offload;

/// <summary>The service and an echo on one HTTP/2 port of their own, without TLS.</summary>
internal sealed class OffloadServer(WebApplication app, ModelRepository models, IPEndPoint address) : IAsyncDisposable
{
    /// <summary>A model that gives back what it takes.</summary>
    public const string Nothing = "nothing";

    public const string EchoPath = "/echo";
    public const string InferPath = "/inference.GRPCInferenceService/ModelInfer";
    public const string StreamPath = "/inference.GRPCInferenceService/ModelStreamInfer";

    public static string Models { get; } = FindModels();

    public IPEndPoint Address => address;

    /// <summary>Rows and runs of all models since the start.</summary>
    public (long Rows, long Runs) Runs()
    {
        var counts = models.Loaded.Select(model => model.Counters.Read().Counts).ToArray();
        return (counts.Sum(count => count.Rows), counts.Sum(count => count.Executions));
    }

    public static async Task<OffloadServer> StartAsync(string folder, int batchMax)
    {
        var options = new ServingOptions
        {
            ServerName = "bench", ServerVersion = "1", ModelsFolder = folder, QueueMax = 1024, BatchMax = batchMax,
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
        return new OffloadServer(app, models, listening!.IPEndPoint!);
    }

    public async ValueTask DisposeAsync()
    {
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
