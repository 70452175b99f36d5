using LeptonEdge.Core.Identity;

namespace LeptonEdge.Protocol.Topics;

/// <summary>What a device may do at the broker, from its certificate's identity alone.</summary>
public static class TopicRights
{
    /// <summary>A device publishes only below its own <c>up/</c>, and never to a wildcard.</summary>
    public static bool MayPublish(TenantId tenant, DeviceId device, string topic) =>
        IsBelow(tenant, device, "up", topic) && topic.AsSpan().IndexOfAny('+', '#') < 0;

    /// <summary>A device subscribes only below its own <c>down/</c>; wildcards are fine there.</summary>
    /// <remarks>A shared subscription starts with <c>$share</c> and is therefore refused.</remarks>
    public static bool MaySubscribe(TenantId tenant, DeviceId device, string filter) =>
        IsBelow(tenant, device, "down", filter);

    private static bool IsBelow(TenantId tenant, DeviceId device, string direction, string topic)
    {
        var prefix = $"{TopicName.Root}/{tenant}/{device}/{direction}/";
        return topic.Length > prefix.Length && topic.StartsWith(prefix, StringComparison.Ordinal);
    }
}
