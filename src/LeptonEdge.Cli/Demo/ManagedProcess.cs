using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace LeptonEdge.Cli.Demo;

/// <summary>One of the demo's processes: started with its output in a file, watched, and ended by signal.</summary>
internal sealed class ManagedProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task _copyOutput;
    private readonly Task _copyErrors;

    private ManagedProcess(string name, string logPath, Process process, StreamWriter log)
    {
        (Name, LogPath, _process) = (name, logPath, process);
        _copyOutput = CopyAsync(process.StandardOutput, log);
        _copyErrors = CopyAsync(process.StandardError, log);
    }

    public string Name { get; }

    public string LogPath { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>Largest resident size seen by <see cref="SampleMemory"/>, bytes.</summary>
    public long ResidentBytesMax { get; private set; }

    /// <summary>Starts one of the product's executables.</summary>
    /// <param name="folder">The executable's folder, <c>agent</c> or <c>hub</c>: below this program's own after a
    /// build, beside it after a publish.</param>
    /// <exception cref="FileNotFoundException">The executable is not there.</exception>
    public static ManagedProcess Start(
        string name, string folder, string assembly, IEnumerable<string> arguments, string logPath)
    {
        string[] places = [
            Path.Combine(AppContext.BaseDirectory, folder), Path.Combine(AppContext.BaseDirectory, "..", folder)];
        var dll = places.Select(place => Path.GetFullPath(Path.Combine(place, assembly + ".dll")))
            .FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException(
                $"{assembly}.dll is in none of {string.Join(", ", places)}: build or publish it");
        // In a session of its own: Ctrl-C then reaches this program alone, which stops the others in their order.
        string[] line = File.Exists(SetSid)
            ? [SetSid, DotnetHost(), "exec", dll, .. arguments] : [DotnetHost(), "exec", dll, .. arguments];
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        var log = new StreamWriter(logPath, append: true) { AutoFlush = true };
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{name} did not start");
        process.StandardInput.Close();
        return new ManagedProcess(name, logPath, process, log);
    }

    /// <summary>SIGKILL: no warning, as a power cut.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, then patience, then SIGKILL.</summary>
    /// <returns>False when it had to be killed.</returns>
    public async Task<bool> StopAsync(TimeSpan patience)
    {
        if (!_process.HasExited)
            _ = Signal(_process.Id, SigTerm);
        using var limit = new CancellationTokenSource(patience);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
            await Task.WhenAll(_copyOutput, _copyErrors);
            return true;
        }
        catch (OperationCanceledException)
        {
            await KillAsync();
            return false;
        }
    }

    /// <summary>Reads the resident size from the kernel and keeps the largest.</summary>
    public void SampleMemory()
    {
        try
        {
            foreach (var line in File.ReadLines($"/proc/{_process.Id}/status"))
            {
                if (!line.StartsWith("VmRSS:", StringComparison.Ordinal))
                    continue;
                var kib = line["VmRSS:".Length..].Replace("kB", "", StringComparison.Ordinal).Trim();
                ResidentBytesMax = Math.Max(ResidentBytesMax, long.Parse(kib, CultureInfo.InvariantCulture) * 1024);
                return;
            }
        }
        catch (IOException)
        {
            // It ended between two looks; what was seen stands.
        }
    }

    /// <summary>The last lines it wrote, for an error message.</summary>
    public string Tail(int lines = 12) => File.Exists(LogPath)
        ? string.Join(Environment.NewLine, File.ReadLines(LogPath).TakeLast(lines))
        : "(no output)";

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private const int SigTerm = 15;
    private const string SetSid = "/usr/bin/setsid";

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Signal(int processId, int signal);

    // The host that runs us runs them too, wherever the SDK is installed.
    private static string DotnetHost()
    {
        var root = new DirectoryInfo(RuntimeEnvironment.GetRuntimeDirectory()).Parent?.Parent?.Parent?.FullName;
        var host = Path.Combine(root ?? "", "dotnet");
        return File.Exists(host) ? host : "dotnet";
    }

    private static async Task CopyAsync(StreamReader from, StreamWriter to)
    {
        while (await from.ReadLineAsync() is { } line)
        {
            lock (to)
                to.WriteLine(line);
        }
    }
}
