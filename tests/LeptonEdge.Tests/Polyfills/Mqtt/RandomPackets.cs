using System.Buffers;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace LeptonEdge.Tests.Polyfills.Mqtt;

/// <summary>Valid packets of every kind with drawn fields.</summary>
internal static class RandomPackets
{
    public static MqttPacket Next(Random random, MqttProtocolVersion version)
    {
        var isV5 = version == MqttProtocolVersion.V500;
        return random.Next(isV5 ? 15 : 14) switch
        {
            0 => Connect(random, version),
            1 => new MqttConnAckPacket
            {
                IsSessionPresent = random.Next(2) == 1,
                ReasonCode = isV5 ? MqttConnectReasonCode.Banned : MqttConnectReasonCode.NotAuthorized,
                Properties = Properties(random, MqttPacketType.ConnAck, isV5),
            },
            2 or 3 => Publish(random, isV5),
            4 => Ack(random, MqttPacketType.PubAck, isV5),
            5 => Ack(random, MqttPacketType.PubRec, isV5),
            6 => Ack(random, MqttPacketType.PubRel, isV5),
            7 => Ack(random, MqttPacketType.PubComp, isV5),
            8 => Subscribe(random, isV5),
            9 => new MqttUnsubscribePacket
            {
                PacketIdentifier = Id(random),
                TopicFilters = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => Text(random, 30))],
                Properties = Properties(random, MqttPacketType.Unsubscribe, isV5),
            },
            10 => Grant(random, MqttPacketType.SubAck, isV5),
            11 => Grant(random, MqttPacketType.UnsubAck, isV5),
            12 => random.Next(2) == 0 ? MqttPingPacket.Request : MqttPingPacket.Response,
            13 => new MqttDisconnectPacket
            {
                ReasonCode = isV5 ? (MqttDisconnectReasonCode)random.Next(256) : 0,
                Properties = Properties(random, MqttPacketType.Disconnect, isV5),
            },
            _ => new MqttAuthPacket
            {
                ReasonCode = random.Next(256),
                Properties = Properties(random, MqttPacketType.Auth, isV5),
            },
        };
    }

    public static string Text(Random random, int lengthMax)
    {
        const string letters = "abcdefghij/ÄöéЖ日€😀 -_0123456789";
        return string.Concat(Enumerable.Range(0, random.Next(1, lengthMax))
            .Select(_ => letters.EnumerateRunes().ElementAt(random.Next(30)).ToString()));
    }

    private static ushort Id(Random random) => (ushort)random.Next(1, 65536);

    private static byte[] Bytes(Random random, int lengthMax)
    {
        var bytes = new byte[random.Next(lengthMax)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static MqttConnectPacket Connect(Random random, MqttProtocolVersion version)
    {
        var isV5 = version == MqttProtocolVersion.V500;
        var hasName = random.Next(2) == 1;
        return new MqttConnectPacket
        {
            ProtocolVersion = version,
            TryPrivate = random.Next(8) == 0,
            CleanSession = random.Next(2) == 1,
            KeepAlivePeriod = (ushort)random.Next(65536),
            ClientId = Text(random, 20),
            Username = hasName ? Text(random, 20) : null,
            Password = hasName && random.Next(2) == 1 ? Bytes(random, 20) : null,
            Will = random.Next(2) == 1 ? Message(random, isV5) : null,
            WillDelayInterval = 0,
            Properties = Properties(random, MqttPacketType.Connect, isV5),
        };
    }

    private static MqttPublishPacket Publish(Random random, bool isV5)
    {
        var message = Message(random, isV5);
        if (isV5 && random.Next(3) == 0)
            message.SubscriptionIdentifiers = [(uint)random.Next(1, 268_435_455), 1];
        if (isV5 && random.Next(3) == 0)
            message.TopicAlias = Id(random);
        message.Dup = message.QualityOfServiceLevel > 0 && random.Next(2) == 1;
        return new MqttPublishPacket
        {
            PacketIdentifier = message.QualityOfServiceLevel > 0 ? Id(random) : (ushort)0,
            Message = message,
        };
    }

    private static MqttApplicationMessage Message(Random random, bool isV5)
    {
        var message = new MqttApplicationMessage
        {
            Topic = Text(random, 40),
            Payload = new ReadOnlySequence<byte>(Bytes(random, 300)),
            QualityOfServiceLevel = (MqttQualityOfServiceLevel)random.Next(3),
            Retain = random.Next(2) == 1,
        };
        if (!isV5 || random.Next(2) == 0)
            return message;
        message.ContentType = Text(random, 10);
        message.CorrelationData = Bytes(random, 10);
        message.MessageExpiryInterval = (uint)random.Next();
        message.PayloadFormatIndicator = (MqttPayloadFormatIndicator)random.Next(2);
        message.ResponseTopic = Text(random, 10);
        message.UserProperties = [new MqttUserProperty(Text(random, 9), ""), new MqttUserProperty("", Text(random, 9))];
        return message;
    }

    private static MqttAckPacket Ack(Random random, MqttPacketType type, bool isV5) => new(type)
    {
        PacketIdentifier = Id(random),
        ReasonCode = isV5 ? random.Next(256) : 0,
        Properties = Properties(random, type, isV5),
    };

    private static MqttSubscribePacket Subscribe(Random random, bool isV5) => new()
    {
        PacketIdentifier = Id(random),
        Properties = Properties(random, MqttPacketType.Subscribe, isV5),
        TopicFilters = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => new MqttTopicFilter
        {
            Topic = Text(random, 30),
            QualityOfServiceLevel = (MqttQualityOfServiceLevel)random.Next(3),
            NoLocal = isV5 && random.Next(2) == 1,
            RetainAsPublished = isV5 && random.Next(2) == 1,
            RetainHandling = isV5 ? (MqttRetainHandling)random.Next(3) : 0,
        })],
    };

    private static MqttGrantPacket Grant(Random random, MqttPacketType type, bool isV5) => new(type)
    {
        PacketIdentifier = Id(random),
        ReasonCodes = !isV5 && type == MqttPacketType.UnsubAck ? [] : [0, 1, 2, 0x80],
        Properties = Properties(random, type, isV5),
    };

    private static MqttProperties? Properties(Random random, MqttPacketType type, bool isV5)
    {
        if (!isV5 || random.Next(3) == 0)
            return null;
        var properties = new MqttProperties();
        var allowed = MqttProperties.Allowed(type);
        foreach (var id in Enum.GetValues<MqttPropertyId>())
        {
            if ((allowed & (1UL << (int)id)) == 0 || random.Next(2) == 0)
                continue;
            if (id == MqttPropertyId.AuthenticationData && !properties.Has(MqttPropertyId.AuthenticationMethod))
                continue;
            switch (MqttProperties.KindOf(id))
            {
                case MqttPropertyKind.Byte: properties.Add(id, (uint)random.Next(2)); break;
                case MqttPropertyKind.TwoBytes: properties.Add(id, Id(random)); break;
                case MqttPropertyKind.FourBytes: properties.Add(id, (uint)random.Next(1, int.MaxValue)); break;
                case MqttPropertyKind.VariableInteger: properties.Add(id, (uint)random.Next(1, 268_435_455)); break;
                case MqttPropertyKind.Text: properties.Add(id, Text(random, 12)); break;
                case MqttPropertyKind.Binary: properties.Add(id, Bytes(random, 12)); break;
                default: properties.AddUser([new MqttUserProperty(Text(random, 9), Text(random, 9))]); break;
            }
        }
        return properties.OrNull();
    }
}
