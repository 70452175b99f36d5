using System.Net;
using System.Net.Http.Json;
using LeptonEdge.Core;
using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Hub;

/// <summary>The line from a device's outbox to the hub's API, and from the plan back to the device.</summary>
public sealed class HubLineTests(HubUnderTest hub) : IClassFixture<HubUnderTest>
{
    private static readonly ChannelName Rms = new("drive-end.rms");

    [Fact]
    public async Task What_a_device_seals_can_be_read_from_the_hubs_api()
    {
        await using var device = new HubDevice(hub, "edge-line").Start();
        var start = TimeProvider.System.GetUnixMicros() - 1_000_000;
        for (var i = 0; i < 1000; i++)
            device.Writer.AddReading(RecordClass.Telemetry, Rms, start + i * 1000, i == 500 ? double.NaN : i);
        device.Writer.AddAlarm(new AlarmEvent(
            "bearing-worn", Rms, AlarmSeverity.Critical, AlarmTransition.Raised, start, 0.9, "inner race"));
        device.Writer.Flush();
        device.Link.Report(HubDevice.Report(0.1));
        Assert.True(await device.Link.DrainAsync(TimeSpan.FromSeconds(20)));

        using var client = hub.Operator();
        var path =
            $"api/v1/devices/edge-line/channels/drive-end.rms/readings?from={start}&to={start + 1_000_000}&points=11";
        var readings = await HubUnderTest.JsonAsync(await client.GetAsync(path));
        var points = readings.GetProperty("points").EnumerateArray().ToArray();
        Assert.InRange(points.Length, 10, 11);
        Assert.Equal(1000, points.Sum(p => p.GetProperty("count").GetInt32()));
        Assert.Equal(0, points[0].GetProperty("min").GetDouble());
        Assert.Equal(999, points[^1].GetProperty("max").GetDouble());
        var alarms = await HubUnderTest.JsonAsync(await client.GetAsync("api/v1/alarms?device=edge-line"));
        var alarm = Assert.Single(alarms.GetProperty("items").EnumerateArray());
        Assert.Equal("critical", alarm.GetProperty("severity").GetString());
        await Eventually.True(async () =>
        {
            device.Link.Report(HubDevice.Report(0.1));
            var summary = await HubUnderTest.JsonAsync(await client.GetAsync("api/v1/summary"));
            return summary.GetProperty("rows").EnumerateArray()
                .Any(row => row.GetProperty("device").GetString() == "edge-line"
                && row.GetProperty("online").GetBoolean() && row.GetProperty("activeAlarms").GetInt32() == 1
                && row.GetProperty("chartChannel").GetString() == "drive-end.rms"
                    && row.GetProperty("simulated").GetBoolean());
        }, "the summary shows the device with its alarm and its channel to chart", 15);
        var shown = await HubUnderTest.JsonAsync(await client.GetAsync("api/v1/devices/edge-line"));
        Assert.Equal("hall-2", shown.GetProperty("summary").GetProperty("site").GetString());
    }

    [Fact]
    public async Task What_a_devices_model_takes_is_a_histogram_among_the_metrics()
    {
        await using var device = new HubDevice(hub, "edge-histogram").Start();
        var report = HubDevice.Report(0.1);
        report.Workloads[0].ModelLatency = new ModelLatency { Counts = { 0, 0, 1, 0, 0, 2, 1 }, SumSeconds = 25e-6 };
        device.Link.Report(report);

        using var client = hub.Operator();
        const string Labels = "device=\"edge-histogram\",workload=\"bearing\",model=\"bearing-fault/1.0.0\"";
        var page = "";
        await Eventually.True(
            async () => (page = await client.GetStringAsync("/metrics")).Contains(Labels, StringComparison.Ordinal),
            "the device's model is among the metrics");
        Assert.Contains($"lepton_device_model_seconds_bucket{{{Labels},le=\"5.12E-05\"}} 3\n", page);
        Assert.Contains($"lepton_device_model_seconds_bucket{{{Labels},le=\"0.0001024\"}} 4\n", page);
        Assert.Contains($"lepton_device_model_seconds_bucket{{{Labels},le=\"+Inf\"}} 4\n", page);
        Assert.Contains($"lepton_device_model_seconds_sum{{{Labels}}} 2.5E-05\n", page);
        Assert.Contains($"lepton_device_model_seconds_count{{{Labels}}} 4\n", page);
    }

