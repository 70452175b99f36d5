using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;
using LeptonEdge.Core.Records;
using LeptonEdge.Tests.Hub;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Observing;

public sealed class HubMetricsTests(HubUnderTest hub) : IClassFixture<HubUnderTest>
{
    [PeerFact("promtool")]
    public async Task The_page_of_a_hub_at_work_is_clean_by_Prometheus_own_checker()
    {
        await using var device = new HubDevice(hub, "edge-metrics").Start();
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000;
        device.Writer.AddVerdict(Verdict(now, 1_500, late: false));
        device.Writer.AddVerdict(Verdict(now, 70_000, late: true));
        device.Writer.Flush();
        device.Link.Wake();

        using var client = hub.Client();
        using var scripts = hub.Operator();
        for (var time = 0; time < 3; time++)
            (await scripts.GetAsync($"api/v1/devices/nobody-{time}")).Dispose();
        (await scripts.GetAsync("no/such/place")).Dispose();
        var page = "";
        await Eventually.True(
            async () =>
            {
                device.Link.Report(HubDevice.Report(0.1));
                page = await client.GetStringAsync("/metrics");
                return page.Contains("lepton_verdict_seconds_count{workload=\"metered\",place=\"local\"} 2\n")
                    && page.Contains("lepton_device_up{device=\"edge-metrics\",site=\"hall-2\"} 1\n");
            },
            "the hub counts the verdicts");

        await Promtool.AssertCleanAsync(page);
        Assert.Contains("lepton_verdicts_late_total{workload=\"metered\",place=\"local\"} 1\n", page);
        Assert.Contains("lepton_verdict_seconds_bucket{workload=\"metered\",place=\"local\",le=\"0.0016384\"} 1\n", page);
        Assert.Contains("\nlepton_hub_devices_left_out 0\n", page);
        Assert.Contains(
            "lepton_hub_http_request_duration_seconds_count{route=\"/api/v1/devices/{device}\",method=\"GET\",status=\"4xx\"} 3\n",
            page);
        Assert.Contains("_seconds_count{route=\"other\",method=\"GET\",status=\"4xx\"} 1\n", page);
        Assert.Contains("\nlepton_hub_http_requests_in_flight 1\n", page);
        Assert.Contains("\nlepton_hub_ingest_failures_total 0\n", page);
        Assert.Contains("lepton_hub_certificate_expiry_timestamp_seconds{certificate=\"hub\"}", page);
    }

    private static Verdict Verdict(long timeMicros, int latencyMicros, bool late) => new(
        new WorkloadId("metered"), new ChannelName("drive-end"), new ModelReference("bearing-fault", "1.0.0"), timeMicros,
        "normal", 0.1f, Place.Local, latencyMicros, late);
}
