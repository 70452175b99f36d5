using System.Diagnostics;
using LeptonEdge.Core.Tracing;
using LeptonEdge.Protocol.Delivery;
using LeptonEdge.Sync.Hubs;
using MQTTnet;

namespace LeptonEdge.Sync.Tracing;

/// <summary>The spans of a batch at the hub: from its arrival to the end of the transaction that stores it.</summary>
internal static class IngestTraces
{
    /// <summary>The context that a message names; default when it names none, or nobody wants it.</summary>
    public static ActivityContext Read(MqttApplicationMessage message)
    {
        if (!Traces.On || message.UserProperties is not { } properties)
            return default;
        foreach (var property in properties)
        {
            if (property.Name == Traces.ParentKey)
                return Traces.Read(property.Value);
        }

        return default;
    }

    public static Activity? Begin(
        DeviceKey device, in DeliveryTag name, ActivityContext publish, DateTimeOffset arrived)
    {
        if (publish.TraceId == default)
            return null;
        return Traces.Begin("ingest", ActivityKind.Consumer, publish, startTime: arrived)?
            .SetTag("messaging.system", "mqtt").SetTag("lepton.tenant", device.Tenant.Value)
            .SetTag("lepton.device", device.Device.Value).SetTag("lepton.batch.sequence", (long)name.Sequence);
    }

    /// <summary>One transaction stores many batches: each that is traced has a span of its own for it.</summary>
    public static Activity? BeginStore(Activity? ingest, int batches) => ingest is null
        ? null
        : Traces.Begin("store commit", ActivityKind.Internal, ingest.Context)?
            .SetTag("db.system.name", "sqlite").SetTag("lepton.commit.batches", batches);
}
