using System.Net;
using System.Net.Sockets;

namespace LeptonEdge.Tests.Support;

/// <summary>A TCP relay on a free port that keeps every byte that crossed it, and can cut all connections.</summary>
public sealed class RecordingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly int _targetPort;
    private readonly Task _accepting;
    private readonly MemoryStream _seen = new();
    private readonly List<TcpClient> _clients = [];

    public RecordingProxy(int targetPort)
    {
        _targetPort = targetPort;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>All bytes of all connections, both ways, in the order they were relayed.</summary>
    public byte[] Seen
    {
        get
        {
            lock (_seen)
                return _seen.ToArray();
        }
    }

    /// <summary>Closes what connects at once.</summary>
    public bool Refuse { get; set; }

    public void CutAll()
    {
        lock (_clients)
        {
            foreach (var client in _clients)
                client.Dispose();
            _clients.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        CutAll();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var near = await _listener.AcceptTcpClientAsync(_stop.Token);
                if (Refuse)
                {
                    near.Dispose();
                    continue;
                }

                var far = new TcpClient();
                try
                {
                    await far.ConnectAsync(IPAddress.Loopback, _targetPort, _stop.Token);
                }
                catch (SocketException)
                {
                    // The target is being restarted: whoever connects here tries again.
                    near.Dispose();
                    far.Dispose();
                    continue;
                }

                lock (_clients)
                    _clients.AddRange([near, far]);
                _ = RelayAsync(near, far);
                _ = RelayAsync(far, near);
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over, or the target is gone: new connections are refused from here on.
        }
    }

    private async Task RelayAsync(TcpClient from, TcpClient to)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            var (source, sink) = (from.GetStream(), to.GetStream());
            int count;
            while ((count = await source.ReadAsync(buffer, _stop.Token)) > 0)
            {
                lock (_seen)
                    _seen.Write(buffer, 0, count);
                await sink.WriteAsync(buffer.AsMemory(0, count), _stop.Token);
            }
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException or ObjectDisposedException
            or SocketException or InvalidOperationException)
        {
            // Cut, on purpose or by either end; the other end learns it by the dispose below.
        }
        finally
        {
            from.Dispose();
            to.Dispose();
        }
    }
}
