using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using MQTTnet.Exceptions;
using MQTTnet.Packets;

namespace MQTTnet.Internal;

/// <summary>Writes the protocol's data types.</summary>
internal static class MqttWriter
{
    public static void Byte(this IBufferWriter<byte> output, int value)
    {
        output.GetSpan(1)[0] = (byte)value;
        output.Advance(1);
    }

    public static void UInt16(this IBufferWriter<byte> output, ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(output.GetSpan(2), value);
        output.Advance(2);
    }

    public static void UInt32(this IBufferWriter<byte> output, uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(output.GetSpan(4), value);
        output.Advance(4);
    }

    public static void VariableInteger(this IBufferWriter<byte> output, uint value)
    {
        if (value > 268_435_455)
            throw new MqttProtocolViolationException($"{value} is over the protocol's limit of 268,435,455.");
        do
        {
            output.Byte((int)(value & 0x7F) | (value > 0x7F ? 0x80 : 0));
            value >>= 7;
        }
        while (value > 0);
    }

    public static int SizeOfVariableInteger(long value) =>
        value < 128 ? 1 : value < 16_384 ? 2 : value < 2_097_152 ? 3 : 4;

    /// <summary>
    /// Checks the length too: once bytes are in a pipe, an oversized field can no longer be taken back.
    /// </summary>
    public static int SizeOf(string? text) => 2 + (text is null ? 0 : Length(Encoding.UTF8.GetByteCount(text)));

    public static int SizeOf(byte[] bytes) => 2 + Length(bytes.Length);

    public static void Text(this IBufferWriter<byte> output, string? text)
    {
        var length = text is null ? 0 : Encoding.UTF8.GetByteCount(text);
        output.UInt16(Length(length));
        if (length > 0)
            output.Advance(Encoding.UTF8.GetBytes(text, output.GetSpan(length)));
    }

    public static void Binary(this IBufferWriter<byte> output, ReadOnlySpan<byte> bytes)
    {
        output.UInt16(Length(bytes.Length));
        output.Write(bytes);
    }

    public static void Properties(this IBufferWriter<byte> output, MqttProperties? properties)
    {
        if (properties is null)
        {
            output.Byte(0);
            return;
        }
        var size = 0L;
        foreach (var (id, number, value) in properties.Items)
            size += 1 + SizeOf(id, number, value);
        output.VariableInteger((uint)size);
        foreach (var (id, number, value) in properties.Items)
            output.Property(id, number, value);
    }

    private static int SizeOf(MqttPropertyId id, uint number, object? value) => MqttProperties.KindOf(id) switch
    {
        MqttPropertyKind.Byte => 1,
        MqttPropertyKind.TwoBytes => 2,
        MqttPropertyKind.FourBytes => 4,
        MqttPropertyKind.VariableInteger => SizeOfVariableInteger(number),
        MqttPropertyKind.Text => SizeOf((string)value!),
        MqttPropertyKind.Binary => SizeOf((byte[])value!),
        _ => SizeOf(((MqttUserProperty)value!).Name) + SizeOf(((MqttUserProperty)value).Value),
    };

    private static void Property(this IBufferWriter<byte> output, MqttPropertyId id, uint number, object? value)
    {
        output.Byte((byte)id);
        switch (MqttProperties.KindOf(id))
        {
            case MqttPropertyKind.Byte: output.Byte((int)number); break;
            case MqttPropertyKind.TwoBytes: output.UInt16((ushort)number); break;
            case MqttPropertyKind.FourBytes: output.UInt32(number); break;
            case MqttPropertyKind.VariableInteger: output.VariableInteger(number); break;
            case MqttPropertyKind.Text: output.Text((string)value!); break;
            case MqttPropertyKind.Binary: output.Binary((byte[])value!); break;
            default:
                output.Text(((MqttUserProperty)value!).Name);
                output.Text(((MqttUserProperty)value).Value);
                break;
        }
    }

    private static ushort Length(int length) => length <= ushort.MaxValue
        ? (ushort)length
        : throw new MqttProtocolViolationException($"A field of {length} bytes is over the limit of 65,535.");
}
