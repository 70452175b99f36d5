using Grpc.Core;
using LeptonEdge.Protocol.Inference;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Serving.Upstream;

/// <summary>Asks one server again and again whether it is there, and which models it has ready.</summary>
internal sealed class UpstreamWatch(UpstreamPool pool, UpstreamServer server, TimeProvider clock, ILogger logger)
{
    private readonly UpstreamSounding _sounding = new(pool, server, clock);
    private bool _keepsIndex = true;

    /// <summary>Until its token ends it.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var every = pool.Options.Health.Every;
        try
        {
            while (true)
            {
                await CheckAsync(stopping).ConfigureAwait(false);
                // One that is away is wanted back soon.
                await Task.Delay(server.IsUp ? every : every / 4, clock, stopping).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The hub stops.
        }
    }

    private async Task CheckAsync(CancellationToken stopping)
    {
        // "Not ready" may mean one broken model among many: which ones answer is asked for each.
        var there = await AskAsync(
            (client, options) => client.ServerReadyAsync(new ServerReadyRequest(), options), stopping)
            .ConfigureAwait(false);
        if (server.SetUp(there.Reply is not null))
        {
            if (server.IsUp)
                UpstreamLog.Up(logger, pool.Options.Name, server.Address);
            else
                UpstreamLog.Down(logger, pool.Options.Name, server.Address, there.Fault?.Detail ?? "");
        }

        if (!server.IsUp)
            return;
        await ReadIndexAsync(stopping).ConfigureAwait(false);
        var listed = server.Index?.Select(model => model.Name).ToHashSet(StringComparer.Ordinal) ?? [];
        foreach (var model in listed.Where(pool.Options.Serves).Take(UpstreamPool.ModelsMax))
            Learn(model, server.Index!.Any(entry => entry.Name == model && entry.State == "READY"));
        foreach (var model in pool.Models.Union(pool.Wanted).Where(model => !listed.Contains(model)))
            await CheckAsync(model, stopping).ConfigureAwait(false);
        _sounding.Begin(stopping);
    }

    private async Task CheckAsync(string model, CancellationToken stopping)
    {
        var request = new ModelReadyRequest { Name = model };
        var attempt = await AskAsync((client, options) => client.ModelReadyAsync(request, options), stopping)
            .ConfigureAwait(false);
        Learn(model, attempt.Reply is { Ready: true });
    }

    private void Learn(string model, bool isReady)
    {
        if (isReady && server.IsReady(model) == false)
            pool.Forget(model);
        server.SetReady(model, isReady);
    }

    private async Task ReadIndexAsync(CancellationToken stopping)
    {
        if (!_keepsIndex)
            return;
        var attempt = await AskAsync(
            (client, options) => client.RepositoryIndexAsync(new RepositoryIndexRequest(), options), stopping)
            .ConfigureAwait(false);
        // Triton's extension; not every server has it.
        _keepsIndex = attempt.Fault?.Status is not (StatusCode.Unimplemented or StatusCode.PermissionDenied);
        server.Index = attempt.Reply?.Models;
    }

    private Task<UpstreamAttempt<T>> AskAsync<T>(
        Func<GRPCInferenceService.GRPCInferenceServiceClient, CallOptions, AsyncUnaryCall<T>> call,
        CancellationToken stopping)
        where T : class => pool.AskAsync(server, default, call, stopping);
}

internal static partial class UpstreamLog
{
    [LoggerMessage(1, LogLevel.Information, "Upstream pool {Pool}: {Server} is there")]
    public static partial void Up(ILogger logger, string pool, Uri server);

    [LoggerMessage(2, LogLevel.Warning, "Upstream pool {Pool}: {Server} is away: {Reason}")]
    public static partial void Down(ILogger logger, string pool, Uri server, string reason);

    [LoggerMessage(3, LogLevel.Warning,
        "Upstream pool {Pool}: {Server} fails half of its calls and is left alone for a while: {Reason}")]
    public static partial void Ejected(ILogger logger, string pool, Uri server, string reason);

    [LoggerMessage(4, LogLevel.Information, "Upstream pool {Pool}: {Server} answers again")]
    public static partial void Returned(ILogger logger, string pool, Uri server);
}
