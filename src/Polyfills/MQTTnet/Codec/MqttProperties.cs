using MQTTnet.Exceptions;
using MQTTnet.Internal;
using MQTTnet.Protocol;

namespace MQTTnet.Packets;

internal enum MqttPropertyId : byte
{
    PayloadFormatIndicator = 1,
    MessageExpiryInterval = 2,
    ContentType = 3,
    ResponseTopic = 8,
    CorrelationData = 9,
    SubscriptionIdentifier = 11,
    SessionExpiryInterval = 17,
    AssignedClientIdentifier = 18,
    ServerKeepAlive = 19,
    AuthenticationMethod = 21,
    AuthenticationData = 22,
    RequestProblemInformation = 23,
    WillDelayInterval = 24,
    RequestResponseInformation = 25,
    ResponseInformation = 26,
    ServerReference = 28,
    ReasonString = 31,
    ReceiveMaximum = 33,
    TopicAliasMaximum = 34,
    TopicAlias = 35,
    MaximumQoS = 36,
    RetainAvailable = 37,
    UserProperty = 38,
    MaximumPacketSize = 39,
    WildcardSubscriptionAvailable = 40,
    SubscriptionIdentifiersAvailable = 41,
    SharedSubscriptionAvailable = 42,
}

/// <summary>How a property's value is written (MQTT 5, section 2.2.2.2).</summary>
internal enum MqttPropertyKind
{
    Byte,
    TwoBytes,
    FourBytes,
    VariableInteger,
    Text,
    Binary,
    Pair,
}

/// <summary>The properties of one packet, in their order on the wire.</summary>
internal sealed class MqttProperties
{
    /// <summary>More than this in one packet is refused: each costs far more memory than wire.</summary>
    public const int CountMax = 256;

    private readonly List<(MqttPropertyId Id, uint Number, object? Value)> _items = [];

    public int Count => _items.Count;

    public List<MqttUserProperty>? UserProperties
    {
        get
        {
            List<MqttUserProperty>? found = null;
            foreach (var item in _items)
            {
                if (item.Id == MqttPropertyId.UserProperty)
                    (found ??= []).Add((MqttUserProperty)item.Value!);
            }
            return found;
        }
    }

    public IReadOnlyList<(MqttPropertyId Id, uint Number, object? Value)> Items => _items;

    public uint? Number(MqttPropertyId id)
    {
        foreach (var item in _items)
        {
            if (item.Id == id)
                return item.Number;
        }
        return null;
    }

    public string? Text(MqttPropertyId id) => Value(id) as string;

    public byte[]? Binary(MqttPropertyId id) => Value(id) as byte[];

    public bool Has(MqttPropertyId id) => Number(id) is not null;

    public MqttProperties Add(MqttPropertyId id, uint number)
    {
        _items.Add((id, number, null));
        return this;
    }

    public MqttProperties Add(MqttPropertyId id, object? value)
    {
        if (value is not null)
            _items.Add((id, 0, value));
        return this;
    }

    public MqttProperties AddUser(List<MqttUserProperty>? properties)
    {
        foreach (var property in properties ?? [])
            _items.Add((MqttPropertyId.UserProperty, 0, property));
        return this;
    }

    /// <summary>The same properties but for one kind; null when none is left.</summary>
    public MqttProperties? Without(MqttPropertyId id)
    {
        var rest = new MqttProperties();
        rest._items.AddRange(_items.Where(item => item.Id != id));
        return rest.OrNull();
    }

    /// <summary>Null rather than an empty set.</summary>
    public MqttProperties? OrNull() => _items.Count == 0 ? null : this;

