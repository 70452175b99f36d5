using LeptonEdge.Sync;
using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Trust;
using LeptonEdge.Protocol.Topics;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace LeptonEdge.Hub.Gateway;

/// <summary>What a connection may do at the embedded broker: its certificate alone decides, never what it says of
/// itself.</summary>
public sealed class BrokerRights(FleetAuthority authority, ILogger<BrokerRights> logger)
{
    // Set by us when the certificate was read; a client cannot write here.
    private const string IdentityKey = "lepton.identity";

    private readonly TenantId _tenant = authority.Tenant;

    public void Guard(MqttServer server)
    {
        server.ValidatingConnectionAsync += args =>
        {
            Validate(args);
            return Task.CompletedTask;
        };
        server.InterceptingPublishAsync += args =>
        {
            Intercept(args);
            return Task.CompletedTask;
        };
        server.InterceptingSubscriptionAsync += args =>
        {
            Intercept(args);
            return Task.CompletedTask;
        };
    }

    /// <summary>The client id must be the identity's own, or a device could take over another's session.</summary>
    public static bool MayUseClientId(FleetIdentity identity, string clientId) => identity.Role == FleetRole.Hub
        ? clientId.Length > 0 && !clientId.Contains('/')
        : clientId == $"{identity.Tenant}/{identity.Name}";

    private void Validate(ValidatingConnectionEventArgs args)
    {
        var identity = FleetIdentity.Read(args.ClientCertificate);
        if (identity is null || identity.Tenant != _tenant)
        {
            args.ReasonCode = MqttConnectReasonCode.NotAuthorized;
            args.ReasonString = "present a certificate of this fleet";
        }
        else if (!MayUseClientId(identity, args.ClientId))
        {
            args.ReasonCode = MqttConnectReasonCode.ClientIdentifierNotValid;
            args.ReasonString = $"the client id must be '{identity.Tenant}/{identity.Name}'";
        }
        else
        {
            args.SessionItems[IdentityKey] = identity;
            return;
        }

        BrokerRightsLog.Refused(logger, args.ClientId, args.Endpoint ?? "", args.ReasonString!);
    }

    private void Intercept(InterceptingPublishEventArgs args)
    {
        var topic = args.ApplicationMessage.Topic;
        if (args.SessionItems[IdentityKey] is FleetIdentity identity
            && (identity.Role == FleetRole.Hub
                || (TopicRights.MayPublish(_tenant, identity.Device, topic) && !args.ApplicationMessage.Retain)))
            return;
        args.ProcessPublish = false;
        args.Response.ReasonCode = MqttPubAckReasonCode.NotAuthorized;
        BrokerRightsLog.PublishRefused(logger, args.ClientId, topic);
    }

    private void Intercept(InterceptingSubscriptionEventArgs args)
    {
        if (args.SessionItems[IdentityKey] is FleetIdentity identity
            && (identity.Role == FleetRole.Hub
                || TopicRights.MaySubscribe(_tenant, identity.Device, args.TopicFilter.Topic)))
            return;
        args.ProcessSubscription = false;
        args.Response.ReasonCode = MqttSubscribeReasonCode.NotAuthorized;
        BrokerRightsLog.SubscriptionRefused(logger, args.ClientId, args.TopicFilter.Topic);
    }
}

internal static partial class BrokerRightsLog
{
    [LoggerMessage(1, LogLevel.Warning, "Connection {ClientId} from {Endpoint} refused: {Reason}")]
    public static partial void Refused(ILogger logger, string clientId, string endpoint, string reason);

    [LoggerMessage(2, LogLevel.Warning, "{ClientId} may not publish to {Topic}")]
    public static partial void PublishRefused(ILogger logger, string clientId, string topic);

    [LoggerMessage(3, LogLevel.Warning, "{ClientId} may not subscribe to {Topic}")]
    public static partial void SubscriptionRefused(ILogger logger, string clientId, string topic);
}
