using System.Buffers.Binary;
using LeptonEdge.Inference.Tensors;

namespace LeptonEdge.Serving;

/// <summary>BYTES elements in a row: each its length in four bytes, little-endian, then itself.</summary>
internal static class RawStrings
{
    /// <param name="field">Named in the exception.</param>
    /// <exception cref="ServingException">Not so many elements, or more bytes than they take.</exception>
    public static ReadOnlyMemory<byte>[] Split(ReadOnlyMemory<byte> raw, int count, string field)
    {
        // Each takes four bytes at least: a shape cannot ask for more memory than was sent.
        if (count > raw.Length / sizeof(uint))
            throw Wrong(raw.Length, count, field);
        var strings = new ReadOnlyMemory<byte>[count];
        var at = 0;
        for (var i = 0; i < count; i++)
        {
            if (raw.Length - at < sizeof(uint))
                throw Wrong(raw.Length, count, field);
            var length = BinaryPrimitives.ReadUInt32LittleEndian(raw.Span[at..]);
            at += sizeof(uint);
            if (length > raw.Length - at)
                throw Wrong(raw.Length, count, field);
            strings[i] = raw.Slice(at, (int)length);
            at += (int)length;
        }

        return at == raw.Length ? strings : throw Wrong(raw.Length, count, field);
    }

    public static byte[] Join(Tensor tensor)
    {
        var raw = new byte[tensor.Strings.Sum(text => sizeof(uint) + text.Length)];
        var at = 0;
        foreach (var text in tensor.Strings)
        {
            BinaryPrimitives.WriteInt32LittleEndian(raw.AsSpan(at), text.Length);
            text.Span.CopyTo(raw.AsSpan(at + sizeof(uint)));
            at += sizeof(uint) + text.Length;
        }

        return raw;
    }

    private static ServingException Wrong(int bytes, int count, string field) => ServingException.Invalid(
        $"{field}: {bytes} bytes; the shape says {count} elements, each its length in four bytes and then itself");
}
