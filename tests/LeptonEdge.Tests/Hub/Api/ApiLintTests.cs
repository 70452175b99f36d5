using System.Diagnostics;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Hub.Api;

/// <summary>What stock tools say of the OpenAPI document: their recommended rules, with no exception.</summary>
public sealed class ApiLintTests(HubUnderTest hub) : IClassFixture<HubUnderTest>
{
    private static string Peers => Path.Combine(Requires.RepositoryRoot, "tests", "peers");

    [NpmPeerFact("@redocly/cli")]
    public async Task Redocly_finds_nothing()
    {
        using var folder = new TempFolder();
        var (status, output) = await RunAsync(
            folder, "@redocly/cli/bin/cli.js", "lint", await DocumentAsync(folder), "--extends=recommended");
        Assert.True(status == 0 && !output.Contains("You have", StringComparison.Ordinal), output);
        Assert.Contains("is valid", output, StringComparison.Ordinal);
    }

    [NpmPeerFact("@stoplight/spectral-cli")]
    public async Task Spectral_finds_nothing()
    {
        using var folder = new TempFolder();
        var rules = folder.File("spectral.yaml");
        await File.WriteAllTextAsync(rules, "extends: [\"spectral:oas\"]\n");
        var (status, output) = await RunAsync(
            folder, "@stoplight/spectral-cli/dist/index.js", "lint", await DocumentAsync(folder), "--ruleset", rules,
            "--fail-severity=hint");
        Assert.True(status == 0, output);
    }

    private async Task<string> DocumentAsync(TempFolder folder)
    {
        using var client = hub.Operator();
        var path = folder.File("openapi.json");
        await File.WriteAllTextAsync(path, await client.GetStringAsync("api/v1/openapi.json"));
        return path;
    }

    private static async Task<(int Status, string Output)> RunAsync(
        TempFolder folder, string script, params string[] arguments)
    {
        var start = new ProcessStartInfo("node", [Path.Combine(Peers, "node_modules", script), .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder.File("."),
            Environment = { ["REDOCLY_TELEMETRY"] = "off", ["NO_COLOR"] = "1", ["CI"] = "1" },
        };
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output + await errors);
    }
}
