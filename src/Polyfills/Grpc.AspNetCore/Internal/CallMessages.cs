using System.Buffers;
using Grpc.Core;
using Grpc.Core.Internal;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Internal;

// The call's work on the wire: messages in and out, the deadline, the end. One end only, whoever brings it.
internal sealed partial class HttpContextServerCallContext
{
    private static readonly TimeSpan TimerMax = TimeSpan.FromDays(49);

    private readonly MessageReader _reader = new(http.Request.BodyReader, settings.ReceiveBytesMax);
    private readonly MessageWriter _writer = new(settings.SendBytesMax);
    private CancellationTokenSource? _deadlineSource;
    private CancellationTokenRegistration _clientGone;
    private SemaphoreSlim? _turn;
    private ITimer? _deadlineTimer;
    private bool _clientBrokeOff;
    private bool _compresses;
    private bool _ended;

    private CancellationToken Token { get; set; } = http.RequestAborted;

    /// <summary>Reads what the headers ask: encoding and deadline; starts the deadline's clock.</summary>
    public void Open()
    {
        var headers = HttpContext.Request.Headers;
        HttpContext.Response.ContentType = GrpcProtocol.ContentType;
        string? encoding = headers[GrpcProtocol.EncodingHeader];
        _reader.Encoding = encoding;
        if (encoding is not (null or "" or "identity" or "gzip"))
        {
            HttpContext.Response.Headers[GrpcProtocol.AcceptEncodingHeader] = GrpcProtocol.AcceptedEncodings;
            throw new RpcException(new Status(
                StatusCode.Unimplemented,
                $"Unsupported grpc-encoding value '{encoding}'. Supported encodings: identity, gzip"));
        }
        if (settings.Compression is not null
            && headers[GrpcProtocol.AcceptEncodingHeader].ToString().Contains("gzip", StringComparison.Ordinal))
        {
            _compresses = true;
            HttpContext.Response.Headers[GrpcProtocol.EncodingHeader] = "gzip";
        }
        string? timeoutText = headers[GrpcProtocol.TimeoutHeader];
        if (timeoutText is not null)
            StartDeadline(timeoutText);
    }

    /// <summary>The request of a call that has exactly one, if all of it has come; else null, and
    /// <see cref="ReadOnlyRequestAsync"/> waits for it.</summary>
    public T? TryReadOnlyRequest<T>(Marshaller<T> marshaller)
        where T : class
    {
        try
        {
            return _reader.TryReadOnlyMessage(marshaller.ContextualDeserializer);
        }
        catch (Exception failure) when (BreaksOff(failure))
        {
            throw;
        }
    }

    /// <summary>The request of a call that has exactly one.</summary>
    public async ValueTask<T> ReadOnlyRequestAsync<T>(Marshaller<T> marshaller)
        where T : class
    {
        try
        {
            return await _reader.ReadOnlyMessageAsync(marshaller.ContextualDeserializer, Token).ConfigureAwait(false)
                ?? throw new RpcException(new Status(StatusCode.Internal, "Incomplete message."));
        }
        catch (Exception failure) when (BreaksOff(failure))
        {
            throw;
        }
    }

    /// <summary>The next request of a stream, or null at its end.</summary>
    public async ValueTask<T?> ReadRequestAsync<T>(Marshaller<T> marshaller, CancellationToken token)
        where T : class
    {
        try
        {
            return await _reader.ReadAsync(marshaller.ContextualDeserializer, token.CanBeCanceled ? token : Token)
                .ConfigureAwait(false);
        }
        catch (Exception failure) when (BreaksOff(failure))
        {
            throw;
        }
    }

    /// <summary>
    /// Frames one response; the last one waits in the buffer for the trailers, and both leave together.
    /// </summary>
    public async ValueTask WriteResponseAsync<T>(Marshaller<T> marshaller, T? response, bool last)
        where T : class
    {
        if (response is null)
            throw new RpcException(new Status(StatusCode.Cancelled, "No message returned from method."));
        if (_turn is not null)
            await _turn.WaitAsync(Token).ConfigureAwait(false);
        try
        {
            if (_ended)
                throw new InvalidOperationException("Can't write the message because the request is complete.");
            var flags = WriteOptionsCore?.Flags ?? default;
            var level = _compresses && !flags.HasFlag(WriteFlags.NoCompress) ? settings.Compression : null;
            var output = HttpContext.Response.BodyWriter;
            var frame = _writer.Frame(marshaller.ContextualSerializer, response, level);
            output.Write(frame.Span);
            HasWritten = true;
            if (!last && !flags.HasFlag(WriteFlags.BufferHint))
                await output.FlushAsync(Token).ConfigureAwait(false);
        }
        finally
        {
            _writer.Release();
            _turn?.Release();
        }
    }

    /// <summary>Frames the only response where nobody else can write; else false, and
    /// <see cref="WriteResponseAsync"/> does it.</summary>
    public bool TryWriteLastResponse<T>(Marshaller<T> marshaller, T? response)
        where T : class
    {
        if (_turn is not null || _compresses || response is null)
            return false;
        try
        {
            var frame = _writer.Frame(marshaller.ContextualSerializer, response, compress: null);
            HttpContext.Response.BodyWriter.Write(frame.Span);
            HasWritten = true;
            return true;
        }
        finally
        {
            _writer.Release();
        }
    }

    /// <summary>Ends the call with the handler's status where nobody else can end it; else false, and
    /// <see cref="EndAsync"/> does it.</summary>
    public bool TryEnd()
    {
        if (_turn is not null)
            return false;
        End(StatusCore);
        return true;
    }

