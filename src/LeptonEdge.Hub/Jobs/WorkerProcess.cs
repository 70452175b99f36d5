using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using LeptonEdge.Protocol.V1;

namespace LeptonEdge.Hub.Jobs;

/// <summary>The hub's end of a <see cref="JobWorker"/>. One task at a time.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private const int WordsMax = 200;

    private readonly Process _process;
    private readonly Task<string> _lastWords;

    private WorkerProcess(Process process) => (_process, _lastWords) = (process, ListenAsync(process.StandardError));

    /// <exception cref="JobException">It does not start.</exception>
    public static WorkerProcess Start(WorkerOrder order)
    {
        var (program, first) = Program();
        var start = new ProcessStartInfo(program, [.. first, .. order.ToArguments()])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // The rest is the model's.
        start.Environment["DOTNET_GCHeapHardLimit"] =
            (order.BytesMax / 2).ToString("X", CultureInfo.InvariantCulture);
        try
        {
            return new WorkerProcess(Process.Start(start)!);
        }
        catch (System.ComponentModel.Win32Exception fault)
        {
            throw new JobException($"the hub cannot start {program} for jobs: {fault.Message}");
        }
    }

    public int Id => _process.Id;

    /// <summary>Has a stretch done. After a cancellation the process has to be disposed of: its answer would come all
    /// the same.</summary>
    /// <returns>Null when the process ended before it answered, or answered with something else.</returns>
    /// <exception cref="OperationCanceledException">Cancelled; the process was killed.</exception>
    public async Task<JobAnswer?> AnswerAsync(JobTask task, CancellationToken cancellation)
    {
        using var kill = cancellation.UnsafeRegister(static self => ((WorkerProcess)self!).Kill(), this);
        try
        {
            var input = _process.StandardInput.BaseStream;
            await input.WriteAsync(JobPipe.Frame(task), cancellation).ConfigureAwait(false);
            await input.FlushAsync(cancellation).ConfigureAwait(false);
            var answer = await JobPipe
                .ReadAsync(_process.StandardOutput.BaseStream, JobAnswer.Parser, cancellation).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            return answer;
        }
        catch (Exception fault) when (fault is IOException or InvalidDataException)
        {
            cancellation.ThrowIfCancellationRequested();
            return null;
        }
    }

    /// <summary>Ends the process if it has not ended by itself.</summary>
    /// <returns>Its status, 128 and the signal's number where one ended it, and the last that it said.</returns>
    public async Task<string> EndAsync()
    {
        // Whoever closed its pipes is ending already, and has something to say.
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2)))
            await _process.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Kill();
        await _process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        var how = $"status {_process.ExitCode}";
        var words = await _lastWords.ConfigureAwait(false);
        return words.Length > 0 ? $"{how}: {words}" : how;
    }

    /// <summary>Ends the process at once: what it has not answered is in no store.</summary>
    public async ValueTask DisposeAsync()
    {
        Kill();
        await _process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        await _lastWords.ConfigureAwait(false);
        _process.Dispose();
    }

    private void Kill()
    {
        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    /// <returns>The last line that is not one of a stack.</returns>
    private static async Task<string> ListenAsync(StreamReader errors)
    {
        var (words, line, buffer) = ("", new StringBuilder(WordsMax), new char[512]);
        int count;
        while ((count = await errors.ReadAsync(buffer).ConfigureAwait(false)) > 0)
        {
            foreach (var letter in buffer.AsSpan(0, count))
            {
                if (letter != '\n')
                {
                    if (line.Length < WordsMax)
                        line.Append(letter);
                    continue;
                }

                var said = line.ToString().TrimEnd();
                if (said.Length > 0 && !said.StartsWith("   at ", StringComparison.Ordinal))
                    words = said;
                line.Clear();
            }
        }

        return words;
    }

    /// <summary>The hub's own program, which need not be the one that this process was started as.</summary>
    private static (string Program, string[] First) Program()
    {
        var name = Path.Combine(AppContext.BaseDirectory, "LeptonEdge.Hub");
        var dotnet = Path.GetFullPath(
            Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        return File.Exists(dotnet) ? (dotnet, ["exec", $"{name}.dll"]) : (name, []);
    }
}
