using System.Diagnostics;

namespace LeptonEdge.Benchmarks.Mqtt;

/// <summary>A process that says lines, and may be told some; killed when it is no longer needed.</summary>
internal sealed class ChildProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly Process _process;

    private ChildProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public Stream Input => _process.StandardInput.BaseStream;

    /// <summary>This executable once more, in another role.</summary>
    public static ChildProcess StartSelf(params string[] arguments)
    {
        var executable = Path.Combine(AppContext.BaseDirectory, "LeptonEdge.Benchmarks");
        var start = new ProcessStartInfo(executable, ["mqtt", "--child", .. arguments]);
        // As the hub is built: it shares its machine.
        start.Environment["DOTNET_gcServer"] = "0";
        start.Environment["DOTNET_gcConcurrent"] = "0";
        return Start(start);
    }

    /// <param name="outputs">Where the shell sends what the program says: "2>&amp;1" to us, "> /dev/null" away.</param>
    public static ChildProcess Start(string program, IEnumerable<string> arguments, string outputs) =>
        Start(new ProcessStartInfo("/bin/sh", ["-c", $"exec \"$0\" \"$@\" {outputs}", program, .. arguments]));

    public async Task TellAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Reads on to the first line that holds the text.</summary>
    public async Task<string> LineWithAsync(string text)
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            while (await _process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
            {
                if (line.Contains(text, StringComparison.Ordinal))
                    return line;
                if (line.StartsWith("error", StringComparison.Ordinal))
                    throw new BenchmarkException($"{_process.ProcessName}: {line}");
            }
        }
        catch (OperationCanceledException)
        {
            throw new BenchmarkException(
                $"{_process.ProcessName} did not say '{text}' within {Patience.TotalSeconds} s: messages were lost");
        }

        throw new BenchmarkException($"{_process.StartInfo.FileName} ended before it said '{text}'");
    }

    public async Task EndsAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new BenchmarkException(
                $"{_process.ProcessName} did not end within {Patience.TotalSeconds} s: messages were lost");
        }

        if (_process.ExitCode != 0)
            throw new BenchmarkException($"{_process.StartInfo.FileName} ended with status {_process.ExitCode}");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private static ChildProcess Start(ProcessStartInfo start)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = true;
        try
        {
            return new ChildProcess(Process.Start(start)!);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new BenchmarkException($"{start.FileName} did not start: {e.Message}");
        }
    }
}
