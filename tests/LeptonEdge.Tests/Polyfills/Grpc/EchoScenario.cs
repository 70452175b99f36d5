using Grpc.Core;
using Grpc.Net.Client;

namespace LeptonEdge.Tests.Polyfills.GrpcPeers;

/// <summary>What our client must see from any server of the Echo service, ours or another's.</summary>
public static class EchoScenario
{
    public static async Task RunAsync(GrpcChannel channel)
    {
        var invoker = channel.CreateCallInvoker();
        await Unary(invoker);
        await MetadataAndTrailers(invoker);
        await Errors(invoker);
        await Streams(invoker);
        await DeadlineAndCancellation(invoker);
        await Gzip(invoker);
    }

    public static async Task Unary(CallInvoker invoker)
    {
        Assert.Equal("grüß", await invoker.AsyncUnaryCall(Echo.Unary, null, default, "grüß"));
        Assert.Equal("", await invoker.AsyncUnaryCall(Echo.Unary, null, default, ""));
        Assert.Equal("blocking", invoker.BlockingUnaryCall(Echo.Unary, null, default, "blocking"));
        Assert.Equal(300_000, (await invoker.AsyncUnaryCall(Echo.Unary, null, default, "big:300000")).Length);
        var long1 = new string('y', 2_000_000);
        Assert.Equal(long1, await invoker.AsyncUnaryCall(Echo.Unary, null, default, long1));
    }

    public static async Task MetadataAndTrailers(CallInvoker invoker)
    {
        var headers = new Metadata { { "X-Text", "a, b" }, { "x-bytes-bin", [1, 2, 255, 0] } };
        using var call = invoker.AsyncUnaryCall(Echo.Unary, null, new CallOptions(headers), "hi");
        Assert.Equal("a, b", (await call.ResponseHeadersAsync).GetValue("x-header"));
        Assert.Equal("hi", await call);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
        Assert.Equal("a, b", call.GetTrailers().GetValue("x-trailer"));
        Assert.Equal([0, 255, 2, 1], call.GetTrailers().GetValueBytes("x-bytes-bin"));
    }

    public static async Task Errors(CallInvoker invoker)
    {
        var failed = await Assert.ThrowsAsync<RpcException>(
            async () => await invoker.AsyncUnaryCall(Echo.Unary, null, default, "fail:9:100 % schlecht\nzwei"));
        Assert.Equal(StatusCode.FailedPrecondition, failed.StatusCode);
        Assert.Equal("100 % schlecht\nzwei", failed.Status.Detail);
        Assert.Equal("asked to", failed.Trailers.GetValue("x-why"));

        var unknown = await Assert.ThrowsAsync<RpcException>(
            async () => await invoker.AsyncUnaryCall(Echo.Text(MethodType.Unary, "Nothing"), null, default, "x"));
        Assert.Equal(StatusCode.Unimplemented, unknown.StatusCode);
    }

    public static async Task Streams(CallInvoker invoker)
    {
        using (var collect = invoker.AsyncClientStreamingCall(Echo.Collect, null, default))
        {
            foreach (var word in new[] { "a", "b", "c" })
                await collect.RequestStream.WriteAsync(word);
            await collect.RequestStream.CompleteAsync();
            Assert.Equal("a+b+c", await collect);
        }
        using (var count = invoker.AsyncServerStreamingCall(Echo.Count, null, default, "100"))
        {
            var numbers = new List<string>();
            await foreach (var number in count.ResponseStream.ReadAllAsync())
                numbers.Add(number);
            Assert.Equal(Enumerable.Range(1, 100).Select(number => $"{number}"), numbers);
            Assert.Equal("100", count.GetTrailers().GetValue("x-count"));
        }
        using (var half = invoker.AsyncServerStreamingCall(Echo.Count, null, default, "2:fail"))
        {
            Assert.True(await half.ResponseStream.MoveNext());
            Assert.True(await half.ResponseStream.MoveNext());
            var failed = await Assert.ThrowsAsync<RpcException>(() => half.ResponseStream.MoveNext());
            Assert.Equal((StatusCode.DataLoss, "half-way"), (failed.StatusCode, failed.Status.Detail));
        }
        using var chat = invoker.AsyncDuplexStreamingCall(Echo.Chat, null, default);
        Assert.True(await chat.ResponseStream.MoveNext());
        Assert.Equal("hello", chat.ResponseStream.Current);
        foreach (var word in new[] { "one", "two" })
        {
            await chat.RequestStream.WriteAsync(word);
            Assert.True(await chat.ResponseStream.MoveNext());
            Assert.Equal(word.ToUpperInvariant(), chat.ResponseStream.Current);
        }
        await chat.RequestStream.CompleteAsync();
        Assert.False(await chat.ResponseStream.MoveNext());
        Assert.Equal(StatusCode.OK, chat.GetStatus().StatusCode);
    }

    public static async Task DeadlineAndCancellation(CallInvoker invoker)
    {
        var soon = new CallOptions(deadline: DateTime.UtcNow.AddMilliseconds(200));
        var late = await Assert.ThrowsAsync<RpcException>(
            async () => await invoker.AsyncUnaryCall(Echo.Unary, null, soon, "wait"));
        Assert.Equal(StatusCode.DeadlineExceeded, late.StatusCode);

        var ample = new CallOptions(deadline: DateTime.UtcNow.AddSeconds(50));
        var left = int.Parse(await invoker.AsyncUnaryCall(Echo.Unary, null, ample, "deadline"), null);
        Assert.InRange(left, 45, 50);

        using var giveUp = new CancellationTokenSource();
        using var count = invoker.AsyncServerStreamingCall(
            Echo.Count, null, new CallOptions(cancellationToken: giveUp.Token), "1:wait");
        Assert.True(await count.ResponseStream.MoveNext());
        var next = count.ResponseStream.MoveNext();
        await giveUp.CancelAsync();
        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => next)).StatusCode);
        Assert.Equal(StatusCode.Cancelled, count.GetStatus().StatusCode);
    }

    public static async Task Gzip(CallInvoker invoker)
    {
        var options = new CallOptions(new Metadata { { "grpc-internal-encoding-request", "gzip" } });
        var text = new string('z', 50_000);
        Assert.Equal(text, await invoker.AsyncUnaryCall(Echo.Unary, null, options, text));
    }
}
