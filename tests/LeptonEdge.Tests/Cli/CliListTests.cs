using System.Text.Json;
using LeptonEdge.Tests.Support;
using YamlDotNet.RepresentationModel;

namespace LeptonEdge.Tests.Cli;

/// <summary>Lists and resources in all their forms, as a person and as a script read them.</summary>
public sealed class CliListTests(CliHub fleet) : IClassFixture<CliHub>
{
    [Theory]
    [InlineData("DEVICE STATUS SITE", "press", "device", "list")]
    [InlineData("DEVICE CHANNEL STATUS", "drive-end", "channel", "list")]
    [InlineData("CHANNEL READINGS FIRST", "100", "channel", "stored", "pump")]
    [InlineData("TIME MIN MEAN", "Z", "reading", "list", "pump", "drive-end", "--points", "1")]
    [InlineData("DEVICE WORKLOAD MODEL", "bearing-fault/1.0.0", "workload", "list")]
    [InlineData("PLAN MADE COST", "", "plan", "history")]
    [InlineData("JOB STATE DONE", "", "job", "list")]
    [InlineData("DEVICE CLASS FROM", "", "gap", "list")]
    [InlineData("ID DEVICE EPOCH", "", "gap", "quarantine")]
    public async Task A_list_has_an_upper_case_heading_and_no_escapes_when_piped(
        string heading, string holds, params string[] arguments)
    {
        var table = await fleet.OkAsync(arguments);

        var first = table.Split('\n')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith(heading, string.Join(' ', first));
        Assert.Contains(holds, table);
        Assert.DoesNotContain('\e', table);
    }

    [Fact]
    public async Task Devices_read_the_same_as_table_wide_json_yaml_and_csv()
    {
        var table = await fleet.OkAsync("device", "list");
        Assert.Matches("press +online +hall-2 +bench", table);

        var wide = await fleet.OkAsync("device", "list", "-o", "wide");
        Assert.Matches(@"press.*\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", wide);
        Assert.Contains("HUB RTT", wide);

        var json = Row(await fleet.JsonAsync("device", "list"), "press");
        Assert.Equal("hall-2", json.GetProperty("site").GetString());

        var yaml = new YamlStream();
        yaml.Load(new StringReader(await fleet.OkAsync("device", "list", "-o", "yaml")));
        var list = (YamlSequenceNode)((YamlMappingNode)yaml.Documents[0].RootNode).Children.First().Value;
        var press = list.Children.Cast<YamlMappingNode>().Single(row => row["device"].ToString() == "press");
        Assert.Equal("hall-2", press["site"].ToString());
        Assert.Equal(json.GetProperty("startedMicros").GetRawText(), press["startedMicros"].ToString());

        var csv = Csv.Read(await fleet.OkAsync("device", "list", "-o", "csv"));
        var names = csv[0].ToList();
        var row = csv.Single(cells => cells[0] == "press");
        Assert.All(csv, cells => Assert.Equal(names.Count, cells.Length));
        Assert.Equal("hall-2", row[names.IndexOf("site")]);
        Assert.Equal("1970-01-01T00:00:00.000001Z", row[names.IndexOf("started")]);
    }

    [Fact]
    public async Task What_a_device_wrote_is_quoted_in_csv_and_is_no_command_to_the_terminal()
    {
        const string Message = "=SUM(1), \"hot\"\n\u001b[31mred 过热";

        var csv = Csv.Read(await fleet.OkAsync("alarm", "list", "-o", "csv"));
        Assert.Equal(Message, csv.Single(cells => cells.Contains("hot"))[csv[0].ToList().IndexOf("message")]);
        var table = await fleet.OkAsync("alarm", "list");
        Assert.Contains("=SUM(1), \"hot\" ?[31mred 过热", table);
        Assert.DoesNotContain('\e', table);
        var yaml = new YamlStream();
        yaml.Load(new StringReader(await fleet.OkAsync("alarm", "list", "-o", "yaml")));
        Assert.Contains(Message, yaml.Documents[0].AllNodes.Select(node => node.ToString()));
    }

    [Fact]
    public async Task A_device_is_shown_with_times_as_dates()
    {
        var shown = await fleet.OkAsync("device", "show", "press");
        Assert.Matches(@"lastSeen: \d{4}-\d\d-\d\dT.* \(\ds ago\)", shown);
        Assert.Contains("activeAlarms", shown);
        var csv = Csv.Read(await fleet.OkAsync("device", "show", "press", "-o", "csv"));
        Assert.Equal(("press", 2), (csv[1][0], csv.Count));
    }

    [Fact]
    public async Task A_watch_that_is_piped_appends_what_changed_until_it_is_told_to_end()
    {
        using var watch = LeptonWatch.Start(fleet.Hub, "plan", "show", "--watch", "--every", "0.2");
        await watch.UntilAsync("press +bearing +press ");
        Assert.Equal(0, (await fleet.RunAsync("plan", "pin", "press/bearing", "hub")).Status);
        await watch.UntilAsync("press +bearing +hub ");
        Assert.Equal(0, (await fleet.RunAsync("plan", "unpin", "press/bearing")).Status);
        var (status, output) = await watch.InterruptAsync();
        Assert.Equal(130, status);
        Assert.Single(output.Split('\n'), line => line.StartsWith("DEVICE"));
        Assert.DoesNotContain('\e', output);
    }

    [Fact]
    public async Task A_list_is_narrowed_sorted_and_cut()
    {
        async Task<string[]> Names(params string[] more) =>
            [.. Csv.Read(await fleet.OkAsync(["device", "list", "-o", "csv", .. more])).Skip(1).Select(row => row[0])];

        Assert.Equal(["press", "pump"], await Names());
        Assert.Equal(["pump", "press"], await Names("--sort", "-device"));
        Assert.Equal(["press"], await Names("--online"));
        Assert.Equal(["pump"], await Names("--offline"));
        Assert.Empty(await Names("--site", "hall-9"));
        var first = await fleet.JsonAsync("device", "list", "--limit", "1");
        Assert.Equal(1, first.GetProperty("items").GetArrayLength());
        var wrong = await fleet.RunAsync("device", "list", "--sort", "colour");
        Assert.Equal(2, wrong.Status);
        Assert.Contains("sort: ", wrong.Errors);
    }

    [Fact]
    public async Task What_a_dry_run_would_send_is_said_and_nothing_changes()
    {
        var before = await fleet.OkAsync("plan", "controls", "-o", "json");
        foreach (var arguments in (string[][])[
            ["plan", "pin", "press/bearing", "hub"], ["plan", "drain", "press"], ["device", "load", "press"],
            ["workload", "set-model", "press", "bearing", "bearing-fault/1.0.0"],
            ["job", "submit", "rescore", "pump", "drive-end", "bearing-fault"]])
        {
            Assert.Matches(
                "^would send (POST|PUT) http://.*nothing was changed\n",
                await fleet.OkAsync([.. arguments, "--dry-run"]));
        }

        Assert.Equal(before, await fleet.OkAsync("plan", "controls", "-o", "json"));
        Assert.DoesNotContain("rescore", await fleet.OkAsync("job", "list"));
        var said = await fleet.JsonAsync("device", "load", "press", "--dry-run");
        Assert.Equal(15, said.GetProperty("body").GetProperty("seconds").GetDouble());
    }

    private static JsonElement Row(JsonElement list, string device) => list.EnumerateObject()
        .First(part => part.Value.ValueKind == JsonValueKind.Array).Value.EnumerateArray()
        .Single(row => row.GetProperty("device").GetString() == device);
}