    [Fact]
    public async Task A_model_that_an_operator_wishes_reaches_the_device_and_outlives_the_plan()
    {
        await using var device = new HubDevice(hub, "edge-model").Start();
        await ReportUntil(device, 0.05, s => s.Workloads[0].Place == PlaceCode.Local);
        using var client = hub.Operator();
        const string Path = "api/v1/devices/edge-model/workloads/bearing/model";
        using var set = await client.PostAsJsonAsync(Path, new { model = "bearing-fault/2" });
        Assert.Equal(HttpStatusCode.Accepted, set.StatusCode);
        var wished = await ReportUntil(device, 0.05, s => s.Workloads[0].Model == "bearing-fault/2");
        using var again = await client.PostAsJsonAsync(Path, new { model = "bearing-fault/2" });
        await ReportUntil(device, 0.05, s => s.Version > wished.Version);
        var moved = await ReportUntil(device, 0.95, s => s.Workloads[0].Place == PlaceCode.Hub);
        Assert.Equal("bearing-fault/2", moved.Workloads[0].Model);
        using var reset = await client.PostAsJsonAsync(Path, new { model = "" });
        await ReportUntil(device, 0.95, s => s.Workloads[0].Model.Length == 0);

        using var stranger = await client.PostAsJsonAsync(Path.Replace("bearing", "no"), new { model = "m/1" });
        Assert.Equal(HttpStatusCode.NotFound, stranger.StatusCode);
        using var wrong = await client.PostAsJsonAsync(Path, new { model = "../m" });
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Contains("model", await wrong.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task The_stream_brings_the_hubs_state_rows_alarms_and_each_reading_of_the_chosen_channel()
    {
        await using var device = new HubDevice(hub, "edge-stream").Start();
        device.Link.Report(HubDevice.Report(0.1));
        using var client = hub.Operator();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await using var stream =
            await client.GetStreamAsync("api/v1/live?points=edge-stream/drive-end.rms&topics=hub,alarms&rows=edge-stream", stop.Token);
        using var reader = new StreamReader(stream);
        var seen = new HashSet<string>();
        var sent = false;
        while (!seen.IsSupersetOf(["hub", "rows", "readings", "alarms"]))
        {
            var line = await reader.ReadLineAsync(stop.Token) ?? throw new EndOfStreamException("the stream ended");
            if (!sent)
            {
                device.Writer.AddReading(RecordClass.Telemetry, Rms, 1_000_000, 1.5);
                device.Writer.AddReading(RecordClass.Telemetry, Rms, 2_000_000, double.PositiveInfinity);
                device.Writer.AddReading(RecordClass.Telemetry, new ChannelName("other"), 1_000_000, 7);
                device.Writer.AddAlarm(new AlarmEvent(
                    "hot", Rms, AlarmSeverity.Warning, AlarmTransition.Raised, 1, 1, "hot"));
                device.Writer.Flush();
                sent = true;
            }

            if (line.StartsWith("event: ", StringComparison.Ordinal))
                seen.Add(line[7..]);
            if (line.Contains("\"points\"", StringComparison.Ordinal))
                Assert.Equal(
                    "data: {\"device\":\"edge-stream\",\"channel\":\"drive-end.rms\","
                    + "\"points\":[[1000000,1.5],[2000000,null]]}", line);
        }
    }

    [Fact]
    public async Task An_overloaded_device_is_told_to_use_the_hub_and_a_drill_reaches_it()
    {
        await using var device = new HubDevice(hub, "edge-load").Start();
        await ReportUntil(device, 0.05, s => s.Workloads[0].Place == PlaceCode.Local);
        var moved = await ReportUntil(device, 0.95, s => s.Workloads[0].Place == PlaceCode.Hub);
        Assert.Equal("bearing-fault", moved.Workloads[0].HubModel);
        using var client = hub.Operator();
        var plan = await HubUnderTest.JsonAsync(await client.GetAsync("api/v1/plan"));
        var placement = plan.GetProperty("placements").EnumerateArray()
            .Single(p => p.GetProperty("device").GetString() == "edge-load");
        Assert.Equal("hub", placement.GetProperty("place").GetString());
        Assert.Contains("95 %", placement.GetProperty("reason").GetString());
        Assert.Contains(
            plan.GetProperty("moves").EnumerateArray(), m => m.GetProperty("device").GetString() == "edge-load");
        using var response = await client.PostAsJsonAsync(
            "api/v1/devices/edge-load/commands/load-drill", new { utilisation = 0.9, rampSeconds = 2, seconds = 6 });
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var command = await device.Link.Commands.ReadAsync(new CancellationTokenSource(TimeSpan.FromSeconds(10)).Token);
        Assert.Equal(0.9, command.LoadDrill.Utilisation);
        Assert.Equal((await HubUnderTest.JsonAsync(response)).GetProperty("id").GetString(), command.Id);
        var back =
            await ReportUntil(device, 0.05, s => s.Workloads[0].Place == PlaceCode.Local && s.Version > moved.Version);
        Assert.True(back.PlanVersion > moved.PlanVersion);
    }

    /// <summary>Reports a lane's load again and again until the hub wants what is waited for; obeys what it
    /// wants.</summary>
    internal static async Task<DesiredState> ReportUntil(HubDevice device, double lane, Func<DesiredState, bool> wanted)
    {
        DesiredState? found = null;
        await Eventually.True(() =>
        {
            while (device.Link.Desired.TryRead(out var desired))
            {
                device.Obeyed = desired;
                found = desired.Workloads.Count > 0 && wanted(desired) ? desired : found;
            }

            var obeyed = device.Obeyed;
            var place = obeyed.Workloads.Count > 0 ? obeyed.Workloads[0].Place : PlaceCode.Local;
            device.Link.Report(HubDevice.Report(lane, place, obeyed.Version));
            return found is not null;
        }, $"the hub decides on a lane that is {lane:P0} busy");
        return found!;
    }
}

public sealed class HubRestartTests
{
    [Fact]
    public async Task A_restarted_hub_keeps_plan_and_desired_state_and_publishes_it_again()
    {
        var hub = new HubUnderTest();
        await hub.InitializeAsync();
        try
        {
            ulong version;
            await using (var device = new HubDevice(hub, "edge-1").Start())
                version = (await HubLineTests.ReportUntil(device, 0.95, s => s.Workloads[0].Place == PlaceCode.Hub))
                    .Version;
            var plan = await PlanAsync(hub);
            await hub.StopAsync();
            await hub.StartAsync();
            var after = await PlanAsync(hub);
            Assert.Equal(plan.GetRawText(), after.GetRawText());
            await using var again = new HubDevice(hub, "edge-1").Start();
            var desired =
                await again.Link.Desired.ReadAsync(new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token);
            Assert.Equal(version, desired.Version);
            Assert.Equal(PlaceCode.Hub, desired.Workloads[0].Place);
        }
        finally
        {
            await hub.DisposeAsync();
        }
    }

    [PeerFact("mosquitto")]
    public async Task An_external_broker_takes_the_place_of_the_embedded_one()
    {
        using var mosquitto = new Mosquitto();
        await mosquitto.WaitUntilListeningAsync();
        var broker = new LeptonEdge.Hub.Configuration.ExternalBroker("127.0.0.1", mosquitto.Port, Tls: false);
        var hub = new HubUnderTest { Broker = broker };
        await hub.InitializeAsync();
        try
        {
            Assert.Equal(0, hub.Server.Ports.Mqtt);
            await using var device = new HubDevice(hub, "edge-1", mosquitto.Port).Start();
            await HubLineTests.ReportUntil(device, 0.95, s => s.Workloads[0].Place == PlaceCode.Hub);
            device.Writer.AddReading(RecordClass.Telemetry, new ChannelName("c"), 1_000_000, 4);
            device.Writer.Flush();
            Assert.True(await device.Link.DrainAsync(TimeSpan.FromSeconds(20)));
            await mosquitto.KillAndRestartAsync();
            device.Writer.AddReading(RecordClass.Telemetry, new ChannelName("c"), 2_000_000, 5);
            device.Writer.Flush();
            Assert.True(await device.Link.DrainAsync(TimeSpan.FromSeconds(20)));
            using var client = hub.Operator();
            var readings = await HubUnderTest.JsonAsync(
                await client.GetAsync("api/v1/devices/edge-1/channels/c/readings?from=0&to=3000000&points=3"));
            Assert.Equal(
                2, readings.GetProperty("points").EnumerateArray().Sum(p => p.GetProperty("count").GetInt32()));
        }
        finally
        {
            await hub.DisposeAsync();
        }
    }

    private static async Task<System.Text.Json.JsonElement> PlanAsync(HubUnderTest hub)
    {
        using var client = hub.Operator();
        return await HubUnderTest.JsonAsync(await client.GetAsync("api/v1/plan"));
    }
}
