using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using LeptonEdge.Core.Alarms;

namespace LeptonEdge.Tests.Hub.Api;

/// <summary>What operators do through the API: alarms, devices, sites, views.</summary>
public sealed class OperationApiTests(HubUnderTest hub) : IClassFixture<HubUnderTest>
{
    [Fact]
    public async Task An_alarm_is_acknowledged_assigned_and_talked_about()
    {
        hub.Report("alarm-1");
        hub.Store("alarm-1", 1, batch => batch.Alarms.Add(Stocked.Alarm(AlarmTransition.Raised, 10)));
        using var client = hub.Operator();
        var alarm = Assert.Single(await ItemsAsync(client, "alarms?device=alarm-1&acknowledged=false&site=hall-1"));
        var path = $"api/v1/alarms/{alarm.GetProperty("id").GetInt64()}";
        using var read = await client.GetAsync(path);
        var stale = read.Headers.ETag!;

        using var acknowledged = await client.PostAsync($"{path}/acknowledge", null);
        Assert.Equal("operator", (await HubUnderTest.JsonAsync(acknowledged)).GetProperty("acknowledgedBy").GetString());
        using var late = await PatchAsync(client, path, new { assignee = "bob" }, stale);
        Assert.Equal(HttpStatusCode.PreconditionFailed, late.StatusCode);
        using var assigned = await PatchAsync(client, path, new { assignee = "bob" }, acknowledged.Headers.ETag!);
        Assert.Equal("bob", (await HubUnderTest.JsonAsync(assigned)).GetProperty("assignee").GetString());

        for (var time = 0; time < 2; time++)
        {
            using var comment = new HttpRequestMessage(HttpMethod.Post, $"{path}/comments")
            {
                Content = JsonContent.Create(new { text = "on my way" }),
                Headers = { { "Idempotency-Key", "comment-1" } },
            };
            using var commented = await client.SendAsync(comment);
            Assert.Equal(HttpStatusCode.Created, commented.StatusCode);
        }

        var said = Assert.Single(await ItemsAsync(client, $"{path["api/v1/".Length..]}/comments"));
        Assert.Equal("on my way", said.GetProperty("text").GetString());
        using var other = new HttpRequestMessage(HttpMethod.Post, $"{path}/comments")
        {
            Content = JsonContent.Create(new { text = "something else" }),
            Headers = { { "Idempotency-Key", "comment-1" } },
        };
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await client.SendAsync(other)).StatusCode);

        hub.Store("alarm-1", 2, batch => batch.Alarms.Add(Stocked.Alarm(AlarmTransition.Cleared, 20)));
        Assert.Empty(await ItemsAsync(client, "alarms?device=alarm-1"));
        Assert.Equal(20, Assert.Single(await ItemsAsync(client, "alarms?device=alarm-1&state=cleared"))
            .GetProperty("clearedMicros").GetInt64());
    }

    [Fact]
    public async Task Many_alarms_are_acknowledged_at_once_and_each_tells_what_became_of_it()
    {
        hub.Report("alarm-2");
        hub.Store("alarm-2", 1, batch =>
        {
            for (var i = 0; i < 25; i++)
                batch.Alarms.Add(Stocked.Alarm(AlarmTransition.Raised, 100 + i, $"rule-{i}"));
        });
        using var client = hub.Operator();
        var seen = new List<long>();
        string? cursor = null;
        do
        {
            var page = await HubUnderTest.JsonAsync(
                client, $"alarms?device=alarm-2&limit=10{(cursor is null ? "" : $"&cursor={cursor}")}");
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(a => a.GetProperty("id").GetInt64()));
            cursor = page.GetProperty("next").GetString();
        }
        while (cursor is not null);
        Assert.Equal(25, seen.Distinct().Count());
        using var answer = await client.PostAsJsonAsync(
            "api/v1/alarms/bulk", new { ids = seen.Append(999_999_999), action = "acknowledge" });
        var result = await HubUnderTest.JsonAsync(answer);
        Assert.Equal((25, 1), (result.GetProperty("done").GetInt32(), result.GetProperty("failed").GetInt32()));
        Assert.Empty(await ItemsAsync(client, "alarms?device=alarm-2&acknowledged=false"));
        Assert.Equal(25, (await ItemsAsync(client, "rules?device=alarm-2")).Count);
    }

    [Fact]
    public async Task Devices_are_filtered_tagged_and_drained_in_bulk()
    {
        foreach (var name in (string[])["press-1", "press-2", "saw-1"])
            hub.Report(name, "hall-9", name == "press-2" ? 0.9 : 0.1);
        using var client = hub.Operator();
        using var tagged = await client.PostAsJsonAsync(
            "api/v1/devices/bulk", new { action = "tag", tag = "spare", filter = new { site = "hall-9", text = "PRESS" } });
        Assert.Equal(2, (await HubUnderTest.JsonAsync(tagged)).GetProperty("done").GetInt32());
        Assert.Equal(
            ["press-2", "press-1"],
            (await ItemsAsync(client, "devices?tag=spare&online=true&sort=-cpuLoad")).Select(d => d.GetProperty("device").GetString()));
        using var patched = await client.PatchAsJsonAsync(
            "api/v1/devices/press-1", new { note = "new bearing", position = new { x = 0.5, y = 0.25 } });
        Assert.Equal("\"2\"", patched.Headers.ETag!.Tag);
        using var drained = await client.PostAsJsonAsync(
            "api/v1/devices/bulk", new { action = "drain", devices = new[] { "press-1", "nobody" } });
        Assert.Equal(1, (await HubUnderTest.JsonAsync(drained)).GetProperty("failed").GetInt32());
        var detail = await HubUnderTest.JsonAsync(client, "devices/press-1");
        var summary = detail.GetProperty("summary");
        Assert.True(summary.GetProperty("drained").GetBoolean());
        Assert.Equal("new bearing", summary.GetProperty("note").GetString());
        Assert.NotEqual("critical", detail.GetProperty("health").GetProperty("status").GetString());
        Assert.Equal(4, detail.GetProperty("inventory").GetProperty("cores").GetInt32());
    }

    [Fact]
    public async Task A_site_has_a_title_a_place_and_a_floor_plan()
    {
        hub.Report("pump-1", "harbour");
        using var client = hub.Operator();
        using var named = await client.PatchAsJsonAsync(
            "api/v1/sites/harbour", new { title = "The harbour", location = new { latitude = 53.5, longitude = 9.9 } });
        Assert.Equal(HttpStatusCode.OK, named.StatusCode);
        byte[] picture = [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, 1, 2, 3];
        using var sent = await PutAsync(client, picture, "image/png");
        Assert.Equal(HttpStatusCode.NoContent, sent.StatusCode);
        using var wrong = await PutAsync(client, "<svg/>"u8.ToArray(), "image/png");
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        using var large = await PutAsync(client, [.. picture, .. new byte[5 * 1024 * 1024]], "image/png");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        using var shown = await client.GetAsync("api/v1/sites/harbour/floor-plan");
        Assert.Equal("image/png", shown.Content.Headers.ContentType!.MediaType);
        Assert.Equal(picture, await shown.Content.ReadAsByteArrayAsync());
        var site = Assert.Single(await ItemsAsync(client, "sites"), s => s.GetProperty("site").GetString() == "harbour");
        Assert.True(site.GetProperty("floorPlan").GetBoolean());
        Assert.Equal(53.5, site.GetProperty("location").GetProperty("latitude").GetDouble());

        // A hub that takes no more says so before the picture is sent, to whoever asks first.
        static Task<HttpResponseMessage> PutAsync(HttpClient client, byte[] content, string type) => client.SendAsync(
            new HttpRequestMessage(HttpMethod.Put, "api/v1/sites/harbour/floor-plan")
            {
                Content = new ByteArrayContent(content) { Headers = { ContentType = new MediaTypeHeaderValue(type) } },
                Headers = { ExpectContinue = true },
            });
    }

    [Fact]
    public async Task Readings_are_asked_for_together_and_exported_line_by_line()
    {
        hub.Report("meter-1");
        hub.Store("meter-1", 1, batch =>
        {
            for (var i = 0; i < 12_000; i++)
                batch.AddReading(Stocked.Channel, 1_000_000 + (i / 2 * 1000), i);
        });
        using var client = hub.Operator();
        var latest = await ItemsAsync(client, $"readings/latest?channel=meter-1/{Stocked.Channel}&channel=nobody/x");
        Assert.Equal(11_999, latest[0].GetProperty("value").GetDouble());
        Assert.Equal(JsonValueKind.Null, latest[1].GetProperty("value").ValueKind);
        var path = $"api/v1/devices/meter-1/channels/{Stocked.Channel}/readings/export?from=0&to=100000000000";
        var lines = (await client.GetStringAsync(path)).TrimEnd('\n').Split('\n');
        Assert.Equal(12_001, lines.Length);
        Assert.Equal("1000000,1970-01-01T00:00:01.000000Z,0", lines[1]);
        var some = (await client.GetStringAsync($"{path}&format=jsonl&rows=101")).TrimEnd('\n').Split('\n');
        Assert.Equal(103, some.Length);
        Assert.Contains("\"next\":1050001", some[^1]);
    }

    [Fact]
    public async Task A_view_is_its_owners()
    {
        using var client = hub.Operator();
        using var put = await client.PutAsJsonAsync("api/v1/views/late", new { page = "fleet", content = "{}" });
        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        Assert.Equal("fleet", Assert.Single(await ItemsAsync(client, "views")).GetProperty("page").GetString());
        Assert.Equal(HttpStatusCode.NoContent, (await client.DeleteAsync("api/v1/views/late")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("api/v1/views/late")).StatusCode);
    }

    private static async Task<IReadOnlyList<JsonElement>> ItemsAsync(HttpClient client, string path) =>
        [.. (await HubUnderTest.JsonAsync(client, path)).GetProperty("items").EnumerateArray()];

    private static async Task<HttpResponseMessage> PatchAsync(
        HttpClient client, string path, object body, EntityTagHeaderValue tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, path) { Content = JsonContent.Create(body) };
        request.Headers.IfMatch.Add(tag);
        return await client.SendAsync(request);
    }
}
