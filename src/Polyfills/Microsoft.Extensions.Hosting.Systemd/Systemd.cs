using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Microsoft.Extensions.Hosting.Systemd;

/// <summary>A message to the service manager, as <c>sd_notify(3)</c> defines them.</summary>
public struct ServiceState
{
    /// <summary>The service has started.</summary>
    public static readonly ServiceState Ready = new("READY=1");

    /// <summary>The service begins to stop.</summary>
    public static readonly ServiceState Stopping = new("STOPPING=1");

    private readonly string? _state;

    /// <param name="state">Assignments, one per line, such as <c>WATCHDOG=1</c> or <c>STATUS=uploading</c>.</param>
    public ServiceState(string state)
    {
        ArgumentNullException.ThrowIfNull(state);
        _state = state;
    }

    public override readonly string ToString() => _state ?? "";
}

/// <summary>Tells the service manager of the service's state.</summary>
public interface ISystemdNotifier
{
    /// <summary>Whether there is a service manager that listens.</summary>
    bool IsEnabled { get; }

    /// <summary>Sends the state; does nothing when not enabled.</summary>
    void Notify(ServiceState state);
}

/// <summary>Notifies over the datagram socket that systemd names in <c>NOTIFY_SOCKET</c>.</summary>
public class SystemdNotifier : ISystemdNotifier
{
    private readonly string? _socketPath;

    public SystemdNotifier()
        : this(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"))
    {
    }

    internal SystemdNotifier(string? socketPath)
    {
        if (string.IsNullOrEmpty(socketPath))
            return;
        // '@' is how an environment variable writes the leading null byte of an abstract socket's name.
        _socketPath = socketPath[0] == '@' ? "\0" + socketPath[1..] : socketPath;
    }

    public bool IsEnabled => _socketPath is not null;

    /// <exception cref="SocketException">The service manager's socket is gone or refuses the message.</exception>
    public void Notify(ServiceState state)
    {
        if (_socketPath is null)
            return;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(_socketPath));
        socket.Send(Encoding.UTF8.GetBytes(state.ToString()));
    }
}

/// <summary>Whether systemd started this process.</summary>
public static class SystemdHelpers
{
    /// <remarks>Asked each time: the answer is two reads of files in memory, at start-up alone.</remarks>
    public static bool IsSystemdService()
    {
        if (!OperatingSystem.IsLinux())
            return false;
        var own = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        if (Environment.GetEnvironmentVariable("SYSTEMD_EXEC_PID") == own)
            return true;
        // As the first process of a container, the manager outside shows only in what it handed in.
        if (Environment.ProcessId == 1)
        {
            return !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"))
                || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("LISTEN_PID"));
        }
        try
        {
            return ParentName() == "systemd";
        }
        catch (IOException)
        {
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string ParentName()
    {
        // pid (name) state ppid: the name may hold spaces and brackets, so count from the last bracket.
        var stat = File.ReadAllText("/proc/self/stat");
        var parent = stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1];
        return File.ReadAllText($"/proc/{parent}/comm").TrimEnd('\n');
    }
}
