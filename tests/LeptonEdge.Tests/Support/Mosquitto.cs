using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace LeptonEdge.Tests.Support;

/// <summary>A real mosquitto broker on a free loopback port, with Debian's default (lossy) persistence.</summary>
public sealed class Mosquitto : IDisposable
{
    public const string DefaultSettings = "max_inflight_messages 1000";
    private readonly TempFolder _folder = new();
    private Process _process;

    /// <param name="settings">Lines of its configuration beside the listener.</param>
    public Mosquitto(string settings = DefaultSettings)
    {
        Port = FreePort();
        File.WriteAllText(_folder.File("mosquitto.conf"),
            $"listener {Port} 127.0.0.1\nallow_anonymous true\n{settings}\n");
        _process = Start();
    }

    public int Port { get; }

    /// <summary>SIGKILL, then a new broker on the same port that remembers nothing.</summary>
    public async Task KillAndRestartAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = Start();
    }

    public Task WaitUntilListeningAsync() => Eventually.True(CanConnectAsync, "mosquitto listens");

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _folder.Dispose();
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task<bool> CanConnectAsync()
    {
        try
        {
            using var probe = new TcpClient();
            await probe.ConnectAsync(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private Process Start() => Process.Start(
        new ProcessStartInfo(Requires.FindProgram("mosquitto")!, ["-c", _folder.File("mosquitto.conf")])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
}
