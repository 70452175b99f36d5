using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Records;
using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Live;
using Microsoft.Extensions.DependencyInjection;

namespace LeptonEdge.Tests.Hub.Api;

public sealed class LiveApiTests(HubUnderTest hub) : IClassFixture<HubUnderTest>
{
    [Fact]
    public async Task A_stream_tells_what_is_then_what_comes()
    {
        hub.Report("live-1");
        hub.Store("live-1", 1, batch => batch.AddReading(Stocked.Channel, 1000, 1));
        hub.Store("live-1", 2, batch => batch.Alarms.Add(Stocked.Alarm(AlarmTransition.Raised, 10)));
        using var client = hub.Operator();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var subscribed = await HubUnderTest.JsonAsync(await client.PostAsJsonAsync(
            "api/v1/live/subscriptions",
            new { channels = new[] { $"live-1/{Stocked.Channel}" }, topics = new[] { "devices", "alarms" } }));
        var id = subscribed.GetProperty("id").GetString();
        using var reader = new StreamReader(
            await client.GetStreamAsync($"api/v1/live?subscription={id}&topics=plan", stop.Token));
        var first = new Dictionary<string, JsonElement>();
        while (first.Count < 4)
        {
            var (name, data) = await NextAsync(reader, stop.Token);
            first[name] = data;
        }

        Assert.Equal(1, first["values"][0].GetProperty("value").GetDouble());
        Assert.True(first["devices"].GetProperty("online").GetInt32() >= 1);
        Assert.True(first["alarms"].GetProperty("unacknowledged").GetInt32() >= 1);
        Assert.True(first["plan"].TryGetProperty("moves", out _));

        // Three values before the stream takes one: the newest is told, an older one that comes late is not.
        var live = hub.Server.Services.GetRequiredService<LiveHub>();
        foreach (var (time, value) in ((long, double)[])[(2000, 2), (4000, 4), (3000, 3)])
        {
            var batch = new RecordBatch(RecordClass.Event);
            batch.AddReading(Stocked.Channel, time, value);
            live.Take(new DeviceId("live-1"), batch);
        }

        double told;
        do
            told = (await NextAsync(reader, stop.Token, "values"))[0].GetProperty("value").GetDouble();
        while (told < 4);
        Assert.Equal(4, told);
    }

    [Theory]
    [InlineData("live?channel=nothing", "channel")]
    [InlineData("live?topics=weather", "topics")]
    [InlineData("live?subscription=ffff", "subscription")]
    public async Task A_wrong_subscription_is_explained(string path, string field)
    {
        using var client = hub.Operator();
        using var answer = await client.GetAsync($"api/v1/{path}");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.True((await HubUnderTest.JsonAsync(answer)).GetProperty("errors").TryGetProperty(field, out _));
    }

    private static async Task<JsonElement> NextAsync(StreamReader reader, CancellationToken stop, string wanted)
    {
        while (true)
        {
            var (name, data) = await NextAsync(reader, stop);
            if (name == wanted)
                return data;
        }
    }

    private static async Task<(string Name, JsonElement Data)> NextAsync(StreamReader reader, CancellationToken stop)
    {
        var name = "";
        while (await reader.ReadLineAsync(stop) is { } line)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal))
                name = line[7..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
                return (name, JsonDocument.Parse(line[6..]).RootElement);
        }

        throw new EndOfStreamException("the stream ended");
    }
}
