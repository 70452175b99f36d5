using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Net.Client;
using LeptonEdge.Protocol.Inference;
using LeptonEdge.Tests.Hub;
using LeptonEdge.Tests.Support;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Tests.Serving;

/// <summary>A caller who hangs up is no failure of the hub, and its log does not say so.</summary>
public sealed class CancelledCallTests
{
    [Fact]
    public async Task A_call_that_its_caller_gave_up_is_not_logged_as_a_failure()
    {
        using var lines = new Lines();
        var hub = new HubUnderTest { Logging = logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(lines) };
        await hub.InitializeAsync();
        try
        {
            var options = new GrpcChannelOptions { HttpHandler = hub.TlsHandler(hub.Device("edge-gone")) };
            using (var channel = GrpcChannel.ForAddress(hub.Https, options))
            {
                var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
                await GiveUpAsync(client);
                await GiveUpStreamAsync(client);
                // A connection that breaks with a call in it.
                var broken = client.ModelStreamInfer();
                await broken.RequestStream.WriteAsync(new ModelInferRequest { ModelName = "nothing" });
                Assert.True(await broken.ResponseStream.MoveNext(CancellationToken.None));
            }

            await Eventually.True(
                () => lines.Texts.Count(text => text.Contains("Request finished")) >= lines.Texts.Count(
                    text => text.Contains("Request starting")),
                "every request has ended");
        }
        finally
        {
            await hub.DisposeAsync();
        }

        Assert.NotEmpty(lines.Texts);
        Assert.DoesNotContain(lines.Texts, text => text.Contains("Cancelled") || text.Contains("threw"));
        Assert.Empty(lines.Failures);
    }

    private static async Task GiveUpAsync(GRPCInferenceService.GRPCInferenceServiceClient client)
    {
        for (var i = 0; i < 20; i++)
        {
            using var stop = new CancellationTokenSource();
            var request = new ModelInferRequest { ModelName = "bearing-fault" };
            var call = client.ModelInferAsync(request, cancellationToken: stop.Token).ResponseAsync;
            await stop.CancelAsync();
            // Sooner or later than the answer: either is well.
            var ended = await Assert.ThrowsAsync<RpcException>(() => call);
            Assert.True(ended.StatusCode is StatusCode.Cancelled or StatusCode.InvalidArgument);
        }
    }

    private static async Task GiveUpStreamAsync(GRPCInferenceService.GRPCInferenceServiceClient client)
    {
        using var stop = new CancellationTokenSource();
        using var stream = client.ModelStreamInfer(cancellationToken: stop.Token);
        await stream.RequestStream.WriteAsync(new ModelInferRequest { ModelName = "nothing" });
        Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<RpcException>(() => stream.ResponseStream.MoveNext(CancellationToken.None));
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Texts { get; } = [];

        public ConcurrentQueue<string> Failures { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            var text = formatter(state, exception);
            Texts.Enqueue(text);
            if (logLevel >= LogLevel.Error)
                Failures.Enqueue($"{text} {exception}");
        }

        public void Dispose()
        {
        }
    }
}
