using Grpc.Core;

namespace Grpc.Net.Client.Internal;

/// <summary>Starts calls on a channel.</summary>
internal sealed class HttpClientCallInvoker(GrpcChannel channel) : CallInvoker
{
    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        // The blocking stub is part of the package's API; product code calls the asynchronous one.
        using var call = AsyncUnaryCall(method, host, options, request);
        return call.ConfigureAwait(false).GetAwaiter().GetResult();
    }

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var call = new GrpcCall<TRequest, TResponse>(channel, method, options);
        call.Start(new UnaryContent<TRequest, TResponse>(call, request));
        return new AsyncUnaryCall<TResponse>(
            call.ReadResponseAsync(), HeadersOf, StatusOf, TrailersOf, DisposeOf, call);
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var call = new GrpcCall<TRequest, TResponse>(channel, method, options);
        call.Start(new UnaryContent<TRequest, TResponse>(call, request));
        return new AsyncServerStreamingCall<TResponse>(
            new ClientStreamReader<TRequest, TResponse>(call), HeadersOf, StatusOf, TrailersOf, DisposeOf, call);
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var call = new GrpcCall<TRequest, TResponse>(channel, method, options);
        var content = new StreamingContent<TRequest, TResponse>(call);
        call.Start(content);
        var response = call.ReadResponseAsync();
        content.Answer = response;
        return new AsyncClientStreamingCall<TRequest, TResponse>(
            content, response, HeadersOf, StatusOf, TrailersOf, DisposeOf, call);
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var call = new GrpcCall<TRequest, TResponse>(channel, method, options);
        var content = new StreamingContent<TRequest, TResponse>(call);
        call.Start(content);
        return new AsyncDuplexStreamingCall<TRequest, TResponse>(
            content,
            new ClientStreamReader<TRequest, TResponse>(call),
            HeadersOf, StatusOf, TrailersOf, DisposeOf, call);
    }

    private static Task<Metadata> HeadersOf(object call) => ((GrpcCall)call).ResponseHeadersAsync();

    private static Status StatusOf(object call) => ((GrpcCall)call).Status;

    private static Metadata TrailersOf(object call) => ((GrpcCall)call).Trailers;

    private static void DisposeOf(object call) => ((GrpcCall)call).Dispose();
}