    /// <summary>Ends the call with the handler's status, or with the one that its failure stands for.</summary>
    public async Task EndAsync(Exception? failure)
    {
        var status = failure is null ? StatusCore : StatusOf(failure);
        if (_turn is null)
        {
            End(status);
            return;
        }
        await _turn.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        // If the deadline answered already, that answer is out by now: it holds the turn until it is.
        if (!_ended)
            End(status);
        _turn.Release();
    }

    public void Release()
    {
        _deadlineTimer?.Dispose();
        _clientGone.Dispose();
        _deadlineSource?.Dispose();
    }

    /// <summary>The body ended in a failure: the client is gone, whether or not its token says so yet. The server
    /// fails the body at once and cancels the token later, from a queue.</summary>
    private bool BreaksOff(Exception failure)
    {
        _clientBrokeOff |= failure is IOException and not BadHttpRequestException;
        return false;
    }

    private bool HasWritten { get; set; }

    private bool DeadlineHasPassed =>
        _deadlineSource is { IsCancellationRequested: true } && !HttpContext.RequestAborted.IsCancellationRequested;

    private void StartDeadline(string timeoutText)
    {
        if (!GrpcProtocol.TryParseTimeout(timeoutText, out var timeout))
        {
            // As the published server does: a timeout that is none is no reason to refuse the call.
            CallLog.BadTimeout(settings.Logger, method.FullName, timeoutText);
            return;
        }
        if (timeout > TimerMax)
            return;
        _deadline = settings.Clock.GetUtcNow().UtcDateTime + timeout;
        _turn = new SemaphoreSlim(1, 1);
        _deadlineSource = new CancellationTokenSource();
        Token = _deadlineSource.Token;
        _clientGone = HttpContext.RequestAborted.UnsafeRegister(
            static source => ((CancellationTokenSource)source!).Cancel(), _deadlineSource);
        _deadlineTimer = settings.Clock.CreateTimer(
            static call => ((HttpContextServerCallContext)call!).OnDeadline(), this, timeout, Timeout.InfiniteTimeSpan);
    }

    private void OnDeadline() => _ = EndAtDeadlineAsync();

    private async Task EndAtDeadlineAsync()
    {
        try
        {
            // First the handler and any blocked write learn of it, then the client, even if the handler does not
            // listen.
            _deadlineSource!.Cancel();
            await _turn!.WaitAsync(CancellationToken.None).ConfigureAwait(false);
            try
            {
                if (_ended)
                    return;
                End(new Status(StatusCode.DeadlineExceeded, "Deadline Exceeded"));
                await HttpContext.Response.CompleteAsync().ConfigureAwait(false);
            }
            finally
            {
                _turn.Release();
            }
        }
        catch (Exception failure)
        {
            CallLog.DeadlineNotSent(settings.Logger, failure, method.FullName);
        }
    }

    private void End(Status status)
    {
        _ended = true;
        var response = HttpContext.Response;
        // Nothing sent yet and nothing to send: the status travels in the only headers ("trailers-only").
        var headers = response.HasStarted || HasWritten || status.StatusCode == StatusCode.OK
            ? HttpContext.Features.Get<IHttpResponseTrailersFeature>()?.Trailers ?? response.Headers
            : response.Headers;
        if (headers.IsReadOnly)
            return;
        if (_trailers is not null)
            AddTo(headers, _trailers);
        HttpRules.WriteStatus(headers, status);
    }

    private Status StatusOf(Exception failure)
    {
        switch (failure)
        {
            case RpcException rpc:
                CallLog.Failed(settings.Logger, method.FullName, rpc.StatusCode, rpc.Status.Detail);
                foreach (var entry in rpc.Trailers)
                    ResponseTrailersCore.Add(entry);
                return rpc.Status;
            case var _ when DeadlineHasPassed:
                return new Status(StatusCode.DeadlineExceeded, "Deadline Exceeded");
            case OperationCanceledException or IOException
                when _clientBrokeOff || HttpContext.RequestAborted.IsCancellationRequested:
            case ConnectionAbortedException:
                return Status.DefaultCancelled;
            case BadHttpRequestException bad:
                return new Status(
                    bad.StatusCode == StatusCodes.Status413PayloadTooLarge
                        ? StatusCode.ResourceExhausted
                        : StatusCode.Internal,
                    bad.Message);
        }
        CallLog.HandlerThrew(settings.Logger, failure, method.FullName);
        return new Status(StatusCode.Unknown, settings.DetailedErrors
            ? $"Exception was thrown by handler. {failure.GetType().Name}: {failure.Message}"
            : "Exception was thrown by handler.");
    }
}

/// <summary>What the server has to say of its calls.</summary>
internal static partial class CallLog
{
    [LoggerMessage(1, LogLevel.Error, "The handler of {Method} threw.")]
    public static partial void HandlerThrew(ILogger logger, Exception failure, string method);

    [LoggerMessage(2, LogLevel.Information, "{Method} ended with {Status}: {Detail}")]
    public static partial void Failed(ILogger logger, string method, StatusCode status, string detail);

    [LoggerMessage(3, LogLevel.Warning,
        "{Method} was called with the invalid grpc-timeout '{Timeout}', which is ignored.")]
    public static partial void BadTimeout(ILogger logger, string method, string timeout);

    [LoggerMessage(4, LogLevel.Debug, "{Method} passed its deadline, and the client could not be told.")]
    public static partial void DeadlineNotSent(ILogger logger, Exception failure, string method);
}
