namespace LeptonEdge.Tests.Cli;

/// <summary>Changes of many at once, and what belongs to a person or a site rather than to a device.</summary>
public sealed class CliManyTests(CliHub fleet) : IClassFixture<CliHub>
{
    [Fact]
    public async Task What_a_filter_finds_is_changed_only_when_somebody_said_yes()
    {
        string[] tag = ["device", "tag", "west", "--where", "site=hall-2", "--where", "online=true"];
        Assert.Contains("\"devices\":[\"press\"]", await fleet.OkAsync([.. tag, "--dry-run"]));
        var asked = await fleet.RunAsync(tag);
        Assert.Equal((2, ""), (asked.Status, asked.Output));
        Assert.Contains("give the tag to 1 devices; give --yes", asked.Errors);
        Assert.Empty((await fleet.JsonAsync("device", "list", "--tag", "west")).GetProperty("items").EnumerateArray());
        Assert.Matches("press +yes", await fleet.OkAsync([.. tag, "--yes"]));

        Assert.Matches(
            "[0-9]+ +yes", await fleet.OkAsync("alarm", "acknowledge", "--where", "rule=hot", "--yes"));
        Assert.Empty((await fleet.JsonAsync("alarm", "list", "--unseen")).GetProperty("items").EnumerateArray());
        foreach (var (status, words, arguments) in ((int, string, string[])[])[
            (3, "no such devices", ["device", "untag", "west", "--where", "site=mars", "--yes"]),
            (2, "did you mean 'site'?", ["device", "tag", "west", "--where", "sites=hall-2"]),
            (2, "must be FIELD=VALUE", ["device", "tag", "west", "--where", "hall-2"]),
            (2, "not both", ["device", "tag", "west", "press", "--where", "site=hall-2"]),
            (2, "give names, or --where", ["alarm", "acknowledge"])])
        {
            var refused = await fleet.RunAsync(arguments);
            Assert.Equal((status, ""), (refused.Status, refused.Output));
            Assert.Contains(words, refused.Errors);
        }
    }

    [Fact]
    public async Task Floor_plans_places_views_sessions_and_settings_have_verbs()
    {
        var (picture, copy) = (Path.Combine(fleet.Folder, "hall.png"), Path.Combine(fleet.Folder, "copy.png"));
        byte[] png = [0x89, .. "PNG\r\n\u001a\n"u8, .. new byte[64]];
        await File.WriteAllBytesAsync(picture, png);
        await fleet.OkAsync("site", "plan", "set", "hall-2", picture);
        await fleet.OkAsync("site", "plan", "get", "hall-2", "--to", copy);
        Assert.Equal(png, await File.ReadAllBytesAsync(copy));
        Assert.Equal("press: placed\n", await fleet.OkAsync("device", "place", "press", "0.25", "0.5"));
        await fleet.OkAsync("site", "plan", "delete", "hall-2");
        var none = await fleet.RunAsync("site", "plan", "get", "hall-2", "--to", copy);
        Assert.Equal(3, none.Status);
        await File.WriteAllTextAsync(picture, "no picture");
        var wrong = await fleet.RunAsync("site", "plan", "set", "hall-2", picture);
        Assert.Equal(2, wrong.Status);
        Assert.Contains("is no PNG, JPEG or WebP", wrong.Errors);

        Assert.Equal("saved\n", await fleet.OkAsync("view", "save", "Line four", "--content", "{\"tag\":\"west\"}"));
        Assert.Matches("Line four +fleet", await fleet.OkAsync("view", "list"));
        await fleet.OkAsync("view", "delete", "Line four");
        Assert.Equal(3, (await fleet.RunAsync("view", "show", "Line four")).Status);
        Assert.StartsWith("id,account,", await fleet.OkAsync("session", "list", "-o", "csv"));
        Assert.Equal(3, (await fleet.RunAsync("session", "end", "99")).Status);
        var status = await fleet.JsonAsync("hub", "status");
        Assert.Equal(2, status.GetProperty("devices").GetProperty("total").GetInt32());
        var moves = Csv.Read(await fleet.OkAsync("plan", "moves", "--since", "1h", "-o", "csv"));
        Assert.Equal(["time", "device", "workload", "from", "to", "cause", "reason"], moves[0]);
        Assert.Contains("devicesMax: ", await fleet.OkAsync("settings"));
    }
}
