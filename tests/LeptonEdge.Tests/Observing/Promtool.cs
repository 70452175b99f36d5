using System.Diagnostics;

namespace LeptonEdge.Tests.Observing;

/// <summary>Prometheus' own checker, as an operator would run it.</summary>
internal static class Promtool
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <returns>What it has to say; empty when all is well.</returns>
    public static async Task<(int Status, string Says)> RunAsync(string? input, params string[] arguments)
    {
        var start = new ProcessStartInfo("promtool", arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("promtool did not start");
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        if (input is not null)
            await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync().WaitAsync(Patience);
        return (process.ExitCode, await output + await errors);
    }

    /// <summary>Fails unless a page of metrics is clean.</summary>
    public static async Task AssertCleanAsync(string page)
    {
        var (status, says) = await RunAsync(page, "check", "metrics");
        Assert.True(status == 0 && says.Length == 0, $"promtool check metrics: status {status}, {says}\n{page}");
    }
}
