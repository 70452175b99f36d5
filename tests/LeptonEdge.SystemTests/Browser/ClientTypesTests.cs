using System.Diagnostics;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.SystemTests.Browser;

/// <summary>The dashboard's types of the API are the generator's, of what the hub serves.</summary>
[Collection(DashboardCollection.Name)]
public sealed class ClientTypesTests(DashboardFixture dashboard)
{
    private static readonly string s_web = Path.Combine(Requires.RepositoryRoot, "src", "LeptonEdge.Hub", "web");

    [BrowserFact]
    public async Task The_dashboard_compiles_with_types_generated_from_the_document_that_the_hub_serves()
    {
        using var folder = new TempFolder();
        var document = folder.File("openapi.json");
        await File.WriteAllTextAsync(document, await dashboard.Site.OpenApiAsync());
        // A copy of the sources with the new types in place of those in the repository.
        var copy = folder.File("web");
        foreach (var file in Directory.GetFiles(Path.Combine(s_web, "src"), "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(copy, "src", Path.GetRelativePath(Path.Combine(s_web, "src"), file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        File.Copy(Path.Combine(s_web, "tsconfig.json"), Path.Combine(copy, "tsconfig.json"));
        Directory.CreateSymbolicLink(Path.Combine(copy, "node_modules"), Path.Combine(s_web, "node_modules"));
        await RunAsync(copy, "node_modules/openapi-typescript/bin/cli.js", document, "-o", "src/api/schema.ts");
        await RunAsync(copy, "node_modules/typescript/bin/tsc", "--noEmit");
    }

    private static async Task RunAsync(string folder, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("node", arguments)
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{arguments[0]}:\n{await output}{await errors}");
    }
}
