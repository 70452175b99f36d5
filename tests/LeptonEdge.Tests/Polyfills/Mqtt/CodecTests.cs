using System.Buffers;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Internal;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace LeptonEdge.Tests.Polyfills.Mqtt;

/// <summary>The codec alone: what is encoded decodes to the same, and nothing else does harm.</summary>
public sealed class CodecTests
{
    private static readonly MqttProtocolVersion[] Versions =
        [MqttProtocolVersion.V310, MqttProtocolVersion.V311, MqttProtocolVersion.V500];

    [Fact]
    public void Every_packet_decodes_to_what_was_encoded_whatever_its_fields()
    {
        var random = new Random(20260101);
        for (var round = 0; round < 6000; round++)
        {
            var version = Versions[round % Versions.Length];
            var packet = RandomPackets.Next(random, version);
            var bytes = Encode(packet, version);
            var buffer = Split(bytes, random);
            var decoded = MqttDecoder.TryRead(ref buffer, version, MqttDecoder.PacketBytesMax);
            Assert.NotNull(decoded);
            Assert.True(buffer.IsEmpty);
            Assert.Equal(packet.Type, decoded.Type);
            // Two encodings being equal compares every field, in the form that the wire knows.
            Assert.Equal(bytes, Encode(decoded, version));
        }
    }

    [Fact]
    public void A_packet_cut_anywhere_is_waited_for()
    {
        var random = new Random(7);
        for (var round = 0; round < 300; round++)
        {
            var version = Versions[round % Versions.Length];
            var bytes = Encode(RandomPackets.Next(random, version), version);
            for (var length = 0; length < bytes.Length; length++)
            {
                var buffer = new ReadOnlySequence<byte>(bytes, 0, length);
                Assert.Null(MqttDecoder.TryRead(ref buffer, version, MqttDecoder.PacketBytesMax));
                Assert.Equal(length, buffer.Length);
            }
        }
    }

    [Fact]
    public void Mutated_packets_decode_or_violate_the_protocol_and_nothing_else()
    {
        var random = new Random(99);
        var violations = 0;
        for (var round = 0; round < 60_000; round++)
        {
            var version = Versions[round % Versions.Length];
            var bytes = Encode(RandomPackets.Next(random, version), version);
            for (var changes = random.Next(1, 5); changes > 0; changes--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            violations += Decode(Split(bytes, random), version);
        }
        Assert.InRange(violations, 5_000, 60_000);
    }

    [Fact]
    public void Random_bytes_decode_or_violate_the_protocol_and_nothing_else()
    {
        var random = new Random(4711);
        var violations = 0;
        for (var round = 0; round < 60_000; round++)
        {
            var bytes = new byte[random.Next(1, 64)];
            random.NextBytes(bytes);
            // A right length byte lets many of them reach the body.
            if (bytes.Length > 1 && round % 2 == 0)
                bytes[1] = (byte)(bytes.Length - 2);
            violations += Decode(new ReadOnlySequence<byte>(bytes), Versions[round % Versions.Length]);
        }
        Assert.InRange(violations, 10_000, 60_000);
    }

    [Fact]
    public void A_claimed_length_allocates_nothing()
    {
        // PUBLISH that claims 268,435,455 bytes, and CONNECT the same.
        byte[][] claims = [[0x30, 0xFF, 0xFF, 0xFF, 0x7F, 0, 1, 97], [0x10, 0xFF, 0xFF, 0xFF, 0x7F, 0, 4]];
        foreach (var claim in claims)
        {
            var buffer = new ReadOnlySequence<byte>(claim);
            Assert.Null(MqttDecoder.TryRead(ref buffer, MqttProtocolVersion.V500, MqttDecoder.PacketBytesMax));
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++)
                Assert.Null(MqttDecoder.TryRead(ref buffer, MqttProtocolVersion.V500, MqttDecoder.PacketBytesMax));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4096);
            var violation = Assert.Throws<MqttProtocolViolationException>(() =>
            {
                var again = new ReadOnlySequence<byte>(claim);
                MqttDecoder.TryRead(ref again, MqttProtocolVersion.V500, 1 << 20);
            });
            Assert.Equal(MqttDisconnectReasonCode.PacketTooLarge, violation.ReasonCode);
        }
    }

    [Fact]
    public void A_message_is_encoded_without_allocation()
    {
        var message = new MqttApplicationMessageBuilder().WithTopic("lepton/a/b/up/telemetry")
            .WithPayload(new byte[500]).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build();
        var header = new PublishHeader(7, MqttQualityOfServiceLevel.AtLeastOnce, false, false, 0, null);
        var output = new ArrayBufferWriter<byte>(64 * 1024);
        PublishEncoder.Write(output, message, header, MqttProtocolVersion.V500);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            PublishEncoder.Write(output, message, header, MqttProtocolVersion.V500);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(101 * PublishEncoder.SizeOf(message, header, MqttProtocolVersion.V500), output.WrittenCount);
    }

    [Theory]
    [InlineData("a/b", "a/b", true)]
    [InlineData("a/+", "a/b", true)]
    [InlineData("a/+", "a/b/c", false)]
    [InlineData("a/#", "a", true)]
    [InlineData("a/#", "a/b/c", true)]
    [InlineData("#", "a/b", true)]
    [InlineData("#", "$SYS/x", false)]
    [InlineData("+/x", "$SYS/x", false)]
    [InlineData("$SYS/#", "$SYS/x", true)]
    [InlineData("a/+/c", "a//c", true)]
    [InlineData("a/b", "a/bc", false)]
    [InlineData("+", "/", false)]
    [InlineData("+/+", "/", true)]
    public void Filters_match_as_the_protocol_says(string filter, string topic, bool expected)
    {
        Assert.True(TopicNames.IsValidFilter(filter));
        Assert.Equal(expected, TopicNames.Matches(filter, topic));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a#")]
    [InlineData("a/#/b")]
    [InlineData("a+/b")]
    [InlineData("$share/g")]
    [InlineData("$share//a")]
    [InlineData("$share/g+/a")]
    [InlineData("$share/g/")]
    public void Ill_formed_filters_are_refused(string filter) => Assert.False(TopicNames.IsValidFilter(filter));

    internal static byte[] Encode(MqttPacket packet, MqttProtocolVersion version)
    {
        var output = new ArrayBufferWriter<byte>();
        MqttEncoder.Write(output, packet, version);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>1 when the bytes violate the protocol; any other exception fails the test.</summary>
    private static int Decode(ReadOnlySequence<byte> buffer, MqttProtocolVersion version)
    {
        try
        {
            while (MqttDecoder.TryRead(ref buffer, version, 1 << 20) is not null && !buffer.IsEmpty)
            {
            }
            return 0;
        }
        catch (MqttProtocolViolationException)
        {
            return 1;
        }
    }

    /// <summary>The same bytes in several segments, as a network delivers them.</summary>
    private static ReadOnlySequence<byte> Split(byte[] bytes, Random random)
    {
        if (bytes.Length < 2 || random.Next(2) == 0)
            return new ReadOnlySequence<byte>(bytes);
        var first = new Segment(bytes.AsMemory(0, random.Next(1, bytes.Length)), 0);
        var last = first;
        while (last.End < bytes.Length)
        {
            var next = random.Next(1, bytes.Length - (int)last.End + 1);
            last = last.Append(bytes.AsMemory((int)last.End, next));
        }
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long index)
        {
            Memory = memory;
            RunningIndex = index;
        }

        public long End => RunningIndex + Memory.Length;

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory, End);
            Next = next;
            return next;
        }
    }
}
