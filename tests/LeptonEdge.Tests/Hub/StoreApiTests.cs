using System.Net;
using System.Text.Json;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace LeptonEdge.Tests.Hub;

/// <summary>What the hub cannot store, and what it cannot read, as its API shows it.</summary>
public class StoreApiTests
{
    private static readonly ChannelName Channel = new("spindle.current");

    [SmallDiskFact]
    public async Task A_full_store_answers_503_with_retry_after_and_heals_by_itself()
    {
        using var disk = new SmallDisk(64);
        var hub = new HubUnderTest { DataFolderAt = disk.File("data") };
        await hub.InitializeAsync();
        try
        {
            await using var device = new HubDevice(hub, "press-7").Start();
            await Eventually.True(() => device.Link.Connected, "the device is connected");
            using var client = hub.Operator();
            using (disk.FillUp())
            {
                // More than what SQLite may have room for in pages of its own.
                for (var batch = 0; batch < 400; batch++)
                    Add(device, batch, 2_000);
                await Eventually.True(
                    async () =>
                    {
                        using var answer = await client.GetAsync("api/v1/gaps");
                        return answer.StatusCode == HttpStatusCode.ServiceUnavailable
                            && answer.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1);
                    },
                    "the API answers 503 with Retry-After");
                using var ready = await client.GetAsync("readyz");
                Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
                Assert.Contains("store", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
                // What needs no store is answered.
                using var health = await client.GetAsync("healthz");
                Assert.Equal(HttpStatusCode.OK, health.StatusCode);
            }

            Assert.True(await device.Link.DrainAsync(TimeSpan.FromSeconds(60)), "the device drains");
            using var again = await client.GetAsync("api/v1/devices/press-7/channels");
            Assert.Equal(HttpStatusCode.OK, again.StatusCode);
            Assert.Contains("800000", await again.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        finally
        {
            await hub.DisposeAsync();
        }
    }

    [Fact]
    public async Task What_is_in_quarantine_is_listed_with_its_reason_and_can_be_fetched()
    {
        var hub = new HubUnderTest();
        await hub.InitializeAsync();
        try
        {
            var store = hub.Server.Services.GetRequiredService<HubStore>();
            store.Ingest([new UnreadableBatch(
                HubUnderTest.Tenant, new DeviceId("press-7"), 0xABC, 1, 1, "its seal does not fit its contents",
                new byte[] { 1, 2, 3 })]);
            using var client = hub.Operator();
            using var list = JsonDocument.Parse(await client.GetStringAsync("api/v1/quarantine?device=press-7"));
            var batch = Assert.Single(list.RootElement.GetProperty("items").EnumerateArray());
            Assert.Equal("0000000000000abc", batch.GetProperty("epoch").GetString());
            Assert.Equal("its seal does not fit its contents", batch.GetProperty("reason").GetString());
            var id = batch.GetProperty("id").GetInt64();
            Assert.Equal([1, 2, 3], await client.GetByteArrayAsync($"api/v1/quarantine/{id}/sealed"));
            foreach (var (path, status) in ((string, HttpStatusCode)[])[
                ("api/v1/quarantine?device=press-8", HttpStatusCode.OK),
                ("api/v1/quarantine?limit=0", HttpStatusCode.BadRequest),
                ("api/v1/quarantine?device=a/b", HttpStatusCode.BadRequest),
                ("api/v1/quarantine/999/sealed", HttpStatusCode.NotFound)])
            {
                using var answer = await client.GetAsync(path);
                Assert.Equal(status, answer.StatusCode);
            }
        }
        finally
        {
            await hub.DisposeAsync();
        }
    }

    private static void Add(HubDevice device, int batch, int readings)
    {
        // Values that no codec makes small.
        var random = new Random(batch);
        for (var i = 0; i < readings; i++)
            device.Writer.AddReading(
                RecordClass.Telemetry, Channel, (batch * readings + i) * 1_000L, random.NextDouble() * 1e9);
        device.Writer.Flush();
    }
}
