using System.Net.Security;
using Grpc.Core;
using Grpc.Net.Client;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Polyfills.GrpcPeers;

/// <summary>Our client and our server with each other: what a foreign peer cannot be asked to do.</summary>
public sealed class OwnPeerTests
{
    [Fact]
    public async Task Our_client_and_server_understand_each_other_in_plain_text()
    {
        await using var host = await EchoHost.StartAsync();
        using var channel = GrpcChannel.ForAddress(host.PlainAddress);
        await EchoScenario.RunAsync(channel);
    }

    [Fact]
    public async Task Our_client_and_server_understand_each_other_over_TLS()
    {
        await using var host = await EchoHost.StartAsync(options => options.ResponseCompressionAlgorithm = "gzip");
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, presented, _, _) =>
                    presented!.GetCertHashString() == host.Certificate.GetCertHashString(),
            },
        };
        using var channel = GrpcChannel.ForAddress(host.TlsAddress, new GrpcChannelOptions { HttpHandler = handler });
        await EchoScenario.RunAsync(channel);
    }

    [Fact]
    public async Task A_call_that_is_given_up_is_cancelled_at_the_server()
    {
        await using var host = await EchoHost.StartAsync();
        using var channel = GrpcChannel.ForAddress(host.PlainAddress);
        using (var call = channel.CreateCallInvoker().AsyncServerStreamingCall(Echo.Count, null, default, "1:wait"))
            Assert.True(await call.ResponseStream.MoveNext());
        await Eventually.True(() => host.Log.Cancelled == 1, "the server's handler learns of the cancellation");
    }

    [Fact]
    public async Task A_handler_that_ignores_its_deadline_does_not_keep_the_client_waiting()
    {
        await using var host = await EchoHost.StartAsync();
        // A client without a timer of its own: the server alone enforces the deadline.
        var answer = await RawCall.PostAsync(host.PlainAddress, "/lepton.test.Echo/Unary",
            RawCall.Frame("stubborn"u8), ("grpc-timeout", "100m"));
        Assert.Equal(("4", "Deadline Exceeded"), (answer.Status, answer.Message));
        host.Log.Released.SetResult();
        var next = await RawCall.PostAsync(host.PlainAddress, "/lepton.test.Echo/Unary", RawCall.Frame("on"u8));
        Assert.Equal("0", next.Status);
    }

    [Fact]
    public async Task Messages_over_the_limit_end_their_call_with_ResourceExhausted()
    {
        await using var host = await EchoHost.StartAsync(options =>
            (options.MaxReceiveMessageSize, options.MaxSendMessageSize) = (1000, 2000));
        using var channel = GrpcChannel.ForAddress(host.PlainAddress, new GrpcChannelOptions
        {
            MaxReceiveMessageSize = 1500,
            MaxSendMessageSize = 1200,
        });
        var invoker = channel.CreateCallInvoker();
        foreach (var (request, by) in new[]
        {
            (new string('x', 1100), "Received message exceeds"),
            (new string('x', 1300), "Sending message exceeds"),
            ("big:1700", "Received message exceeds"),
            ("big:2100", "Sending message exceeds"),
        })
        {
            var failed = await Assert.ThrowsAsync<RpcException>(
                async () => await invoker.AsyncUnaryCall(Echo.Unary, null, default, request));
            Assert.Equal(StatusCode.ResourceExhausted, failed.StatusCode);
            Assert.Contains(by, failed.Status.Detail, StringComparison.Ordinal);
        }
        Assert.Equal("still here", await invoker.AsyncUnaryCall(Echo.Unary, null, default, "still here"));
    }

    [Fact]
    public async Task A_compressed_message_that_unpacks_over_the_limit_is_refused()
    {
        await using var host = await EchoHost.StartAsync(options => options.MaxReceiveMessageSize = 10_000);
        using var channel = GrpcChannel.ForAddress(host.PlainAddress);
        var gzip = new CallOptions(new Metadata { { "grpc-internal-encoding-request", "gzip" } });
        var failed = await Assert.ThrowsAsync<RpcException>(async () => await channel.CreateCallInvoker()
            .AsyncUnaryCall(Echo.Unary, null, gzip, new string('0', 1_000_000)));
        Assert.Equal(StatusCode.ResourceExhausted, failed.StatusCode);
    }

    [Theory]
    [InlineData(false, "Exception was thrown by handler.")]
    [InlineData(true, "Exception was thrown by handler. InvalidOperationException: a secret")]
    public async Task An_exception_becomes_Unknown_and_tells_details_only_when_asked(bool detailed, string expected)
    {
        await using var host = await EchoHost.StartAsync(options => options.EnableDetailedErrors = detailed);
        using var channel = GrpcChannel.ForAddress(host.PlainAddress);
        var failed = await Assert.ThrowsAsync<RpcException>(
            async () => await channel.CreateCallInvoker().AsyncUnaryCall(Echo.Unary, null, default, "throw"));
        Assert.Equal((StatusCode.Unknown, expected), (failed.StatusCode, failed.Status.Detail));
    }

    [Fact]
    public async Task A_status_set_by_the_handler_is_the_calls_status()
    {
        await using var host = await EchoHost.StartAsync();
        using var channel = GrpcChannel.ForAddress(host.PlainAddress);
        var failed = await Assert.ThrowsAsync<RpcException>(
            async () => await channel.CreateCallInvoker().AsyncUnaryCall(Echo.Unary, null, default, "set"));
        Assert.Equal((StatusCode.OutOfRange, "set, not thrown"), (failed.StatusCode, failed.Status.Detail));
    }

    [Fact]
    public async Task A_stream_that_the_server_refuses_early_tells_the_client_why()
    {
        await using var host = await EchoHost.StartAsync();
        using var channel = GrpcChannel.ForAddress(host.PlainAddress);
        using var call = channel.CreateCallInvoker().AsyncClientStreamingCall(Echo.Collect, null, default);
        await call.RequestStream.WriteAsync("refuse");
        var failed = await Assert.ThrowsAsync<RpcException>(async () => await call);
        Assert.Equal((StatusCode.PermissionDenied, "refused early"), (failed.StatusCode, failed.Status.Detail));
        var write = await Assert.ThrowsAsync<RpcException>(() => call.RequestStream.WriteAsync("more"));
        Assert.Equal(StatusCode.PermissionDenied, write.StatusCode);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_Unavailable()
    {
        using var channel = GrpcChannel.ForAddress("http://127.0.0.1:1");
        var failed = await Assert.ThrowsAsync<RpcException>(
            async () => await channel.CreateCallInvoker().AsyncUnaryCall(Echo.Unary, null, default, "x"));
        Assert.Equal(StatusCode.Unavailable, failed.StatusCode);
    }

    [Fact]
    public async Task A_deadline_in_the_past_needs_no_server()
    {
        using var channel = GrpcChannel.ForAddress("http://127.0.0.1:1");
        var past = new CallOptions(deadline: DateTime.UtcNow.AddSeconds(-1));
        var failed = await Assert.ThrowsAsync<RpcException>(
            async () => await channel.CreateCallInvoker().AsyncUnaryCall(Echo.Unary, null, past, "x"));
        Assert.Equal(StatusCode.DeadlineExceeded, failed.StatusCode);
    }
}
