using System.Buffers.Binary;
using Google.Protobuf;

namespace LeptonEdge.Hub.Jobs;

/// <summary>Messages between the hub and a <see cref="JobWorker"/>: four bytes that say how long, little-endian, and
/// the message.</summary>
internal static class JobPipe
{
    /// <summary>A message; more than the largest part of a result and its checkpoint need.</summary>
    public const int BytesMax = 8 << 20;

    private const int HeadBytes = 4;

    public static byte[] Frame(IMessage message)
    {
        var size = message.CalculateSize();
        if (size > BytesMax)
            throw new InvalidDataException($"a message of {size} bytes; at most {BytesMax}");
        var frame = new byte[HeadBytes + size];
        BinaryPrimitives.WriteInt32LittleEndian(frame, size);
        message.WriteTo(frame.AsSpan(HeadBytes));
        return frame;
    }

    /// <exception cref="EndOfStreamException">The other end is gone.</exception>
    /// <exception cref="InvalidDataException">What came is no such message.</exception>
    public static T Read<T>(Stream pipe, MessageParser<T> parser)
        where T : IMessage<T>
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        pipe.ReadExactly(head);
        var message = new byte[SizeOf(head)];
        pipe.ReadExactly(message);
        return Parse(message, parser);
    }

    /// <inheritdoc cref="Read"/>
    public static async Task<T> ReadAsync<T>(Stream pipe, MessageParser<T> parser, CancellationToken cancellation)
        where T : IMessage<T>
    {
        var head = new byte[HeadBytes];
        await pipe.ReadExactlyAsync(head, cancellation).ConfigureAwait(false);
        var message = new byte[SizeOf(head)];
        await pipe.ReadExactlyAsync(message, cancellation).ConfigureAwait(false);
        return Parse(message, parser);
    }

    private static int SizeOf(ReadOnlySpan<byte> head)
    {
        var size = BinaryPrimitives.ReadInt32LittleEndian(head);
        return size is >= 0 and <= BytesMax
            ? size : throw new InvalidDataException($"a message of {(uint)size} bytes; at most {BytesMax}");
    }

    private static T Parse<T>(byte[] message, MessageParser<T> parser)
        where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(message);
        }
        catch (InvalidProtocolBufferException fault)
        {
            throw new InvalidDataException(fault.Message, fault);
        }
    }
}
