using System.Net;
using Grpc.Core;

namespace Grpc.Net.Client.Internal;

/// <summary>The body of a call with one request.</summary>
internal sealed class UnaryContent<TRequest, TResponse>(GrpcCall<TRequest, TResponse> call, TRequest request)
    : HttpContent
    where TRequest : class
    where TResponse : class
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken token)
    {
        try
        {
            await call.WriteAsync(stream, request, null, token).ConfigureAwait(false);
        }
        catch (RpcException failure)
        {
            // HttpClient would report it as a cancelled request: the call must know the reason first.
            throw call.Fail(failure);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = -1;
        return false;
    }
}

/// <summary>The body of a call with many requests: open until completed, or until the call has ended.</summary>
internal sealed class StreamingContent<TRequest, TResponse> : HttpContent, IClientStreamWriter<TRequest>
    where TRequest : class
    where TResponse : class
{
    private readonly GrpcCall<TRequest, TResponse> _call;
    private readonly TaskCompletionSource<Stream?> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _writing;
    private bool _completed;

    public StreamingContent(GrpcCall<TRequest, TResponse> call)
    {
        _call = call;
        call.OnEnd(Close);
        if (call.HasEnded)
            Close();
    }

    public WriteOptions? WriteOptions { get; set; }

    /// <summary>The reading of the single response, where the call has one.</summary>
    public Task? Answer { get; set; }

    public Task WriteAsync(TRequest message) => WriteAsync(message, CancellationToken.None);

    public async Task WriteAsync(TRequest message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (_completed)
            throw new InvalidOperationException("Request stream has already been completed.");
        if (Interlocked.Exchange(ref _writing, 1) == 1)
            throw new InvalidOperationException("Can't write the message because the previous write is in progress.");
        try
        {
            using var gaveUp = cancellationToken.UnsafeRegister(
                static call => ((GrpcCall)call!).CancelByCaller(), _call);
            var body = await _opened.Task.ConfigureAwait(false);
            if (body is null || _call.HasEnded)
                throw Ended();
            await _call.WriteAsync(body, message, WriteOptions, _call.Aborted).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not InvalidOperationException)
        {
            throw await WhyAsync(failure).ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _writing, 0);
        }
    }

    public Task CompleteAsync()
    {
        _completed = true;
        _closed.TrySetResult();
        return Task.CompletedTask;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken token)
    {
        // Headers go out before the first message: a server may well speak first.
        await stream.FlushAsync(token).ConfigureAwait(false);
        _opened.TrySetResult(stream);
        await _closed.Task.WaitAsync(token).ConfigureAwait(false);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = -1;
        return false;
    }

    private void Close()
    {
        _opened.TrySetResult(null);
        _closed.TrySetResult();
    }

    private Exception Ended() => _call.Status.StatusCode == StatusCode.OK
        ? new InvalidOperationException("Can't write the message because the call is complete.")
        : _call.EndException();

    /// <summary>The call's own end explains a failed write better than the broken stream does.</summary>
    private async Task<Exception> WhyAsync(Exception failure)
    {
        if (failure is RpcException && !_call.HasEnded)
            return _call.Fail(failure);
        // Of a client-streaming call the answer is being read: a server that refused early says why there.
        if (!_call.HasEnded && Answer is { } answer)
            await answer.ContinueWith(static _ => { }, TaskScheduler.Default).ConfigureAwait(false);
        return _call.HasEnded ? Ended() : new RpcException(ClientFailures.StatusOf(failure));
    }
}

/// <summary>The responses of a streaming call.</summary>
internal sealed class ClientStreamReader<TRequest, TResponse>(GrpcCall<TRequest, TResponse> call)
    : IAsyncStreamReader<TResponse>
    where TRequest : class
    where TResponse : class
{
    private TResponse? _current;
    private int _reading;

    public TResponse Current => _current ?? throw new InvalidOperationException("No message: MoveNext found none.");

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _reading, 1) == 1)
            throw new InvalidOperationException(
                "Can't read the next message because the previous read is still in progress.");
        try
        {
            using var gaveUp = cancellationToken.UnsafeRegister(
                static state => ((GrpcCall)state!).CancelByCaller(), call);
            _current = await call.ReadNextAsync().ConfigureAwait(false);
            return _current is not null;
        }
        finally
        {
            Volatile.Write(ref _reading, 0);
        }
    }
}
