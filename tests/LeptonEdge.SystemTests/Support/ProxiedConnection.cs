using System.Diagnostics;
using System.Net.Sockets;
using System.Threading.Channels;

namespace LeptonEdge.SystemTests.Support;

/// <summary>Two sockets of a <see cref="FaultProxy"/>, and the bytes between them.</summary>
internal sealed class ProxiedConnection(Socket near, Socket far, LineShape shape)
{
    private const int PieceBytes = 16 * 1024;
    private const int PiecesMax = 256;
    private readonly TaskCompletionSource _frozen = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _ended;

    /// <summary>Until both ways have ended.</summary>
    public Task RelayAsync(CancellationToken stop) =>
        Task.WhenAll(RelayAsync(near, far, stop), RelayAsync(far, near, stop));

    /// <summary>Nothing passes any more, and nobody is told.</summary>
    public void Freeze() => _frozen.TrySetResult();

    public void End(bool reset)
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0)
            return;
        foreach (var socket in (Socket[])[near, far])
        {
            if (reset)
                socket.LingerState = new LingerOption(true, 0);
            socket.Dispose();
        }
    }

    // Pieces wait in a queue, each until its time: a delay must not become a limit of the rate.
    private async Task RelayAsync(Socket from, Socket to, CancellationToken stop)
    {
        var line = Channel.CreateBounded<(long DueAt, byte[] Bytes)>(PiecesMax);
        var writing = WriteAsync(line.Reader, to, stop);
        var buffer = new byte[PieceBytes];
        while (await ReceiveAsync(from, buffer, stop) is > 0 and var count)
        {
            if (_frozen.Task.IsCompleted)
                shape.Strike();
            await ThawAsync(stop);
            var delay = shape.Draw();
            if (delay > TimeSpan.Zero)
                shape.Strike();
            var due = Stopwatch.GetTimestamp() + (long)(delay.TotalSeconds * Stopwatch.Frequency);
            // The other way has failed: nobody reads this line any more.
            if (writing.IsCompleted)
                break;
            await line.Writer.WriteAsync((due, buffer[..count]), stop);
        }

        await ThawAsync(stop);
        line.Writer.Complete();
        await writing;
        // Half a connection is of no use to MQTT: the other half ends, too.
        End(reset: false);
    }

    private static async Task<int> ReceiveAsync(Socket from, byte[] buffer, CancellationToken stop)
    {
        try
        {
            return await from.ReceiveAsync(buffer, stop);
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
        {
            return 0;
        }
    }

    private async Task WriteAsync(ChannelReader<(long DueAt, byte[] Bytes)> line, Socket to, CancellationToken stop)
    {
        try
        {
            await WriteAllAsync(line, to, stop);
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
        {
            End(reset: false);
        }
    }

    private async Task WriteAllAsync(
        ChannelReader<(long DueAt, byte[] Bytes)> line, Socket to, CancellationToken stop)
    {
        await foreach (var (dueAt, bytes) in line.ReadAllAsync(stop))
        {
            await ThawAsync(stop);
            var wait = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), dueAt);
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait, stop);
            while (shape.Stalled is { Ticks: > 0 } stalled)
                await Task.Delay(stalled, stop);
            for (var sent = 0; sent < bytes.Length;)
            {
                var rate = shape.BytesPerSecond;
                var piece = rate == 0 ? bytes.Length - sent : Math.Min(bytes.Length - sent, Math.Max(1, rate / 20));
                sent += await to.SendAsync(bytes.AsMemory(sent, piece), stop);
                if (rate == 0)
                    continue;
                shape.Strike();
                await Task.Delay(TimeSpan.FromSeconds((double)piece / rate), stop);
            }
        }
    }

    // A frozen connection waits here until the test is over.
    private async Task ThawAsync(CancellationToken stop)
    {
        if (_frozen.Task.IsCompleted)
            await Task.Delay(Timeout.Infinite, stop);
    }
}
