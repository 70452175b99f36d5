using System.Buffers;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Internal;
using MQTTnet.Packets;

namespace MQTTnet.Server.Persistence;

/// <summary>A message as the file keeps it: the bytes of an MQTT 5 PUBLISH, which hold all there is to it.</summary>
internal static class MessageBody
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    /// <returns>Valid until the next call on this thread.</returns>
    public static ReadOnlySpan<byte> Write(MqttApplicationMessage message)
    {
        const int keptBytesMax = 1024 * 1024;
        if (_buffer is null || _buffer.Capacity > keptBytesMax)
            _buffer = new ArrayBufferWriter<byte>(1024);
        _buffer.ResetWrittenCount();
        var header = new PublishHeader(
            1, message.QualityOfServiceLevel, false, message.Retain, message.MessageExpiryInterval, null);
        PublishEncoder.Write(_buffer, message, header, MqttProtocolVersion.V500);
        return _buffer.WrittenSpan;
    }

    /// <exception cref="StoreDamagedException">The bytes are no PUBLISH.</exception>
    public static MqttApplicationMessage Read(byte[] bytes)
    {
        var buffer = new ReadOnlySequence<byte>(bytes);
        try
        {
            if (MqttDecoder.TryRead(ref buffer, MqttProtocolVersion.V500, MqttDecoder.PacketBytesMax)
                is MqttPublishPacket publish && buffer.IsEmpty)
                return publish.Message;
        }
        catch (MqttProtocolViolationException violation)
        {
            throw new StoreDamagedException("A kept message cannot be read.", violation);
        }
        throw new StoreDamagedException("A kept message cannot be read.");
    }

    /// <summary>Bytes that a message takes, near enough for limits.</summary>
    public static long SizeOf(MqttApplicationMessage message) => 256 + message.Topic.Length + message.Payload.Length;
}
