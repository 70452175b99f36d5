using System.Net;
using System.Text.Json;
using Google.Protobuf;
using Grpc.Net.Client;
using LeptonEdge.Core;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;
using LeptonEdge.Core.Pricing;
using LeptonEdge.Core.Records;
using LeptonEdge.Hub.Metering;
using LeptonEdge.Protocol.Inference;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace LeptonEdge.Tests.Hub;

/// <summary>What devices and the hub used, as the hub's API, its metrics and <c>lepton usage</c> tell it.</summary>
public sealed class UsageApiTests : IAsyncLifetime
{
    private const string Model = "bearing-fault";
    private static readonly ModelReference Local = new(Model, "1.0.0");

    private readonly HubUnderTest _hub = new()
    {
        // One unit of each for easy sums: the site's electricity is dear, the hub's cores are cheap.
        Prices = new PriceBook("CHF", new Prices(1, 100, 1e6, 3.6e6),
            [new PriceOverride(null, "hall-2", KilowattHour: 36e6), new PriceOverride(NodeKind.Hub, null, CoreSecond: 0)]),
        Power = new PowerModel(0, 5, 0),
    };

    private readonly long _from = TimeProvider.System.GetUnixMicros() - 60_000_000;

    public Task InitializeAsync() => _hub.InitializeAsync();

    public Task DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task What_devices_recorded_is_summed_and_priced_by_their_site()
    {
        await SendAsync("press-7");

        var usage = await GetAsync($"from={_from}&by=device,workload,model");
        Assert.Equal(("device,workload,model", "CHF", "minute"), (Text(usage, "by"), Text(usage, "currency"),
            Text(usage, "resolution")));
        var rows = usage.GetProperty("rows").EnumerateArray().ToList();
        Assert.Equal(["", "bearing"], rows.Select(row => Text(row, "workload")));
        var bearing = rows[1];
        Assert.Equal(("press-7", $"{Model}/1.0.0", "estimated"),
            (Text(bearing, "device"), Text(bearing, "model"), Text(bearing, "energy")));
        Assert.Equal((3, 2, 1.5, 0, 20), (Long(bearing, "inferences"), Long(bearing, "verdicts"),
            Number(bearing, "coreSeconds"), Number(bearing, "acceleratorSeconds"), Long(bearing, "bytes")));
        // 1.5 core-seconds, 20 of 10^9 bytes, and 4 J at the site's price.
        Assert.Equal(1.5 + 0.02 + 40, Number(bearing, "cost"), 9);
        var steps = await GetAsync($"from={_from}&by=hour,device");
        Assert.Equal(("hour,device", "hour"), (Text(steps, "by"), Text(steps, "resolution")));
        Assert.All(steps.GetProperty("rows").EnumerateArray(),
            row => Assert.Equal(0, Long(row, "fromMicros") % 3_600_000_000));
        Assert.Equal(3, Long(steps.GetProperty("total"), "inferences"));
        // What the batches weighed is the device's, once, however often they were sent.
        Assert.Equal(BatchBytes("press-7"), Long(rows[0], "bytes"));
        Assert.Equal(rows.Sum(row => Number(row, "cost")), Number(usage.GetProperty("total"), "cost"), 9);

        await _hub.StopAsync();
        await _hub.StartAsync();
        Assert.Equal(usage.GetProperty("rows").GetRawText(),
            (await GetAsync($"from={_from}&by=device,workload,model")).GetProperty("rows").GetRawText());
    }

    [Fact]
    public async Task The_hub_meters_who_asked_it_for_what_and_a_stop_loses_none_of_it()
    {
        await InferAsync("edge-a", "bearing", calls: 3, rows: 2);
        await InferAsync("edge-b", "", calls: 1, rows: 1);
        using (var client = _hub.Operator())
            await RestInferAsync(client);

        await _hub.StopAsync();
        await _hub.StartAsync();
        var rows = (await GetAsync($"from={_from}&by=device,workload,node")).GetProperty("rows").EnumerateArray()
            .ToList();
        Assert.Equal([("", "", 1), ("edge-a", "bearing", 6), ("edge-b", "", 1)],
            rows.Select(row => (Text(row, "device"), Text(row, "workload"), Long(row, "inferences"))));
        Assert.All(rows, row =>
        {
            Assert.Equal("hub", Text(row, "node"));
            Assert.True(Number(row, "coreSeconds") > 0);
            Assert.True(Long(row, "bytes") > 0);
            Assert.Equal(5 * Number(row, "coreSeconds"), Number(row, "joules"), tolerance: 1e-4);
            // Its cores are free, its electricity and its bytes are not.
            Assert.Equal(
                (Long(row, "bytes") * 1e-3) + Number(row, "joules"), Number(row, "cost"), tolerance: 1e-5);
        });
    }

