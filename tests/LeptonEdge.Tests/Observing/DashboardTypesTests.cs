using System.Diagnostics;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Observing;

/// <summary>Grafana's own types of a dashboard, of the version whose form ours have.</summary>
public sealed class DashboardTypesTests
{
    // JSON has the values of an enumeration, not its names.
    private const string Head = """
        import type { Dashboard } from '@grafana/schema';
        type Plain<T> = T extends string ? `${T}` : T extends object ? { [K in keyof T]: Plain<T[K]> } : T;
        export const board: Plain<Dashboard> =
        """;

    [NpmPeerFact("@grafana/schema")]
    public async Task Grafana_knows_every_field_of_the_dashboards_and_every_value_fits_it()
    {
        using var folder = new TempFolder();
        var peers = Path.Combine(Requires.RepositoryRoot, "tests", "peers", "node_modules");
        Directory.CreateSymbolicLink(folder.File("node_modules"), peers);
        var boards = Directory.GetFiles(
            Path.Combine(Requires.RepositoryRoot, "deploy", "observability", "grafana"), "*.json");
        Assert.Equal(3, boards.Length);
        foreach (var board in boards)
            await WriteAsync(folder, Path.GetFileNameWithoutExtension(board), await File.ReadAllTextAsync(board));
        // What a mistake looks like to the check.
        var wrong = (await File.ReadAllTextAsync(boards[0])).Replace("\"type\": \"stat\"", "\"tipe\": \"stat\"");
        await WriteAsync(folder, "wrong", wrong);

        var said = await CheckAsync(folder.Path);
        Assert.Contains("wrong.ts", said);
        Assert.All(
            said.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Matches("^(wrong\\.ts| )", line));
    }

    private static Task WriteAsync(TempFolder folder, string name, string json) =>
        File.WriteAllTextAsync(folder.File($"{name}.ts"), $"{Head}\n{json};\n");

    private static async Task<string> CheckAsync(string folder)
    {
        var compiler = Path.Combine(
            Requires.RepositoryRoot, "src", "LeptonEdge.Hub", "web", "node_modules", "typescript", "bin", "tsc");
        using var process = Process.Start(new ProcessStartInfo("node",
            [
                compiler, "--noEmit", "--strict", "--skipLibCheck", "--module", "esnext", "--moduleResolution",
                "bundler", "--target", "es2022", .. Directory.GetFiles(folder, "*.ts").Select(file => Path.GetFileName(file)),
            ])
        {
            WorkingDirectory = folder, RedirectStandardOutput = true,
        })!;
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return said;
    }
}
