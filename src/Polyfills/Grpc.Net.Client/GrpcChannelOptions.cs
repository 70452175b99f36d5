using Grpc.Core;

namespace Grpc.Net.Client;

/// <summary>How a channel connects and what it limits.</summary>
public sealed class GrpcChannelOptions
{
    private const int DefaultReceiveBytesMax = 4 * 1024 * 1024;

    /// <summary>Null: plain text for http addresses, TLS for https addresses.</summary>
    public ChannelCredentials? Credentials { get; set; }

    /// <summary>Longest request message in bytes; null for no limit.</summary>
    public int? MaxSendMessageSize { get; set; }

    /// <summary>Longest response message in bytes, compressed or not; null for no limit.</summary>
    public int? MaxReceiveMessageSize { get; set; } = DefaultReceiveBytesMax;

    /// <summary>The client to send with; excludes <see cref="HttpHandler"/>.</summary>
    public HttpClient? HttpClient { get; set; }

    /// <summary>
    /// The handler to send with; excludes <see cref="HttpClient"/>. Null: a <see cref="SocketsHttpHandler"/>.
    /// </summary>
    public HttpMessageHandler? HttpHandler { get; set; }

    /// <summary>Whether disposing the channel disposes the client or handler that was passed in.</summary>
    public bool DisposeHttpClient { get; set; }

    /// <summary>
    /// Throw <see cref="OperationCanceledException"/> rather than <see cref="RpcException"/> on cancellation.
    /// </summary>
    public bool ThrowOperationCanceledOnCancellation { get; set; }

    /// <summary>Send call credentials over plain text too.</summary>
    public bool UnsafeUseInsecureChannelCallCredentials { get; set; }
}
