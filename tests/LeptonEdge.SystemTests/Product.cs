using System.Diagnostics;
using System.Runtime.InteropServices;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.SystemTests;

/// <summary>The product's executables as they were built, run as a user's processes.</summary>
internal static class Product
{
    private static readonly string Configuration =
        new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    private static readonly string Dotnet = Path.GetFullPath(
        Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    public static string Folder { get; } = Path.Combine(
        Requires.RepositoryRoot, "src", "LeptonEdge.Cli", "bin", Configuration, "net10.0");

    public static string ModelsFolder { get; } = Path.Combine(Requires.RepositoryRoot, "firmware-config", "models");

    public static string WorkloadsFolder { get; } =
        Path.Combine(Requires.RepositoryRoot, "firmware-config", "workloads");

    /// <summary>Runs <c>lepton</c> to its end.</summary>
    public static async Task<(int Status, string Output, string Errors)> LeptonAsync(
        int secondsMax, params string[] arguments)
    {
        using var process = Start("lepton", arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(secondsMax));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"lepton {string.Join(' ', arguments)} did not end within {secondsMax} "
                + $"s:\n{await output}\n{await errors}");
        }

        return (process.ExitCode, await output, await errors);
    }

    /// <param name="assembly">Relative to the command line's folder: lepton, agent/LeptonEdge.Agent or
    /// hub/LeptonEdge.Hub.</param>
    public static Process Start(string assembly, params string[] arguments)
    {
        var line = Line(assembly, arguments);
        return Process.Start(new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
    }

    /// <summary>The command line of one of the product's executables.</summary>
    /// <inheritdoc cref="Start"/>
    public static string[] Line(string assembly, params string[] arguments) =>
        [Dotnet, "exec", Path.Combine(Folder, assembly + ".dll"), .. arguments];
}
