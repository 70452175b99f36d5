using System.Net;
using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Storage.Hubs;
using Microsoft.Extensions.DependencyInjection;

namespace LeptonEdge.Tests.Hub.Api;

/// <summary>A hub serves one tenant. What its store holds of another one, as one that was given another name does, is told
/// nobody, not even its administrator.</summary>
public sealed class OtherTenantTests(HubUnderTest hub) : IClassFixture<HubUnderTest>
{
    private const string Device = "rival-press";
    private const string Secret = "rival-channel";
    private static readonly TenantId Rival = new("rival");

    [Fact]
    public async Task Nothing_tells_of_a_device_of_another_tenant()
    {
        var store = hub.Server.Services.GetRequiredService<HubStore>();
        Assert.False(hub.Server.Services.GetRequiredService<FleetState>().Take(Rival, new(Device), new ReportedState()));
        var batch = new RecordBatch(RecordClass.Event);
        batch.AddReading(new ChannelName(Secret), 1000, 1);
        batch.Alarms.Add(new AlarmEvent(
            "rival-rule", new ChannelName(Secret), AlarmSeverity.Critical, AlarmTransition.Raised, 1000, 1, "rival-message"));
        store.Ingest(Rival, new BatchHeader(new(Device), 1, 1, 1, RecordClass.Event, batch.Count, 1), batch, 100);
        var alarm = Assert.Single(store.Alarms(new RecordFilter { Tenant = Rival }));
        store.AppendPlan(Rival, 1, "{}"u8, [new StoredMove(0, 1, Device, "w", "gain", Device, "whole", "hub", "whole", "rival")]);

        using var client = hub.Operator();
        foreach (var path in (string[])
            [$"devices/{Device}", $"plan/workloads/{Device}/w", $"devices/{Device}/logs", $"devices/{Device}/logs/follow",
            $"alarms/{AlarmId(store)}", $"alarms/{AlarmId(store)}/comments"])
        {
            using var answer = await client.GetAsync($"api/v1/{path}");
            Assert.True(answer.StatusCode == HttpStatusCode.NotFound, $"{path}: {answer.StatusCode}");
        }

        foreach (var path in (string[])
            ["devices", "sites", "tenants", "hub", "summary", "workloads", "alarms?state=all", "rules", "plan", "plan/moves",
            "plan/history", "plan/decisions", "plan/devices", "gaps", "quarantine", "usage", "models", "jobs",
            $"alarms?state=all&device={Device}", $"devices/{Device}/channels",
            $"devices/{Device}/channels/{Secret}/readings?from=0&to=2000", $"readings/latest?channel={Device}/{Secret}"])
        {
            using var answer = await client.GetAsync($"api/v1/{path}");
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True((int)answer.StatusCode < 500, $"{path}: {answer.StatusCode}");
            Assert.DoesNotContain("rival-rule", text);
            if (answer.IsSuccessStatusCode && !path.Contains(Device, StringComparison.Ordinal))
                Assert.DoesNotContain("rival", text);
            Assert.DoesNotContain("\"value\":1", text);
            Assert.DoesNotContain("\"count\":1", text);
        }

        using var change = await client.PostAsync($"api/v1/alarms/{AlarmId(store)}/acknowledge", null);
        Assert.Equal(HttpStatusCode.NotFound, change.StatusCode);
        Assert.Equal("rival-rule", alarm.Event.Rule);
    }

    private static long AlarmId(HubStore store) =>
        LeptonEdge.Storage.Hubs.Alarms.AlarmListQueries.AlarmStates(
            store, new LeptonEdge.Storage.Hubs.Alarms.AlarmFilter(Rival), 10)[0].Id;
}
