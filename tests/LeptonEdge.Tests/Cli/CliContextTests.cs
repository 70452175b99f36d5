using System.Runtime.Versioning;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Cli;

/// <summary>Several hubs by name, each with its own token.</summary>
[SupportedOSPlatform("linux")]
public sealed class CliContextTests(CliHub fleet) : IClassFixture<CliHub>
{
    [Fact]
    public async Task A_context_gives_hub_and_token_and_flags_and_environment_win()
    {
        var (plant, away) = (fleet.Hub.Http.ToString(), "http://127.0.0.1:1");
        var file = Path.Combine(fleet.Folder, "lepton", "config.yaml");
        await OkAsync(["context", "add", "plant", "--hub", plant], ("LEPTON_TOKEN", fleet.Hub.Token));
        await OkAsync(["context", "add", "away", "--hub", away, "--token-file", TokenFile()]);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));

        Assert.Contains("press", await OkAsync(["device", "list"]));
        Assert.Equal(5, (await fleet.RunAtHomeAsync(["device", "list", "--context", "away"])).Status);
        Assert.Equal(5, (await fleet.RunAtHomeAsync(["device", "list"], ("LEPTON_CONTEXT", "away"))).Status);
        Assert.Contains("press", await OkAsync(["device", "list", "--context", "plant"], ("LEPTON_CONTEXT", "away")));
        await OkAsync(["context", "use", "away"]);
        Assert.Equal(5, (await fleet.RunAtHomeAsync(["device", "list"])).Status);
        // A token is for its own hub: another address gets none of it.
        Assert.Equal(4, (await fleet.RunAtHomeAsync(["device", "list", "--hub", plant])).Status);

        var list = await OkAsync(["context", "list"]);
        Assert.Matches(@"\* +away +http://127.0.0.1:1/", list);
        Assert.DoesNotContain(fleet.Hub.Token, list + await OkAsync(["context", "show", "plant", "-o", "json"]));
        Assert.Contains("would write", await OkAsync(["context", "remove", "away", "--dry-run"]));
        await OkAsync(["context", "remove", "away"]);
        var unknown = await fleet.RunAtHomeAsync(["device", "list", "--context", "away"]);
        Assert.Equal(2, unknown.Status);
        Assert.Contains("--context: there is no context 'away'", unknown.Errors);
        Assert.Contains("it has plant", unknown.Errors);
    }

    [Theory]
    [InlineData("contexts:\n  plant:\n    hubb: http://x\n", "has 'hubb'; it may have hub, ca")]
    [InlineData("contexts:\n  plant: 7\n", "must have 'hub'")]
    [InlineData("contexts: [\n", "line")]
    public async Task A_file_of_contexts_that_cannot_be_read_is_named_with_what_is_wrong(string text, string words)
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder.File("lepton"));
        await File.WriteAllTextAsync(folder.File("lepton/config.yaml"), text);
        var (status, output, errors) = await fleet.RunAtHomeAsync(["device", "list"], ("XDG_CONFIG_HOME", folder.Path));
        Assert.Equal((1, ""), (status, output));
        Assert.Contains(folder.File("lepton/config.yaml"), errors);
        Assert.Contains(words, errors);
    }

    private string TokenFile()
    {
        var file = Path.Combine(fleet.Folder, "token");
        File.WriteAllText(file, fleet.Hub.Token + "\n");
        return file;
    }

    private async Task<string> OkAsync(string[] arguments, params (string Name, string Value)[] environment)
    {
        var (status, output, errors) = await fleet.RunAtHomeAsync(arguments, environment);
        Assert.Equal((0, ""), (status, errors));
        return output;
    }
}
