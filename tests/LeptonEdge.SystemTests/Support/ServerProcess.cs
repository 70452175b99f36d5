using System.Diagnostics;
using System.Runtime.InteropServices;

namespace LeptonEdge.SystemTests.Support;

/// <summary>One process of a test: its output goes to a file, and it ends by signal.</summary>
internal sealed class ServerProcess : IDisposable
{
    private const int SigTerm = 15;
    private readonly Process _process;

    private ServerProcess(string name, string logPath, Process process) =>
        (Name, LogPath, _process) = (name, logPath, process);

    public string Name { get; }

    public string LogPath { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <param name="logPath">Standard output and errors are added to this file.</param>
    public static ServerProcess Start(
        string name, string logPath, IReadOnlyList<string> line,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        // The shell only opens the log and becomes the program: no output passes through the test's own process.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >>\"$0\" 2>&1 </dev/null", logPath, .. line]);
        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
            start.Environment[key] = value;
        return new ServerProcess(name, logPath, Process.Start(start)!);
    }

    /// <summary>SIGKILL, and the end of the process.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, then patience.</summary>
    /// <exception cref="TimeoutException">It did not end; the message holds its last lines.</exception>
    public async Task StopAsync(int secondsMax = 30)
    {
        if (!_process.HasExited)
            _ = Signal(_process.Id, SigTerm);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(secondsMax));
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{Name} did not stop within {secondsMax} s:\n{Tail()}");
        }
    }

    public string Log => File.Exists(LogPath) ? File.ReadAllText(LogPath) : "";

    /// <summary>The last lines it wrote, for a message.</summary>
    public string Tail(int lines = 20) => File.Exists(LogPath)
        ? string.Join('\n', File.ReadLines(LogPath).TakeLast(lines))
        : "(no output)";

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Signal(int processId, int signal);
}
