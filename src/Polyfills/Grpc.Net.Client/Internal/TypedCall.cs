using System.IO.Pipelines;
using Grpc.Core;
using Grpc.Core.Internal;

namespace Grpc.Net.Client.Internal;

/// <summary>A call with its messages: frames requests, reads responses.</summary>
internal sealed class GrpcCall<TRequest, TResponse>(
    GrpcChannel channel, Method<TRequest, TResponse> method, CallOptions options)
    : GrpcCall(channel, method, options)
    where TRequest : class
    where TResponse : class
{
    // Small enough to be pooled per message, large enough that a model's input arrives in few reads.
    private static readonly StreamPipeReaderOptions BodyOptions = new(bufferSize: 16 * 1024);

    private readonly MessageWriter _writer = new(channel.MaxSendMessageSize);
    private MessageReader? _reader;

    /// <summary>The only response of a unary or client-streaming call.</summary>
    public async Task<TResponse> ReadResponseAsync()
    {
        try
        {
            if (await Response.ConfigureAwait(false) is not { } response || HasEnded)
                throw Status.StatusCode == StatusCode.OK ? NoMessage() : EndException();
            var reader = await OpenAsync(response).ConfigureAwait(false);
            var message = await reader.ReadOnlyMessageAsync(method.ResponseMarshaller.ContextualDeserializer, Aborted)
                .ConfigureAwait(false);
            // A missing message says less than the status behind it, so that is looked at first.
            if (message is null && !HasEnded)
                return FailWithoutMessage(response);
            return FinishFrom(response).StatusCode == StatusCode.OK ? message! : throw EndException();
        }
        catch (Exception failure) when (!HasEnded)
        {
            throw Fail(failure);
        }
        catch (Exception failure)
            when (failure is not RpcException and not OperationCanceledException { InnerException: RpcException })
        {
            throw EndException();
        }
    }

    /// <summary>The next response of a stream; null at its end, once the server's status was OK.</summary>
    public async Task<TResponse?> ReadNextAsync()
    {
        try
        {
            if (await Response.ConfigureAwait(false) is not { } response || HasEnded)
                return Status.StatusCode == StatusCode.OK ? null : throw EndException();
            var reader = await OpenAsync(response).ConfigureAwait(false);
            var message = await reader.ReadAsync(method.ResponseMarshaller.ContextualDeserializer, Aborted)
                .ConfigureAwait(false);
            if (message is not null)
                return message;
            return FinishFrom(response).StatusCode == StatusCode.OK ? null : throw EndException();
        }
        catch (Exception failure) when (!HasEnded)
        {
            throw Fail(failure);
        }
        catch (Exception failure)
            when (failure is not RpcException and not OperationCanceledException { InnerException: RpcException })
        {
            throw EndException();
        }
    }

    /// <summary>Writes one framed request; the rented buffer is given back before this returns.</summary>
    public async Task WriteAsync(Stream body, TRequest request, WriteOptions? writeOptions, CancellationToken token)
    {
        var flags = (writeOptions ?? Options.WriteOptions)?.Flags ?? default;
        var level = CompressesRequests && !flags.HasFlag(WriteFlags.NoCompress)
            ? System.IO.Compression.CompressionLevel.Fastest
            : (System.IO.Compression.CompressionLevel?)null;
        try
        {
            var frame = _writer.Frame(method.RequestMarshaller.ContextualSerializer, request, level);
            await body.WriteAsync(frame, token).ConfigureAwait(false);
        }
        finally
        {
            _writer.Release();
        }
        if (!flags.HasFlag(WriteFlags.BufferHint))
            await body.FlushAsync(token).ConfigureAwait(false);
    }

    public void OnEnd(Action action) => Ended += action;

    private TResponse FailWithoutMessage(HttpResponseMessage response)
    {
        var stated = GrpcProtocol.ParseStatus(First(response.TrailingHeaders, GrpcProtocol.StatusTrailer), null);
        if (stated is { StatusCode: StatusCode.OK })
            throw Fail(NoMessage());
        FinishFrom(response);
        throw EndException();
    }

    private static RpcException NoMessage() =>
        new(new Status(StatusCode.Internal, "Failed to deserialize response message: there is none."));

    private async ValueTask<MessageReader> OpenAsync(HttpResponseMessage response)
    {
        if (_reader is not null)
            return _reader;
        var body = await response.Content.ReadAsStreamAsync(Aborted).ConfigureAwait(false);
        return _reader = new MessageReader(PipeReader.Create(body, BodyOptions), Channel.MaxReceiveMessageSize)
        {
            Encoding = First(response.Headers, GrpcProtocol.EncodingHeader),
        };
    }
}