    [Fact]
    public async Task A_store_that_fails_once_is_told_again_and_counts_once()
    {
        await InferAsync("edge-a", "bearing", calls: 2, rows: 1);
        var meter = _hub.Server.Services.GetRequiredService<HubUsageMeter>();
        using (var closed = HubStore.Open(
            new HubStoreOptions { Path = Path.Combine(_hub.DataFolder, "other.db") }, TimeProvider.System))
        {
            closed.Dispose();
            Assert.Throws<ObjectDisposedException>(() => meter.Keep(closed));
        }

        var store = _hub.Server.Services.GetRequiredService<HubStore>();
        meter.Keep(store);
        meter.Keep(store);
        var total = (await GetAsync($"from={_from}&by=tenant")).GetProperty("total");
        Assert.Equal(2, Long(total, "inferences"));
    }

    [Theory]
    [InlineData("by=colour", "by: 'colour' is none of minute, hour, day, tenant, site, device, workload, model, node")]
    [InlineData("by=hour,day", "by: name one of minute, hour and day")]
    [InlineData("by=minute&from=0", "by: minute sums at most 2 days; take hour, or a shorter range")]
    [InlineData("by=day&from=0", "more than 1500; take longer steps, or a shorter range")]
    [InlineData("from=5&to=5", "to: 5 must be after from (5)")]
    [InlineData("from=-1", "from: -1 is not a time")]
    [InlineData("device=Press%207", "device name 'Press 7'")]
    public async Task What_cannot_be_answered_is_refused_by_its_name(string query, string expected)
    {
        using var client = _hub.Operator();
        using var answer = await client.GetAsync($"api/v1/usage?{query}");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        Assert.Contains(expected, problem.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Metrics_count_what_was_used_since_the_start()
    {
        await SendAsync("press-7");
        using var client = _hub.Client();
        await Eventually.True(
            async () => (await client.GetStringAsync("/metrics")).Contains(
                "lepton_usage_inferences_total{workload=\"bearing\",model=\"bearing-fault\",node=\"device\"} 3\n"),
            "the metrics count");
        var metrics = await client.GetStringAsync("/metrics");
        Assert.Contains(
            "lepton_usage_core_seconds_total{workload=\"bearing\",model=\"bearing-fault\",node=\"device\"} 1.5\n",
            metrics);
        Assert.Contains(
            "lepton_usage_verdicts_total{workload=\"bearing\",model=\"bearing-fault\",node=\"device\"} 2\n", metrics);
    }

    [Fact]
    public async Task The_command_prints_a_table_with_units_stable_json_and_csv()
    {
        await SendAsync("press-7");

        var table = await LeptonAsync("usage", "--since", "10m", "--by", "workload,model");
        Assert.Equal((0, ""), (table.Status, table.Errors));
        foreach (var text in (string[])["INFERENCES", "CORE S", "MB MOVED", "WH", "COST CHF", $"{Model}/1.0.0", "total"])
            Assert.Contains(text, table.Output);
        Assert.Matches(@"bearing +bearing-fault/1\.0\.0 +3 +2 +1\.5 +0 +0 +0\.001 +estimated +41\.52", table.Output);

        var csv = await LeptonAsync("usage", "--since", "10m", "--by", "workload", "-o", "csv");
        var lines = csv.Output.Split("\r\n");
        Assert.Equal("tenant,site,device,workload,model,node,inferences,verdicts,core_seconds,accelerator_seconds,bytes,"
            + "joules,energy,cost,currency", lines[0]);
        Assert.StartsWith(",,,bearing,,,3,2,1.5,0,20,4,estimated,41.52", lines[2]);

        var hours = await LeptonAsync("usage", "--since", "10m", "--by", "hour");
        Assert.Matches(@"HOUR +INFERENCES", hours.Output);
        Assert.Matches(@"\n\d{4}-\d\d-\d\d \d\d:00 +\d", hours.Output);

        var json = JsonDocument.Parse((await LeptonAsync("usage", "--device", "nobody", "-o", "json")).Output).RootElement;
        Assert.Equal((0, "CHF"), (json.GetProperty("rows").GetArrayLength(), Text(json, "currency")));
    }

    [Theory]
    [InlineData("--since: 'yesterday' is no time: write so long ago (90s,", "usage", "--since", "yesterday")]
    [InlineData("--until: '2026-13-01' is no time", "usage", "--until", "2026-13-01")]
    [InlineData("is not after --since", "usage", "--since", "1h", "--until", "2h")]
    [InlineData("--by: 'colour' is none of minute, hour, day, tenant, site, device", "usage", "--by", "device,colour")]
    [InlineData("device name 'No One'", "usage", "--device", "No One")]
    public async Task What_the_command_cannot_read_is_named_with_the_remedy(string expected, params string[] arguments)
    {
        var (status, output, errors) = await LeptonAsync(arguments);
        Assert.Equal((2, ""), (status, output));
        Assert.Contains(expected, errors);
    }

    private async Task SendAsync(string name)
    {
        await using var device = new HubDevice(_hub, name).Start();
        await Eventually.True(() => device.Link.Connected, "the device is connected");
        device.Link.Report(HubDevice.Report(0.1));
        var now = TimeProvider.System.GetUnixMicros();
        foreach (var place in (Place[])[Place.Local, Place.Local])
            device.Writer.AddVerdict(new Verdict(
                new WorkloadId("bearing"), new ChannelName("drive-end"), Local, now, "normal", 0, place, 900, false));
        device.Writer.AddUsage(new Usage(
            new WorkloadId("bearing"), Local, NodeKind.Device, now - 1_000_000, now,
            new UsageAmounts(3, 1_500_000, 0, 20, 0, 4_000_000)));
        device.Writer.Flush();
        device.Link.Wake();
        Assert.True(await device.Link.DrainAsync(TimeSpan.FromSeconds(30)), "the device drains");
        using var client = _hub.Operator();
        await Eventually.True(
            async () => (await client.GetStringAsync("api/v1/devices")).Contains("hall-2"), "the site is known");
    }

    private long BatchBytes(string name) => _hub.Server.Services.GetRequiredService<HubStore>()
        .Devices(HubUnderTest.Tenant).Single(device => device.Device.Value == name).SealedBytes;

    private async Task InferAsync(string device, string workload, int calls, int rows)
    {
        using var channel = GrpcChannel.ForAddress(
            _hub.Https, new GrpcChannelOptions { HttpHandler = _hub.TlsHandler(_hub.Device(device)) });
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        var input = (await client.ModelMetadataAsync(new ModelMetadataRequest { Name = Model })).Inputs[0];
        var request = new ModelInferRequest { ModelName = Model };
        request.Inputs.Add(new ModelInferRequest.Types.InferInputTensor
        {
            Name = input.Name, Datatype = "FP32", Shape = { rows, input.Shape[1] },
        });
        request.RawInputContents.Add(ByteString.CopyFrom(new byte[rows * (int)input.Shape[1] * sizeof(float)]));
        if (workload.Length > 0)
            request.Parameters["workload"] = new InferParameter { StringParam = workload };
        for (var i = 0; i < calls; i++)
            await client.ModelInferAsync(request);
    }

    private static async Task RestInferAsync(HttpClient client)
    {
        var metadata = JsonDocument.Parse(await client.GetStringAsync($"v2/models/{Model}")).RootElement;
        var input = metadata.GetProperty("inputs")[0];
        var width = input.GetProperty("shape")[1].GetInt32();
        var body = JsonSerializer.Serialize(new
        {
            inputs = new[]
            {
                new
                {
                    name = input.GetProperty("name").GetString(), datatype = "FP32", shape = new[] { 1, width },
                    data = new float[width],
                },
            },
        });
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync($"v2/models/{Model}/infer", content);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private async Task<JsonElement> GetAsync(string query)
    {
        using var client = _hub.Operator();
        using var document = JsonDocument.Parse(await client.GetStringAsync($"api/v1/usage?{query}"));
        return document.RootElement.Clone();
    }

    private Task<(int Status, string Output, string Errors)> LeptonAsync(params string[] arguments) =>
        LeptonProcess.RunAsync(
            [.. arguments, "--hub", _hub.Http.ToString()],
            new Dictionary<string, string> { ["LEPTON_TOKEN"] = _hub.Token });

    private static string? Text(JsonElement row, string key) => row.GetProperty(key).GetString();

    private static long Long(JsonElement row, string key) => row.GetProperty(key).GetInt64();

    private static double Number(JsonElement row, string key) => row.GetProperty(key).GetDouble();
}