    /// <exception cref="MqttProtocolViolationException">The identifier is none of the protocol's.</exception>
    public static MqttPropertyKind KindOf(MqttPropertyId id) => id switch
    {
        MqttPropertyId.PayloadFormatIndicator or MqttPropertyId.RequestProblemInformation
            or MqttPropertyId.RequestResponseInformation or MqttPropertyId.MaximumQoS or MqttPropertyId.RetainAvailable
            or MqttPropertyId.WildcardSubscriptionAvailable or MqttPropertyId.SubscriptionIdentifiersAvailable
            or MqttPropertyId.SharedSubscriptionAvailable => MqttPropertyKind.Byte,
        MqttPropertyId.ServerKeepAlive or MqttPropertyId.ReceiveMaximum or MqttPropertyId.TopicAliasMaximum
            or MqttPropertyId.TopicAlias => MqttPropertyKind.TwoBytes,
        MqttPropertyId.MessageExpiryInterval or MqttPropertyId.SessionExpiryInterval
            or MqttPropertyId.WillDelayInterval or MqttPropertyId.MaximumPacketSize => MqttPropertyKind.FourBytes,
        MqttPropertyId.SubscriptionIdentifier => MqttPropertyKind.VariableInteger,
        MqttPropertyId.ContentType or MqttPropertyId.ResponseTopic or MqttPropertyId.AssignedClientIdentifier
            or MqttPropertyId.AuthenticationMethod or MqttPropertyId.ResponseInformation
            or MqttPropertyId.ServerReference or MqttPropertyId.ReasonString => MqttPropertyKind.Text,
        MqttPropertyId.CorrelationData or MqttPropertyId.AuthenticationData => MqttPropertyKind.Binary,
        MqttPropertyId.UserProperty => MqttPropertyKind.Pair,
        _ => throw new MqttProtocolViolationException(
            MqttDisconnectReasonCode.MalformedPacket, $"Property identifier {(byte)id} is unknown."),
    };

    /// <summary>
    /// Which properties a packet may carry (MQTT 5, table 2-4). Will: the CONNECT payload's own set.
    /// </summary>
    public static ulong Allowed(MqttPacketType type) => Bits(MqttPropertyId.UserProperty) | type switch
    {
        MqttPacketType.Connect => Bits(
            MqttPropertyId.SessionExpiryInterval, MqttPropertyId.AuthenticationMethod,
            MqttPropertyId.AuthenticationData, MqttPropertyId.RequestProblemInformation,
            MqttPropertyId.RequestResponseInformation, MqttPropertyId.ReceiveMaximum,
            MqttPropertyId.TopicAliasMaximum, MqttPropertyId.MaximumPacketSize),
        MqttPacketType.ConnAck => Bits(
            MqttPropertyId.SessionExpiryInterval, MqttPropertyId.AssignedClientIdentifier,
            MqttPropertyId.ServerKeepAlive, MqttPropertyId.AuthenticationMethod, MqttPropertyId.AuthenticationData,
            MqttPropertyId.ResponseInformation, MqttPropertyId.ServerReference, MqttPropertyId.ReasonString,
            MqttPropertyId.ReceiveMaximum, MqttPropertyId.TopicAliasMaximum, MqttPropertyId.MaximumQoS,
            MqttPropertyId.RetainAvailable, MqttPropertyId.MaximumPacketSize,
            MqttPropertyId.WildcardSubscriptionAvailable, MqttPropertyId.SubscriptionIdentifiersAvailable,
            MqttPropertyId.SharedSubscriptionAvailable),
        MqttPacketType.Subscribe => Bits(MqttPropertyId.SubscriptionIdentifier),
        MqttPacketType.Disconnect => Bits(
            MqttPropertyId.SessionExpiryInterval, MqttPropertyId.ServerReference, MqttPropertyId.ReasonString),
        MqttPacketType.Auth => Bits(
            MqttPropertyId.AuthenticationMethod, MqttPropertyId.AuthenticationData, MqttPropertyId.ReasonString),
        MqttPacketType.Publish => Bits(
            MqttPropertyId.PayloadFormatIndicator, MqttPropertyId.MessageExpiryInterval, MqttPropertyId.ContentType,
            MqttPropertyId.ResponseTopic, MqttPropertyId.CorrelationData, MqttPropertyId.SubscriptionIdentifier,
            MqttPropertyId.TopicAlias),
        MqttPacketType.Unsubscribe => 0,
        _ => Bits(MqttPropertyId.ReasonString),
    };

    public static readonly ulong AllowedInWill = Bits(
        MqttPropertyId.WillDelayInterval, MqttPropertyId.PayloadFormatIndicator, MqttPropertyId.MessageExpiryInterval,
        MqttPropertyId.ContentType, MqttPropertyId.ResponseTopic, MqttPropertyId.CorrelationData,
        MqttPropertyId.UserProperty);

    public static readonly ulong AllowedInPublish = Allowed(MqttPacketType.Publish);

    private object? Value(MqttPropertyId id)
    {
        foreach (var item in _items)
        {
            if (item.Id == id)
                return item.Value;
        }
        return null;
    }

    private static ulong Bits(params ReadOnlySpan<MqttPropertyId> ids)
    {
        var bits = 0UL;
        foreach (var id in ids)
            bits |= 1UL << (int)id;
        return bits;
    }
}
