using System.Buffers;
using MQTTnet.Adapter;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Internal;

/// <summary>CONNECT from the options, and CONNACK to the result.</summary>
internal static class ClientHandshake
{
    public static async Task<MqttConnAckPacket> ConnectAsync(
        PacketPipe pipe, MqttClientOptions options, CancellationToken cancellation)
    {
        try
        {
            await pipe.WriteAsync(Request(options), flush: true, cancellation).ConfigureAwait(false);
            var answer = await pipe.ReadAsync(cancellation).ConfigureAwait(false);
            return answer switch
            {
                MqttConnAckPacket { IsSessionPresent: true } when options.CleanSession =>
                    throw new MqttProtocolViolationException("The server resumes a session it was told to forget."),
                MqttConnAckPacket connAck => connAck,
                null => throw new MqttCommunicationException("The server closed the connection before its CONNACK."),
                _ => throw new MqttProtocolViolationException($"{answer.Type} came where CONNACK was due."),
            };
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new MqttConnectingFailedException($"Error while authenticating. {exception.Message}", exception);
        }
    }

    public static MqttClientConnectResult Result(MqttConnAckPacket packet)
    {
        var properties = packet.Properties;
        return new MqttClientConnectResult
        {
            ResultCode = (MqttClientConnectResultCode)packet.ReasonCode,
            IsSessionPresent = packet.IsSessionPresent,
            ReasonString = packet.ReasonString,
            UserProperties = packet.UserProperties,
            AssignedClientIdentifier = properties?.Text(MqttPropertyId.AssignedClientIdentifier),
            AuthenticationMethod = properties?.Text(MqttPropertyId.AuthenticationMethod),
            MaximumPacketSize = properties?.Number(MqttPropertyId.MaximumPacketSize),
            MaximumQoS = (MqttQualityOfServiceLevel)(properties?.Number(MqttPropertyId.MaximumQoS) ?? 2),
            ReceiveMaximum = (ushort?)properties?.Number(MqttPropertyId.ReceiveMaximum),
            ResponseInformation = properties?.Text(MqttPropertyId.ResponseInformation),
            RetainAvailable = properties?.Number(MqttPropertyId.RetainAvailable) != 0,
            ServerKeepAlive = (ushort)(properties?.Number(MqttPropertyId.ServerKeepAlive) ?? 0),
            ServerReference = properties?.Text(MqttPropertyId.ServerReference),
            SessionExpiryInterval = properties?.Number(MqttPropertyId.SessionExpiryInterval),
            SharedSubscriptionAvailable = properties?.Number(MqttPropertyId.SharedSubscriptionAvailable) != 0,
            SubscriptionIdentifiersAvailable = properties?.Number(MqttPropertyId.SubscriptionIdentifiersAvailable) != 0,
            TopicAliasMaximum = (ushort)(properties?.Number(MqttPropertyId.TopicAliasMaximum) ?? 0),
            WildcardSubscriptionAvailable = properties?.Number(MqttPropertyId.WildcardSubscriptionAvailable) != 0,
        };
    }

    private static MqttConnectPacket Request(MqttClientOptions options) => new()
    {
        ProtocolVersion = options.ProtocolVersion,
        TryPrivate = options.TryPrivate,
        ClientId = options.ClientId,
        CleanSession = options.CleanSession,
        KeepAlivePeriod = (ushort)Math.Clamp(Math.Ceiling(options.KeepAlivePeriod.TotalSeconds), 0, ushort.MaxValue),
        Username = options.Credentials?.GetUserName(options),
        Password = options.Credentials?.GetPassword(options),
        Properties = options.ProtocolVersion == MqttProtocolVersion.V500 ? Properties(options) : null,
        Will = options.WillTopic is null ? null : Will(options),
        WillDelayInterval = options.WillDelayInterval,
    };

    private static MqttProperties? Properties(MqttClientOptions options)
    {
        var properties = new MqttProperties();
        if (options.SessionExpiryInterval > 0)
            properties.Add(MqttPropertyId.SessionExpiryInterval, options.SessionExpiryInterval);
        if (options.ReceiveMaximum > 0)
            properties.Add(MqttPropertyId.ReceiveMaximum, options.ReceiveMaximum);
        if (options.MaximumPacketSize > 0)
            properties.Add(MqttPropertyId.MaximumPacketSize, options.MaximumPacketSize);
        if (options.TopicAliasMaximum > 0)
            properties.Add(MqttPropertyId.TopicAliasMaximum, options.TopicAliasMaximum);
        if (!options.RequestProblemInformation)
            properties.Add(MqttPropertyId.RequestProblemInformation, 0);
        if (options.RequestResponseInformation)
            properties.Add(MqttPropertyId.RequestResponseInformation, 1);
        properties.Add(MqttPropertyId.AuthenticationMethod, options.AuthenticationMethod);
        return properties.AddUser(options.UserProperties).OrNull();
    }

    private static MqttApplicationMessage Will(MqttClientOptions options) => new()
    {
        Topic = options.WillTopic!,
        Payload = options.WillPayload is null ? default : new ReadOnlySequence<byte>(options.WillPayload),
        QualityOfServiceLevel = options.WillQualityOfServiceLevel,
        Retain = options.WillRetain,
        ContentType = options.WillContentType,
        CorrelationData = options.WillCorrelationData,
        MessageExpiryInterval = options.WillMessageExpiryInterval,
        PayloadFormatIndicator = options.WillPayloadFormatIndicator,
        ResponseTopic = options.WillResponseTopic,
        UserProperties = options.WillUserProperties,
    };
}
