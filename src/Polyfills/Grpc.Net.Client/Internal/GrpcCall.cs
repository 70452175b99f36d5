using System.Net.Http.Headers;
using Grpc.Core;
using Grpc.Core.Internal;

namespace Grpc.Net.Client.Internal;

/// <summary>
/// One call's life: started once, finished once, by the server's status, by a failure, by its deadline or by its
/// caller,
/// whichever comes first; everything after that sees the same end.
/// </summary>
internal abstract class GrpcCall : IDisposable
{
    private static readonly TimeSpan TimerMax = TimeSpan.FromDays(49);

    private readonly CancellationTokenSource _abort = new();
    private readonly CancellationTokenRegistration _callerGaveUp;
    private readonly CancellationTokenRegistration _channelGone;
    private readonly ITimer? _deadlineTimer;
    private CallEnd? _end;
    private Task<HttpResponseMessage?> _response = Task.FromResult<HttpResponseMessage?>(null);

    protected GrpcCall(GrpcChannel channel, IMethod method, CallOptions options)
    {
        Channel = channel;
        Method = method;
        Options = WithPropagated(options);
        CompressesRequests = Options.Headers?.GetValue(Metadata.CompressionRequestAlgorithmMetadataKey) == "gzip";
        if (Options.Deadline is { } deadline && deadline != DateTime.MaxValue)
        {
            Timeout = TimeLeft(deadline);
            if (Timeout <= TimeSpan.Zero)
                Finish(new Status(StatusCode.DeadlineExceeded, ""), Metadata.Empty);
            else if (Timeout <= TimerMax)
                _deadlineTimer = channel.Clock.CreateTimer(
                    OnDeadline, this, Timeout.Value, System.Threading.Timeout.InfiniteTimeSpan);
        }
        _callerGaveUp = Options.CancellationToken.UnsafeRegister(
            static call => ((GrpcCall)call!).CancelByCaller(), this);
        _channelGone = channel.Shutdown.UnsafeRegister(static call => ((GrpcCall)call!).Dispose(), this);
        // The end may have come while the constructor ran, before these existed.
        if (_end is not null)
            ReleaseWatchers();
    }

    public CancellationToken Aborted => _abort.Token;

    public CallOptions Options { get; }

    public bool CompressesRequests { get; }

    public bool HasEnded => Volatile.Read(ref _end) is not null;

    public Status Status => (Volatile.Read(ref _end) ?? throw NotEnded("status")).Status;

    public Metadata Trailers => (Volatile.Read(ref _end) ?? throw NotEnded("trailers")).Trailers;

    protected GrpcChannel Channel { get; }

    protected IMethod Method { get; }

    private TimeSpan? Timeout { get; }

    protected Task<HttpResponseMessage?> Response => _response;

    public void Start(HttpContent content)
    {
        if (!HasEnded)
            _response = SendAsync(content);
    }

    public async Task<Metadata> ResponseHeadersAsync()
    {
        var response = await _response.ConfigureAwait(false);
        return response is null ? throw EndException() : ReadHeaders(response.Headers);
    }

    public void Dispose() => Abandon(new Status(StatusCode.Cancelled, "gRPC call disposed."));

    public void CancelByCaller() => Abandon(new Status(StatusCode.Cancelled, "Call canceled by the client."));

    /// <summary>Ends the call because of a failure and gives back what its caller is to see.</summary>
    public Exception Fail(Exception failure)
    {
        var status = ClientFailures.StatusOf(failure);
        // A server that enforces the deadline too may cancel the stream just before our own timer fires.
        if (status.StatusCode is StatusCode.Cancelled or StatusCode.Internal
            && Options.Deadline is { } deadline && failure is not RpcException && TimeLeft(deadline) <= TimeSpan.Zero)
        {
            status = new Status(StatusCode.DeadlineExceeded, "", failure);
        }
        Abandon(status);
        return EndException();
    }

    public Exception EndException()
    {
        var end = Volatile.Read(ref _end) ?? throw NotEnded("status");
        if (Channel.ThrowsOperationCanceled
            && end.Status.StatusCode is StatusCode.Cancelled or StatusCode.DeadlineExceeded)
        {
            return new OperationCanceledException(
                end.Status.Detail, new RpcException(end.Status, end.Trailers), Options.CancellationToken);
        }
        return new RpcException(end.Status, end.Trailers);
    }

    /// <summary>Called when the call has ended, for a request stream that may still wait.</summary>
    protected event Action? Ended;

    /// <summary>Takes the status off a response whose body was read to its end.</summary>
    protected Status FinishFrom(HttpResponseMessage response)
    {
        var trailers = ReadHeaders(response.TrailingHeaders);
        var status = GrpcProtocol.ParseStatus(
                First(response.TrailingHeaders, GrpcProtocol.StatusTrailer),
                First(response.TrailingHeaders, GrpcProtocol.MessageTrailer))
            ?? new Status(StatusCode.Cancelled, "No grpc-status found on response.");
        Finish(status, trailers);
        return Status;
    }

