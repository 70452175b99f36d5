using System.Text.RegularExpressions;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Cli;

/// <summary>At a terminal: a pseudo terminal of util-linux's script.</summary>
public sealed class CliTerminalTests(CliHub fleet) : IClassFixture<CliHub>
{
    private const string OtherScreen = "\e[?1049h";
    private const string ScreenBefore = "\e[?1049l";

    [PeerFact("script")]
    public async Task Top_draws_the_fleet_filters_sorts_scrolls_and_gives_the_screen_back()
    {
        using var top = AtTerminal("lepton top --every 0.2", "stty cols 120 rows 14;");
        await top.UntilAsync("(?s)2 devices: 1 online, 1 offline.*press.*q quit");
        await top.UntilAsync("by alarms");
        await top.TypeAsync("s");
        await top.UntilAsync("by name");
        await top.TypeAsync("/pum");
        await top.UntilAsync("filter: pum_");
        await top.TypeAsync("\r");
        await top.UntilAsync("1 to 1 of 1.*filter pum");
        await top.TypeAsync("\e[B\e[A");
        await top.TypeAsync("q");
        var (status, output) = await top.EndAsync();

        Assert.Equal(0, status);
        Assert.InRange(output.IndexOf(OtherScreen, StringComparison.Ordinal), 0, 16);
        Assert.InRange(output.IndexOf(ScreenBefore, StringComparison.Ordinal), output.Length - 32, output.Length);
        Assert.Contains("\e[31moffline", output);
    }

    [PeerFact("script")]
    public async Task Top_keeps_within_a_small_terminal()
    {
        const int Columns = 50;
        const int Rows = 9;
        using var top = AtTerminal("lepton top --every 0.2", $"stty cols {Columns} rows {Rows};");
        await top.UntilAsync(@"(?s)pump.*\e\[J\e\[H.*\e\[J");
        await top.TypeAsync("q");
        var (status, output) = await top.EndAsync();

        Assert.Equal(0, status);
        var picture = output.Split("\e[H")[1].Split("\e[J")[0];
        var lines = Regex.Replace(picture, @"\e\[[0-9;]*[A-Za-z]", "").Split('\n');
        Assert.Equal(Rows, lines.Length);
        Assert.All(lines, line => Assert.InRange(line.TrimEnd('\r').Length, 0, Columns));
        Assert.Contains(lines, line => line.StartsWith("press"));
        // What does not fit is left out whole: who needs somebody is told in any width.
        Assert.Contains(lines, line => line.Contains("ALARMS", StringComparison.Ordinal));
    }

    [PeerFact("script")]
    public async Task A_watch_at_a_terminal_is_drawn_in_place_and_NO_COLOR_leaves_colours_out()
    {
        using var watch = AtTerminal("lepton device list --watch --every 0.2",
            "stty cols 120 rows 14; export NO_COLOR=1;");
        await watch.UntilAsync(@"(?s)press +online.*\e\[H.*press +online");
        await watch.TypeAsync("\x03");
        var (status, output) = await watch.EndAsync();

        Assert.Equal(130, status);
        Assert.DoesNotContain("\e[32m", output);
        using var coloured = AtTerminal("lepton device list", "");
        Assert.Contains("\e[32monline", (await coloured.EndAsync()).Output);
    }

    [Fact]
    public async Task Top_that_is_piped_prints_one_snapshot()
    {
        var snapshot = await fleet.OkAsync("top");
        Assert.Matches("press +online +hall-2", snapshot);
        Assert.Contains("2 devices: 1 online, 1 offline", snapshot);
        Assert.DoesNotContain('\e', snapshot);
        var json = await fleet.JsonAsync("top", "--filter", "pump");
        var pump = Assert.Single(json.GetProperty("devices").EnumerateArray());
        Assert.Equal(("pump", false), (pump.GetProperty("name").GetString(), pump.GetProperty("online").GetBoolean()));
        Assert.Equal(3, Csv.Read(await fleet.OkAsync("top", "-o", "csv")).Count);
    }

    // The shell in between has the terminal's size set, and the program as a person names it.
    private LeptonWatch AtTerminal(string command, string before)
    {
        var program = $"dotnet '{Path.Combine(AppContext.BaseDirectory, "lepton.dll")}'";
        var line = $"{before} exec {command.Replace("lepton", program, StringComparison.Ordinal)}";
        return LeptonWatch.Start(
            "script", ["-qec", line, "/dev/null"], ("SHELL", "/bin/bash"), ("TERM", "xterm-256color"),
            ("LEPTON_HUB", fleet.Hub.Http.ToString()), ("LEPTON_TOKEN", fleet.Hub.Token), ("NO_COLOR", ""));
    }
}
