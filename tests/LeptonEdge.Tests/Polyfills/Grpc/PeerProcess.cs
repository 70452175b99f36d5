using System.Diagnostics;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Polyfills.GrpcPeers;

/// <summary>
/// A script from tests/peers as a process of its own; it ends when its input closes, or when this is disposed.
/// </summary>
public sealed class PeerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    private PeerProcess(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Debian's Python, whose grpcio is the peer: another one may stand first on PATH.</summary>
    public static string Python => File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

    public static PeerProcess Start(string program, string script, params string[] arguments)
    {
        var folder = Path.Combine(Requires.RepositoryRoot, "tests", "peers");
        var start = new ProcessStartInfo(program)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Path.Combine(folder, script));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return new PeerProcess(Process.Start(start)!);
    }

    /// <summary>Starts a serving peer and waits for the line <c>listening PORT</c>.</summary>
    public static async Task<(PeerProcess Peer, string Address)> ServeAsync(
        string program, string script, params string[] arguments)
    {
        var peer = Start(program, script, arguments);
        var line = await peer.ReadLineAsync();
        if (line?.StartsWith("listening ", StringComparison.Ordinal) == true)
            return (peer, $"http://127.0.0.1:{line.Split(' ')[1]}");
        await peer.DisposeAsync();
        throw new InvalidOperationException($"{script} does not listen: {line} {await peer._errors}");
    }

    /// <summary>Writes a line to the script's input and waits for the line with which it answers.</summary>
    public async Task<string?> TellAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
        return await ReadLineAsync();
    }

    /// <summary>SIGKILL, in the middle of whatever it does.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGSTOP: its connections stay open, and nothing comes back on them.</summary>
    public async Task StallAsync()
    {
        using var kill = Process.Start("kill", ["-STOP", _process.Id.ToString(
            System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    public async Task<string?> ReadLineAsync() =>
        await _process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60));

    /// <summary>All that a calling peer prints, once it ends with status 0.</summary>
    public async Task<string[]> LinesAsync()
    {
        var output = await _process.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(90));
        await _process.WaitForExitAsync();
        Assert.True(_process.ExitCode == 0, $"exit {_process.ExitCode}: {output} {await _errors}");
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
