namespace LeptonEdge.Tests.Cli;

/// <summary>How commands end, and what they say of it: scripts depend on the numbers.</summary>
public sealed class CliExitTests(CliHub fleet) : IClassFixture<CliHub>
{
    [Theory]
    [InlineData(2, "Unrecognized command or argument 'devise'", "devise")]
    [InlineData(2, "Did you mean 'list'? See 'lepton device --help'", "device", "lst")]
    [InlineData(2, "Did you mean '--limit'?", "device", "list", "--limt", "3")]
    [InlineData(2, "'table' 'wide' 'json' 'yaml' 'csv'", "device", "list", "-o", "xml")]
    [InlineData(2, "--limit: 0 must be 1 or more", "device", "list", "--limit", "0")]
    [InlineData(2, "--every: 0.01 must be 0.2 to 3600", "device", "list", "--watch", "--every", "0.01")]
    [InlineData(2, "device name 'No One'", "device", "show", "No One")]
    [InlineData(2, "--for: 'asleep' is none of online, offline", "device", "wait", "press", "--for", "asleep")]
    [InlineData(2, "--timeout: 'soon' is no length of time", "device", "wait", "press", "--timeout", "soon")]
    [InlineData(2, "--from: 'noon' is no time", "reading", "list", "press", "drive-end", "--from", "noon")]
    [InlineData(3, "nobody", "device", "show", "nobody")]
    [InlineData(3, "nobody/none", "workload", "show", "nobody/none")]
    [InlineData(6, "waited 0.1 s for offline: press is online", "device", "wait", "press", "--for", "offline",
        "--timeout", "0.1s")]
    public async Task A_command_that_fails_says_why_in_one_line_and_by_its_exit_status(
        int expected, string words, params string[] arguments)
    {
        var (status, output, errors) = await fleet.RunAsync(arguments);

        Assert.Equal((expected, ""), (status, output));
        Assert.Contains(words, errors);
        Assert.StartsWith("lepton: ", errors);
        Assert.Single(errors.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task Without_a_token_with_a_wrong_one_and_without_a_hub_the_status_tells_which()
    {
        var hub = fleet.Hub.Http.ToString();
        var none = await fleet.RunAtHomeAsync(["device", "list", "--hub", hub], ("LEPTON_TOKEN", ""));
        Assert.Equal((4, ""), (none.Status, none.Output));
        Assert.Contains("lepton login", none.Errors);
        var wrong = await fleet.RunAtHomeAsync(["device", "list", "--hub", hub], ("LEPTON_TOKEN", "guess"));
        Assert.Equal((4, ""), (wrong.Status, wrong.Output));
        Assert.Contains("did not accept the token", wrong.Errors);
        // Port 1 of this machine: nobody listens there.
        var away = await fleet.RunAtHomeAsync(["device", "list", "--hub", "http://127.0.0.1:1"], ("LEPTON_TOKEN", "x"));
        Assert.Equal((5, ""), (away.Status, away.Output));
        Assert.Contains("no hub at http://127.0.0.1:1", away.Errors);
        var bad = await fleet.RunAtHomeAsync(["device", "list", "--hub", "hub:8443"], ("LEPTON_TOKEN", "x"));
        Assert.Equal(2, bad.Status);
        Assert.Contains("--hub: 'hub:8443' is not an address", bad.Errors);
    }

    [Fact]
    public async Task Waiting_ends_with_what_was_waited_for()
    {
        Assert.Equal("press is online\n", await fleet.OkAsync("device", "wait", "press", "--for", "online"));
        Assert.Equal("pump is offline\n", await fleet.OkAsync("device", "wait", "pump", "--for", "offline"));
        Assert.Contains("pump: hot: ", await fleet.OkAsync("alarm", "wait", "--device", "pump"));
        Assert.Equal(0, (await fleet.RunAsync("plan", "drain", "press")).Status);
        Assert.Contains(
            "press runs on hub",
            await fleet.OkAsync("device", "wait", "press", "--for", "place=hub", "--timeout", "30s"));
        Assert.Equal(0, (await fleet.RunAsync("plan", "undrain", "press")).Status);
        var said = await fleet.JsonAsync("workload", "wait", "press/bearing", "--for", "place=local");
        Assert.True(said.GetProperty("met").GetBoolean());
    }

    [Fact]
    public async Task The_help_names_every_noun_and_every_exit_status()
    {
        var (status, help, _) = await fleet.RunAtHomeAsync(["--help"]);
        Assert.Equal(0, status);
        foreach (var noun in (string[])[
            "site", "device", "channel", "reading", "alarm", "workload", "model", "job", "plan", "usage", "gap",
                "audit", "token", "account",
            "context", "top", "doctor", "login", "completion"])
            Assert.Matches($@"\n  {noun} ", help);
        foreach (var words in (string[])["2 wrong option", "3 not found", "4 not allowed", "5 hub away", "6 waited"])
            Assert.Contains(words, help);
    }
}
