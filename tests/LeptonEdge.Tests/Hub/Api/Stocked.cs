using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Storage.Hubs;
using Microsoft.Extensions.DependencyInjection;

namespace LeptonEdge.Tests.Hub.Api;

/// <summary>Puts devices, readings and alarms into a hub, by the ways that they take in the product behind the
/// broker.</summary>
internal static class Stocked
{
    public static readonly ChannelName Channel = new("drive-end.rms");

    /// <summary>A device reports.</summary>
    public static void Report(this HubUnderTest hub, string device, string site = "hall-1", double cpu = 0.25, ReportedRule? rule = null)
    {
        var state = new ReportedState
        {
            Site = site, Board = "test-board", AgentVersion = "0.1.0", CpuLoad = cpu, Cores = 4, MemoryBytes = 1 << 30,
        };
        state.Channels.Add(new ReportedChannel { Channel = Channel.Value, Unit = "g", ReadingsPerSecond = 10 });
        state.Workloads.Add(new ReportedWorkload
        {
            Workload = "bearing", Channel = Channel.Value, Model = "bearing-fault", ModelVersion = "1.0.0",
        });
        if (rule is not null)
            state.Workloads[0].Rules.Add(rule);
        hub.Server.Services.GetRequiredService<FleetState>().Take(HubUnderTest.Tenant, new DeviceId(device), state);
    }

    public static ReportedRule Rule(string name = "hot") => new()
    {
        Rule = name, Of = "rms", Severity = SeverityCode.Warning, RaiseAt = 5, ClearBelow = 4, RaiseAfter = 3, ClearAfter = 1,
    };

    /// <summary>A batch of a device is stored.</summary>
    public static void Store(this HubUnderTest hub, string device, ulong sequence, Action<RecordBatch> fill)
    {
        var batch = new RecordBatch(RecordClass.Event);
        fill(batch);
        hub.Server.Services.GetRequiredService<HubStore>().Ingest(
            HubUnderTest.Tenant,
            new BatchHeader(
                new DeviceId(device), 1, sequence, sequence, RecordClass.Event, batch.Count, (long)sequence),
            batch, 100);
    }

    public static AlarmEvent Alarm(AlarmTransition transition, long time, string rule = "hot", AlarmSeverity severity = AlarmSeverity.Warning) =>
        new(rule, Channel, severity, transition, time, 80 + time, $"{rule} at {time}");
}
