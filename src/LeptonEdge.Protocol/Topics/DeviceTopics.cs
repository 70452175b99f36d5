using LeptonEdge.Core.Identity;

namespace LeptonEdge.Protocol.Topics;

/// <summary>The MQTT topics of one device.</summary>
public sealed record DeviceTopics(TenantId Tenant, DeviceId Device)
{
    /// <summary>Device to hub: sealed batches.</summary>
    public string UpTelemetry { get; } = TopicName.Format(Tenant, Device, TopicKind.UpTelemetry);

    /// <summary>Device to hub: sealed reported state.</summary>
    public string UpReported { get; } = TopicName.Format(Tenant, Device, TopicKind.UpReported);

    /// <summary>Device to hub: sealed lines of its log, when they were asked for.</summary>
    public string UpLog { get; } = TopicName.Format(Tenant, Device, TopicKind.UpLog);

    /// <summary>Hub to device: what the hub has stored.</summary>
    public string DownReceipt { get; } = TopicName.Format(Tenant, Device, TopicKind.DownReceipt);

    /// <summary>Hub to device, retained: what the device shall run.</summary>
    public string DownDesired { get; } = TopicName.Format(Tenant, Device, TopicKind.DownDesired);

    /// <summary>Hub to device: a command.</summary>
    public string DownCommand { get; } = TopicName.Format(Tenant, Device, TopicKind.DownCommand);
}

/// <summary>The topic filters of the hub.</summary>
public static class HubTopics
{
    /// <summary>Everything that devices send.</summary>
    public const string UpFilter = "lepton/+/+/up/#";

    /// <summary>The same, each message to one of the hub's replicas.</summary>
    public const string SharedUpFilter = "$share/hub/lepton/+/+/up/#";
}
