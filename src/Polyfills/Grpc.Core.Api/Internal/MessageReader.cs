using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Pipelines;

namespace Grpc.Core.Internal;

/// <summary>
/// Takes messages off a pipe, frame by frame; at most one message is held at a time, in the pipe's own memory.
/// </summary>
/// <param name="input">The body of a request or response.</param>
/// <param name="bytesMax">Longest message taken, before and after decompression; null for no limit.</param>
internal sealed class MessageReader(PipeReader input, int? bytesMax) : DeserializationContext
{
    private ReadOnlySequence<byte> _payload;

    /// <summary>The peer's <c>grpc-encoding</c>; null or <c>identity</c> when it compresses nothing.</summary>
    public string? Encoding { get; set; }

    public override int PayloadLength => (int)_payload.Length;

    public override byte[] PayloadAsNewBuffer() => _payload.ToArray();

    public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => _payload;

    /// <summary>The next message, or null at the end of the body.</summary>
    /// <exception cref="RpcException">
    /// ResourceExhausted: too long. Internal: the frame is malformed, cut off, or its payload does not parse.
    /// Unimplemented: its encoding is not known.
    /// </exception>
    public async ValueTask<T?> ReadAsync<T>(Func<DeserializationContext, T> deserializer, CancellationToken token)
        where T : class
    {
        while (true)
        {
            var result = await input.ReadAsync(token).ConfigureAwait(false);
            var buffer = result.Buffer;
            var consumed = buffer.Start;
            try
            {
                if (TryTakeFrame(buffer, out var compressed, out var payload))
                {
                    var message = Deserialize(deserializer, payload, compressed);
                    consumed = payload.End;
                    return message;
                }
                if (result.IsCompleted || result.IsCanceled)
                    return buffer.IsEmpty ? null : throw Bad("Incomplete message.");
            }
            finally
            {
                // Nothing taken: ask for more than there is. A frame taken: what follows it has not been looked at.
                var tookFrame = !consumed.Equals(buffer.Start);
                input.AdvanceTo(consumed, tookFrame ? consumed : buffer.End);
            }
        }
    }

    /// <summary>The only message of the body if all of it has come; null if not, and nothing is taken then.</summary>
    /// <exception cref="RpcException">As <see cref="ReadAsync"/> has it.</exception>
    public T? TryReadOnlyMessage<T>(Func<DeserializationContext, T> deserializer)
        where T : class
    {
        if (!input.TryRead(out var result))
            return null;
        var buffer = result.Buffer;
        var consumed = buffer.Start;
        var message = default(T);
        try
        {
            if (result.IsCompleted && TryTakeFrame(buffer, out var compressed, out var payload)
                && buffer.Length == MessageWriter.HeaderBytes + payload.Length)
            {
                message = Deserialize(deserializer, payload, compressed);
                consumed = payload.End;
            }
        }
        finally
        {
            // What is left is looked at again by whoever waits for the rest.
            input.AdvanceTo(consumed);
        }

        return message;
    }

    /// <summary>The only message of the body, which must end behind it; null if the body is empty.</summary>
    public async ValueTask<T?> ReadOnlyMessageAsync<T>(
        Func<DeserializationContext, T> deserializer, CancellationToken token)
        where T : class
    {
        var message = await ReadAsync(deserializer, token).ConfigureAwait(false);
        if (message is null)
            return null;
        while (true)
        {
            var result = await input.ReadAsync(token).ConfigureAwait(false);
            var more = !result.Buffer.IsEmpty;
            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            if (more)
                throw Bad("Additional data after the message received.");
            if (result.IsCompleted || result.IsCanceled)
                return message;
        }
    }

    private bool TryTakeFrame(ReadOnlySequence<byte> buffer, out bool compressed, out ReadOnlySequence<byte> payload)
    {
        compressed = false;
        payload = default;
        if (buffer.IsEmpty)
            return false;
        Span<byte> header = stackalloc byte[MessageWriter.HeaderBytes];
        // A wrong flag is refused at once: the four bytes after it may never come.
        var flag = buffer.FirstSpan[0];
        if (flag > 1)
            throw Bad("Unexpected compressed flag value in message header.");
        if (buffer.Length < header.Length)
            return false;
        buffer.Slice(0, header.Length).CopyTo(header);
        var length = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        if (length > (uint)(bytesMax ?? int.MaxValue))
            throw TooLong();
        if (buffer.Length - header.Length < length)
            return false;
        compressed = flag == 1;
        payload = buffer.Slice(header.Length, length);
        return true;
    }

    private T Deserialize<T>(
        Func<DeserializationContext, T> deserializer, ReadOnlySequence<byte> payload, bool compressed)
    {
        var unpacked = compressed ? Decompress(payload) : null;
        try
        {
            _payload = unpacked is null ? payload : new ReadOnlySequence<byte>(unpacked.Written);
            return deserializer(this);
        }
        catch (Exception error) when (error is not RpcException)
        {
            throw new RpcException(new Status(
                StatusCode.Internal,
                $"Failed to deserialize a message of {PayloadLength} bytes: {error.Message}",
                error));
        }
        finally
        {
            _payload = default;
            unpacked?.Release();
        }
    }

    private PooledBuffer Decompress(ReadOnlySequence<byte> payload)
    {
        if (Encoding is null or "identity")
            throw Bad("A message is compressed, but no grpc-encoding says how.");
        if (Encoding != "gzip")
        {
            throw new RpcException(new Status(
                StatusCode.Unimplemented,
                $"Unsupported grpc-encoding value '{Encoding}'. Supported encodings: identity, gzip"));
        }
        var packed = ArrayPool<byte>.Shared.Rent((int)payload.Length);
        var unpacked = new PooledBuffer { LengthMax = bytesMax ?? int.MaxValue, OnTooLong = _ => TooLong() };
        try
        {
            payload.CopyTo(packed);
            using var gzip = new GZipStream(
                new MemoryStream(packed, 0, (int)payload.Length), CompressionMode.Decompress);
            int read;
            while ((read = gzip.Read(unpacked.GetSpan(4096))) > 0)
                unpacked.Advance(read);
            return unpacked;
        }
        catch (Exception error)
        {
            unpacked.Release();
            if (error is RpcException)
                throw;
            throw new RpcException(new Status(
                StatusCode.Internal, $"A compressed message is not gzip: {error.Message}", error));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(packed);
        }
    }

    private RpcException TooLong() => new(new Status(
        StatusCode.ResourceExhausted,
        $"Received message exceeds the maximum configured message size of {bytesMax} bytes."));

    private static RpcException Bad(string detail) => new(new Status(StatusCode.Internal, detail));
}