    protected bool Finish(Status status, Metadata trailers)
    {
        if (Interlocked.CompareExchange(ref _end, new CallEnd(status, trailers), null) is not null)
            return false;
        ReleaseWatchers();
        Ended?.Invoke();
        return true;
    }

    private void Abandon(Status status)
    {
        if (!Finish(status, Metadata.Empty))
            return;
        _abort.Cancel();
        _ = DisposeResponseAsync(_response);
    }

    // SendAsync never throws: what went wrong is the call's end.
    private static async Task DisposeResponseAsync(Task<HttpResponseMessage?> response) =>
        (await response.ConfigureAwait(false))?.Dispose();

    private async Task<HttpResponseMessage?> SendAsync(HttpContent content)
    {
        HttpResponseMessage? response = null;
        try
        {
            using var request = await CreateRequestAsync(content).ConfigureAwait(false);
            response = await Channel.SendAsync(request, _abort.Token).ConfigureAwait(false);
            if (ClientFailures.Refusal(response) is { } refusal)
                Finish(refusal, ReadHeaders(response.Headers));
            if (!_abort.IsCancellationRequested)
                return response;
            // Abandoned while the headers arrived: nobody else will let go of it.
            response.Dispose();
            return null;
        }
        catch (Exception failure)
        {
            Fail(failure);
            response?.Dispose();
            return null;
        }
    }

    private async ValueTask<HttpRequestMessage> CreateRequestAsync(HttpContent content)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Channel.AddressOf(Method))
        {
            Version = System.Net.HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        content.Headers.TryAddWithoutValidation("content-type", GrpcProtocol.ContentType);
        var headers = request.Headers;
        headers.TryAddWithoutValidation("te", "trailers");
        headers.TryAddWithoutValidation(GrpcProtocol.AcceptEncodingHeader, GrpcProtocol.AcceptedEncodings);
        if (CompressesRequests)
            headers.TryAddWithoutValidation(GrpcProtocol.EncodingHeader, "gzip");
        if (Options.Deadline is { } deadline && deadline != DateTime.MaxValue)
            headers.TryAddWithoutValidation(GrpcProtocol.TimeoutHeader, GrpcProtocol.FormatTimeout(TimeLeft(deadline)));
        AddMetadata(headers, Options.Headers);
        if (Channel.CallCredentials is not null || (Options.Credentials is not null && Channel.AllowsCallCredentials))
            await AddCredentialsAsync(request).ConfigureAwait(false);
        if (!headers.Contains("user-agent"))
            headers.TryAddWithoutValidation("user-agent", "grpc-dotnet-leptonedge/0.1");
        return request;
    }

    private async Task AddCredentialsAsync(HttpRequestMessage request)
    {
        var service = new Uri(request.RequestUri!, "/" + Method.ServiceName).AbsoluteUri;
        var context = new AuthInterceptorContext(service, Method.Name, _abort.Token);
        var extra = new Metadata();
        if (Channel.CallCredentials is { } ofChannel)
            await ofChannel.ApplyAsync(context, extra).ConfigureAwait(false);
        if (Options.Credentials is { } ofCall)
            await ofCall.ApplyAsync(context, extra).ConfigureAwait(false);
        AddMetadata(request.Headers, extra);
    }

    private static void AddMetadata(HttpRequestHeaders headers, Metadata? metadata)
    {
        if (metadata is null)
            return;
        foreach (var entry in metadata)
        {
            if (!GrpcProtocol.IsReserved(entry.Key))
                headers.TryAddWithoutValidation(entry.Key, GrpcProtocol.EncodeValue(entry));
        }
    }

    private static Metadata ReadHeaders(HttpHeaders headers)
    {
        var metadata = new Metadata();
        foreach (var (name, values) in headers.NonValidated)
        {
            foreach (var value in values)
                GrpcProtocol.AddReceived(metadata, name, value);
        }
        return metadata;
    }

    internal static string? First(HttpHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    private TimeSpan TimeLeft(DateTime deadline) => deadline - Channel.Clock.GetUtcNow().UtcDateTime;

    private static void OnDeadline(object? state) =>
        ((GrpcCall)state!).Abandon(new Status(StatusCode.DeadlineExceeded, ""));

    private void ReleaseWatchers()
    {
        _deadlineTimer?.Dispose();
        _callerGaveUp.Unregister();
        _channelGone.Unregister();
    }

    private static CallOptions WithPropagated(CallOptions options)
    {
        if (options.Deadline is { Kind: not DateTimeKind.Utc } local
            && local != DateTime.MaxValue && local != DateTime.MinValue)
        {
            throw new InvalidOperationException(
                "Deadline must have a kind DateTimeKind.Utc or be equal to DateTime.MaxValue or DateTime.MinValue.");
        }
        if (options.PropagationToken is not { } token)
            return options;
        if (token.Deadline is { } inherited && inherited < (options.Deadline ?? DateTime.MaxValue))
            options = options.WithDeadline(inherited);
        return options.CancellationToken.CanBeCanceled
            ? options
            : options.WithCancellationToken(token.CancellationToken);
    }

    private static InvalidOperationException NotEnded(string what) =>
        new($"Unable to get the {what} because the call is not complete.");

    private sealed record CallEnd(Status Status, Metadata Trailers);
}
