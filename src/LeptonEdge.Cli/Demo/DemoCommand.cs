using System.CommandLine;
using System.Runtime.InteropServices;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Demo;

/// <summary>What the user asked of the demo.</summary>
/// <param name="Duration">How long it runs; null until Ctrl-C.</param>
/// <param name="Data">Folder of vibration recordings to replay; null for the signal model.</param>
/// <param name="Report">File for the JSON report; null for none.</param>
/// <param name="Folder">Data folder to use and keep; null for a temporary one.</param>
internal sealed record DemoOptions(TimeSpan? Duration, string? Data, string? Report, string? Folder);

internal static class DemoCommand
{
    public const string Description = "Run a hub and three agents on this machine, on real input, and watch them.";

    public static void Fill(Command command)
    {
        PlainConsole.Apply();
        var duration = new Option<string?>("--for")
            { Description = "How long to run, such as 60s or 5m; without it, until Ctrl-C." };
        var data = new Option<string?>("--data")
        {
            Description = "Folder of bearing recordings (.npy, 12,000 samples/s) to replay; without it, a simulated "
                + "bearing.",
        };
        var report = new Option<string?>("--report") { Description = "Write a JSON report here when the run ends." };
        var folder = new Option<string?>("--dir")
            { Description = "Keep certificates, stores and logs in this new folder." };
        foreach (var option in (Option[])[duration, data, report, folder])
            command.Options.Add(option);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (!Durations.TryParse(parsed.GetValue(duration), out var length, out var fault))
                return await FailAsync($"--for: {fault}");
            var options = new DemoOptions(
                length, parsed.GetValue(data), parsed.GetValue(report), parsed.GetValue(folder));
            // A closed terminal ends the demo as Ctrl-C does, so that no process of it stays behind.
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
            {
                signal.Cancel = true;
                ended.Cancel();
            });
            try
            {
                return await new DemoRun(options, TimeProvider.System).RunAsync(ended.Token);
            }
            catch (OperationCanceledException) when (ended.IsCancellationRequested)
            {
                return await FailAsync("ended before its fleet was up");
            }
            catch (DemoException problem)
            {
                return await FailAsync(problem.Message);
            }
        });
    }

    private static async Task<int> FailAsync(string message)
    {
        await Console.Error.WriteLineAsync($"lepton demo: {message}");
        return 2;
    }
}

/// <summary>The demo cannot go on; the message says why and what to do.</summary>
internal sealed class DemoException(string message) : Exception(message);
