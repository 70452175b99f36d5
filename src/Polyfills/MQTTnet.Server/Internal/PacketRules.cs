using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Internal;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Server.Internal;

/// <summary>What well-formed packets must not say when a client sends them to a server.</summary>
internal static class PacketRules
{
    /// <exception cref="MqttProtocolViolationException">The packet is forbidden.</exception>
    public static void Check(MqttPacket packet, MqttProtocolVersion version)
    {
        if (version != MqttProtocolVersion.V500)
            return;
        switch (packet)
        {
            case MqttPublishPacket { Message.SubscriptionIdentifiers: not null }:
                throw new MqttProtocolViolationException("A client's PUBLISH has a subscription identifier.");
            case MqttAckPacket ack when !IsReason(ack):
                throw new MqttProtocolViolationException($"{ack.Type} has no reason code 0x{ack.ReasonCode:X2}.");
            case MqttSubscribePacket subscribe:
                Check(subscribe);
                return;
            case MqttDisconnectPacket goodbye when !IsClients(goodbye.ReasonCode):
                throw new MqttProtocolViolationException(
                    $"DISCONNECT with 0x{(int)goodbye.ReasonCode:X2} is not for a client to send.");
            case MqttDisconnectPacket { ServerReference: not null }:
                throw new MqttProtocolViolationException("A client's DISCONNECT has a server reference.");
        }
    }

    /// <summary>
    /// Leaves out what the client does not want, or has no room for: reason string and user properties.
    /// </summary>
    public static void Fit(MqttPacket packet, MqttConnectPacket client)
    {
        if (packet.Properties is not { } properties || client.MaximumPacketSize == 0
            || MqttEncoder.SizeOf(packet, MqttProtocolVersion.V500) <= client.MaximumPacketSize)
            return;
        packet.Properties = properties.Without(MqttPropertyId.UserProperty);
        if (MqttEncoder.SizeOf(packet, MqttProtocolVersion.V500) > client.MaximumPacketSize)
            packet.Properties = packet.Properties?.Without(MqttPropertyId.ReasonString);
    }

    private static void Check(MqttSubscribePacket subscribe)
    {
        foreach (var filter in subscribe.TopicFilters)
        {
            if (filter.NoLocal && filter.Topic.StartsWith("$share/", StringComparison.Ordinal))
                throw new MqttProtocolViolationException("A shared subscription cannot be no-local.");
        }
    }

    private static bool IsReason(MqttAckPacket ack) => ack.Type switch
    {
        MqttPacketType.PubRel or MqttPacketType.PubComp => ack.ReasonCode is 0 or 0x92,
        _ => ack.ReasonCode is 0 or 0x10 or 0x80 or 0x83 or 0x87 or 0x90 or 0x91 or 0x97 or 0x99,
    };

    private static bool IsClients(MqttDisconnectReasonCode code) => (int)code is 0 or 4 or 0x80 or 0x81 or 0x82 or 0x83
        or 0x90 or 0x93 or 0x94 or 0x95 or 0x96 or 0x97 or 0x98 or 0x99;
}
