using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace LeptonEdge.SystemTests.Support;

/// <summary>A TCP relay on a free loopback port that can do to its connections what networks do.</summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<ProxiedConnection, bool> _connections = [];
    private readonly int _targetPort;
    private readonly Task _accepting;
    private readonly LineShape _shape;
    private volatile bool _swallows;

    /// <param name="seed">Of the jitter.</param>
    public FaultProxy(int targetPort, int seed)
    {
        (_targetPort, _shape) = (targetPort, new LineShape(seed));
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How often the fault has struck since it began: connections ended, or pieces of the stream that were
    /// held back, slowed or swallowed.</summary>
    public long Struck => _shape.Struck;

    /// <summary>Closes every connection in order, as a machine does that goes away politely.</summary>
    public void Cut() => EndAll(reset: false);

    /// <summary>RST on every connection.</summary>
    public void Reset() => EndAll(reset: true);

    /// <summary>Stops relaying on the connections that there are and on those that come until <see cref="Heal"/>, and
    /// keeps their sockets open for good: neither end is told that the other is gone.</summary>
    public void HalfOpen()
    {
        _swallows = true;
        _shape.ForgetStruck();
        foreach (var connection in _connections.Keys)
            connection.Freeze();
    }

    /// <summary>Every byte arrives later by this, give or take a half.</summary>
    public void Delay(TimeSpan delay)
    {
        _shape.ForgetStruck();
        _shape.Delay = delay;
    }

    /// <summary>No more than so many bytes a second each way.</summary>
    public void Throttle(int bytesPerSecond)
    {
        _shape.ForgetStruck();
        _shape.BytesPerSecond = bytesPerSecond;
    }

    /// <summary>No byte arrives for so long; what was under way arrives afterwards.</summary>
    public void Stall(TimeSpan time) => _shape.Stall(time);

    /// <summary>Ends delay and throttle, and lets new connections pass again.</summary>
    public void Heal() => (_shape.Delay, _shape.BytesPerSecond, _swallows) = (TimeSpan.Zero, 0, false);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        EndAll(reset: true);
        _stop.Dispose();
    }

    private void EndAll(bool reset)
    {
        _shape.ForgetStruck();
        foreach (var connection in _connections.Keys)
        {
            if (!_connections.TryRemove(connection, out _))
                continue;
            connection.End(reset);
            if (!_swallows)
                _shape.Strike();
        }
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var near = await _listener.AcceptSocketAsync(_stop.Token);
                _ = ServeAsync(near);
            }
            catch (Exception fault) when (fault is OperationCanceledException or SocketException)
            {
                // The test is over, or the caller was gone before it was accepted.
            }
        }
    }

    private async Task ServeAsync(Socket near)
    {
        var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        near.NoDelay = true;
        var connection = new ProxiedConnection(near, far, _shape);
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, _targetPort, _stop.Token);
            _connections[connection] = true;
            if (_swallows)
                connection.Freeze();
            await connection.RelayAsync(_stop.Token);
        }
        catch (Exception fault) when (fault is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The target is away, one end closed, or the test cut the line.
        }

        // A frozen connection comes here only when the test is over: it must look open till then.
        _connections.TryRemove(connection, out _);
        connection.End(reset: false);
    }
}

/// <summary>What the line does to bytes at this moment; shared by the connections of a proxy.</summary>
internal sealed class LineShape(int seed)
{
    private readonly Random _random = new(seed);
    private long _delayTicks;
    private long _struck;
    private long _stalledUntil;
    private int _bytesPerSecond;

    public TimeSpan Delay
    {
        get => TimeSpan.FromTicks(Volatile.Read(ref _delayTicks));
        set => Volatile.Write(ref _delayTicks, value.Ticks);
    }

    public long Struck => Interlocked.Read(ref _struck);

    public void Strike() => Interlocked.Increment(ref _struck);

    public void ForgetStruck() => Interlocked.Exchange(ref _struck, 0);

    /// <summary>How long nothing arrives yet.</summary>
    public TimeSpan Stalled
    {
        get
        {
            var (now, until) = (Stopwatch.GetTimestamp(), Volatile.Read(ref _stalledUntil));
            return now < until ? Stopwatch.GetElapsedTime(now, until) : TimeSpan.Zero;
        }
    }

    public void Stall(TimeSpan time) => Volatile.Write(
        ref _stalledUntil, Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency));

    /// <summary>0 is no limit.</summary>
    public int BytesPerSecond
    {
        get => Volatile.Read(ref _bytesPerSecond);
        set => Volatile.Write(ref _bytesPerSecond, value);
    }

    /// <summary>The delay of one piece, half to one and a half times the mean.</summary>
    public TimeSpan Draw()
    {
        var mean = Delay;
        if (mean == TimeSpan.Zero)
            return mean;
        lock (_random)
            return mean * (0.5 + _random.NextDouble());
    }
}
