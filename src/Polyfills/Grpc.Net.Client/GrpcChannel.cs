using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Net.Client.Internal;

namespace Grpc.Net.Client;

/// <summary>A channel to one server over HTTP/2: made once, shared by all calls, disposed at the end.</summary>
public sealed class GrpcChannel : ChannelBase, IDisposable
{
    private readonly ConcurrentDictionary<string, Uri> _methodAddresses = new();
    private readonly CancellationTokenSource _shutdown = new();
    private readonly HttpMessageInvoker _http;
    private readonly bool _ownsHttp;
    private readonly Uri _address;

    private GrpcChannel(Uri address, GrpcChannelOptions options)
        : base(address.Authority)
    {
        if (options.HttpClient is not null && options.HttpHandler is not null)
        {
            throw new ArgumentException(
                $"{nameof(options.HttpClient)} and {nameof(options.HttpHandler)} have been configured. "
                + "Only one HTTP caller can be specified.", nameof(options));
        }
        _address = address;
        var secure = address.Scheme == Uri.UriSchemeHttps;
        var credentials = options.Credentials ?? (secure ? ChannelCredentials.SecureSsl : ChannelCredentials.Insecure);
        if (credentials.IsSecure != secure)
        {
            throw new InvalidOperationException(
                $"The address {address} and the credentials disagree: use https with TLS credentials, http without.");
        }
        CallCredentials = secure || options.UnsafeUseInsecureChannelCallCredentials ? credentials.ForCalls : null;
        AllowsCallCredentials = secure || options.UnsafeUseInsecureChannelCallCredentials;
        MaxSendMessageSize = options.MaxSendMessageSize;
        MaxReceiveMessageSize = options.MaxReceiveMessageSize;
        ThrowsOperationCanceled = options.ThrowOperationCanceledOnCancellation;
        var passedIn = options.HttpClient is not null || options.HttpHandler is not null;
        _ownsHttp = !passedIn || options.DisposeHttpClient;
        // An invoker, not a client: a client would buffer responses and impose its own timeout.
        _http = options.HttpClient
            ?? new HttpMessageInvoker(options.HttpHandler ?? CreateHandler(), disposeHandler: _ownsHttp);
    }

    internal int? MaxSendMessageSize { get; }

    internal int? MaxReceiveMessageSize { get; }

    internal bool ThrowsOperationCanceled { get; }

    internal bool AllowsCallCredentials { get; }

    internal CallCredentials? CallCredentials { get; }

    internal TimeProvider Clock { get; } = TimeProvider.System;

    /// <summary>Fires when the channel is disposed, which ends its calls.</summary>
    internal CancellationToken Shutdown => _shutdown.Token;

    public static GrpcChannel ForAddress(string address) => ForAddress(address, new GrpcChannelOptions());

    /// <param name="address"><c>http://host:port</c> or <c>https://host:port</c>.</param>
    /// <param name="channelOptions">Limits and the HTTP handler.</param>
    public static GrpcChannel ForAddress(string address, GrpcChannelOptions channelOptions) =>
        ForAddress(new Uri(address), channelOptions);

    public static GrpcChannel ForAddress(Uri address) => ForAddress(address, new GrpcChannelOptions());

    public static GrpcChannel ForAddress(Uri address, GrpcChannelOptions channelOptions)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(channelOptions);
        if (!address.IsAbsoluteUri || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
            throw new ArgumentException($"'{address}' is not an http or https address.", nameof(address));
        return new GrpcChannel(address, channelOptions);
    }

    public override CallInvoker CreateCallInvoker()
    {
        ObjectDisposedException.ThrowIf(_shutdown.IsCancellationRequested, this);
        return new HttpClientCallInvoker(this);
    }

    /// <summary>Ends the calls that are under way and closes the connections that the channel owns.</summary>
    public void Dispose()
    {
        if (_shutdown.IsCancellationRequested)
            return;
        _shutdown.Cancel();
        if (_ownsHttp)
            _http.Dispose();
    }

    protected override Task ShutdownAsyncCore()
    {
        Dispose();
        return Task.CompletedTask;
    }

    internal Uri AddressOf(IMethod method) =>
        _methodAddresses.GetOrAdd(method.FullName, static (name, address) => new Uri(address, name), _address);

    internal Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken token) =>
        _http is HttpClient client
            ? client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token)
            : _http.SendAsync(request, token);

    private static SocketsHttpHandler CreateHandler() => new()
    {
        AllowAutoRedirect = false,
        EnableMultipleHttp2Connections = true,
        UseCookies = false,
    };
}
