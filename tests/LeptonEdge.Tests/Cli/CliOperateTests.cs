using System.Text.Json;

namespace LeptonEdge.Tests.Cli;

/// <summary>What operators say of alarms, sites and devices, and what they take away in files.</summary>
public sealed class CliOperateTests(CliHub fleet) : IClassFixture<CliHub>
{
    [Fact]
    public async Task An_alarm_is_acknowledged_assigned_commented_and_waited_for()
    {
        var id = (await fleet.JsonAsync("alarm", "list", "--unseen", "--severity", "critical"))
            .GetProperty("items")[0].GetProperty("id").GetRawText();
        Assert.Equal(6, (await fleet.RunAsync("alarm", "wait", "--for", "acknowledged", "--timeout", "0.1s")).Status);
        Assert.Contains("nothing was changed", await fleet.OkAsync("alarm", "acknowledge", id, "--dry-run"));
        Assert.False((await AlarmAsync(id)).GetProperty("acknowledged").GetBoolean());
        Assert.Matches($"{id} +yes", await fleet.OkAsync("alarm", "acknowledge", id));
        await fleet.OkAsync("alarm", "assign", id, "--to", "vera");
        Assert.Equal("said\n", await fleet.OkAsync("alarm", "comment", id, "a fan is broken"));
        var alarm = await AlarmAsync(id);
        Assert.Equal(
            ("operator", "vera", 1), (alarm.GetProperty("acknowledgedBy").GetString(),
            alarm.GetProperty("assignee").GetString(), alarm.GetProperty("comments").GetInt32()));
        Assert.Matches($"{id} +pump +hot +critical +active +operator +vera", await fleet.OkAsync("alarm", "list"));
        Assert.Contains("a fan is broken", await fleet.OkAsync("alarm", "comments", id));
        Assert.Empty((await fleet.JsonAsync("alarm", "list", "--unseen")).GetProperty("items").EnumerateArray());
        Assert.Equal(0, (await fleet.RunAsync("alarm", "wait", "--for", "acknowledged")).Status);
        Assert.Contains("hot", await fleet.OkAsync("rule", "list", "--device", "pump"));

        var unknown = await fleet.RunAsync("alarm", "acknowledge", id, "99999");
        Assert.Equal((1, ""), (unknown.Status, unknown.Errors));
        Assert.Matches("99999 +no +there is no such alarm", unknown.Output);
        Assert.Equal(3, (await fleet.RunAsync("alarm", "show", "99999")).Status);
        var wrong = await fleet.RunAsync("alarm", "comment", id, "");
        Assert.Equal(2, wrong.Status);
        Assert.Contains("text", wrong.Errors);
    }

    [Fact]
    public async Task Devices_are_tagged_and_found_by_it_and_sites_have_a_title_and_a_place()
    {
        Assert.Matches("press +yes", await fleet.OkAsync("device", "tag", "line-3", "press", "pump"));
        await fleet.OkAsync("device", "untag", "line-3", "pump");
        var found = await fleet.JsonAsync("device", "list", "--tag", "line-3");
        Assert.Equal("press",
            Assert.Single(found.GetProperty("items").EnumerateArray()).GetProperty("device").GetString());
        Assert.Equal("press: noted\n", await fleet.OkAsync("device", "note", "press", "oil on Mondays"));
        Assert.Matches("line-3 +oil on Mondays", await fleet.OkAsync("device", "list", "-o", "wide"));

        await fleet.OkAsync("site", "set", "hall-2", "--title", "Hall 2", "--latitude", "47.4", "--longitude", "8.5");
        Assert.Matches(@"hall-2 +Hall 2 +2 +1 +1", await fleet.OkAsync("site", "list"));
        Assert.Contains("latitude: 47.4", await fleet.OkAsync("site", "show", "hall-2"));
        Assert.Equal(3, (await fleet.RunAsync("site", "show", "hall-9")).Status);
        var half = await fleet.RunAsync("site", "set", "hall-2", "--latitude", "47.4");
        Assert.Equal((2, ""), (half.Status, half.Output));
        var far = await fleet.RunAsync("site", "set", "hall-2", "--latitude", "97", "--longitude", "8");
        Assert.Equal(2, far.Status);
        Assert.Contains("location.latitude: ", far.Errors);
    }

    [Fact]
    public async Task Models_say_where_they_run()
    {
        Assert.Matches("bearing-fault/1.0.0 +classification +yes +[12] ", await fleet.OkAsync("model", "list"));
        var model = await fleet.JsonAsync("model", "show", "bearing-fault/1.0.0");
        Assert.Contains("press", model.GetProperty("deployed").GetRawText());
        Assert.Equal(2, (await fleet.RunAsync("model", "show", "bearing-fault")).Status);
        Assert.Equal(3, (await fleet.RunAsync("model", "show", "bearing-fault/9.9.9")).Status);
    }

    [Fact]
    public async Task Readings_are_exported_whole_in_however_many_parts_and_the_newest_is_shown()
    {
        var whole = Csv.Read(await fleet.OkAsync("reading", "export", "pump", "drive-end", "--from", "1h"));
        Assert.Equal(["timeMicros", "time", "value"], whole[0]);
        Assert.Equal(Enumerable.Range(0, 100).Reverse().Select(i => $"{i}"), whole.Skip(1).Select(row => row[2]));
        var parts = Csv.Read(await fleet.OkAsync("reading", "export", "pump", "drive-end", "--from", "1h", "--part",
            "7"));
        Assert.Equal(whole, parts);
        var lines = (await fleet.OkAsync("reading", "export", "pump", "drive-end", "-o", "json", "--part", "33"))
            .TrimEnd('\n').Split('\n').Select(line =>
                JsonDocument.Parse(line).RootElement.GetProperty("value").GetDouble());
        Assert.Equal(Enumerable.Range(0, 100).Reverse().Select(i => (double)i), lines);
        Assert.Matches("pump +drive-end +.* 0\n", await fleet.OkAsync("reading", "latest", "pump/drive-end"));
    }

    private async Task<JsonElement> AlarmAsync(string id) => await fleet.JsonAsync("alarm", "show", id);
}
