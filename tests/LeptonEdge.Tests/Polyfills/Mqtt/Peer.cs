using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Polyfills.Mqtt;

/// <summary>A program of somebody else's that a test talks to; ended when the test ends.</summary>
internal sealed class Peer : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private Peer(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public static Peer Start(string program, params string[] arguments) => Start(program, null, arguments);

    public static Peer Start(string program, string? folder, string[] arguments)
    {
        var start = new ProcessStartInfo(Requires.FindProgram(program) ?? program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? Path.GetTempPath(),
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return new Peer(new Process { StartInfo = start });
    }

    /// <summary>Waits until the program has ended.</summary>
    public async Task<int> ExitAsync(int secondsMax = 20)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(secondsMax));
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{_process.StartInfo.FileName} did not end. It said: {Output}");
        }
        return _process.ExitCode;
    }

    public Task SaidAsync(string text) =>
        Eventually.True(() => Output.Contains(text, StringComparison.Ordinal), $"the peer says '{text}'");

    public void Kill() => _process.Kill();

    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    public static Task ListensAsync(int port) => Eventually.True(
        async () =>
        {
            try
            {
                using var probe = new TcpClient();
                await probe.ConnectAsync(IPAddress.Loopback, port);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        },
        $"port {port} listens");

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private void Add(string? line)
    {
        lock (_output)
            _output.Append(line).Append('\n');
    }
}
