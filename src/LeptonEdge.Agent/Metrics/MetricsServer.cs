using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using LeptonEdge.Agent.Configuration;
using LeptonEdge.Core.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Agent.Metrics;

/// <summary>Answers <c>GET /metrics</c>, one caller after the other. A web server would double the agent's memory
/// for one page a quarter of a minute.</summary>
public sealed class MetricsServer(
    MetricsSettings settings, AgentMetrics metrics, TimeProvider clock, ILogger<MetricsServer> logger)
    : BackgroundService
{
    private const int RequestBytesMax = 8 * 1024;
    private const int Backlog = 8;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AcceptPause = TimeSpan.FromSeconds(1);

    private readonly byte[] _request = new byte[RequestBytesMax];
    private readonly PrometheusText _text = new(16 * 1024);

    /// <summary>Where the page is, once started; null where it is not.</summary>
    public IPEndPoint? Bound { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var listener = new Socket(settings.Listen.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(settings.Listen);
            listener.Listen(Backlog);
        }
        catch (SocketException fault)
        {
            // A port that another program holds is no reason to leave the sensors unread.
            MetricsServerLog.NotServing(logger, settings.Listen, fault.Message);
            return;
        }

        Bound = (IPEndPoint)listener.LocalEndPoint!;
        MetricsServerLog.Serving(logger, Bound);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                using var caller = await listener.AcceptAsync(stoppingToken).ConfigureAwait(false);
                await ServeAsync(caller, stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // The agent stops, or a caller took longer than anyone may.
            }
            catch (SocketException)
            {
                // A caller that went away; or no more sockets for a moment, which must not become a busy loop.
                await Task.Delay(AcceptPause, clock, stoppingToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ServeAsync(Socket caller, CancellationToken stoppingToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        limit.CancelAfter(Patience);
        var length = await ReadHeadAsync(caller, limit.Token).ConfigureAwait(false);
        var (status, withBody) = Judge(_request.AsSpan(0, length));
        _text.Clear();
        if (status == "200 OK")
            metrics.Write(_text);
        var page = _text.Written;
        var head = Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 {status}\r\nContent-Type: {PrometheusText.ContentType}\r\nContent-Length: {page.Length}\r\n"
            + $"Connection: close\r\n\r\n"));
        await SendAsync(caller, head, limit.Token).ConfigureAwait(false);
        if (withBody)
            await SendAsync(caller, page, limit.Token).ConfigureAwait(false);
        caller.Shutdown(SocketShutdown.Send);
        // Whoever closes first with bytes unread resets the connection, and the page may be lost with it.
        while (await caller.ReceiveAsync(_request, limit.Token).ConfigureAwait(false) > 0)
        {
            // What is left of the request.
        }
    }

    /// <returns>Bytes up to the end of the request's head; 0 when it has none.</returns>
    private async Task<int> ReadHeadAsync(Socket caller, CancellationToken stoppingToken)
    {
        var length = 0;
        while (length < _request.Length)
        {
            var read = await caller.ReceiveAsync(_request.AsMemory(length), stoppingToken).ConfigureAwait(false);
            length += read;
            if (_request.AsSpan(0, length).IndexOf("\r\n\r\n"u8) is >= 0 and var end)
                return end;
            if (read == 0)
                break;
        }

        return 0;
    }

    private static (string Status, bool WithBody) Judge(ReadOnlySpan<byte> head)
    {
        var end = head.IndexOf("\r\n"u8);
        var line = end < 0 ? head : head[..end];
        var method = line.IndexOf((byte)' ');
        var target = method < 0 ? [] : line[(method + 1)..];
        var version = target.IndexOf((byte)' ');
        if (version <= 0 || !target[(version + 1)..].StartsWith("HTTP/1."u8))
            return ("400 Bad Request", true);
        target = target[..version];
        var isGet = line[..method].SequenceEqual("GET"u8);
        if (!isGet && !line[..method].SequenceEqual("HEAD"u8))
            return ("405 Method Not Allowed", true);
        return target.SequenceEqual("/metrics"u8) || target.StartsWith("/metrics?"u8)
            ? ("200 OK", isGet)
            : ("404 Not Found", isGet);
    }

    private static async Task SendAsync(Socket caller, ReadOnlyMemory<byte> bytes, CancellationToken stoppingToken)
    {
        while (bytes.Length > 0)
            bytes = bytes[await caller.SendAsync(bytes, stoppingToken).ConfigureAwait(false)..];
    }
}

internal static partial class MetricsServerLog
{
    [LoggerMessage(1, LogLevel.Information, "Metrics for Prometheus are at http://{Address}/metrics")]
    public static partial void Serving(ILogger logger, IPEndPoint address);

    [LoggerMessage(2, LogLevel.Error, "Metrics cannot be served at {Address}: {Reason}")]
    public static partial void NotServing(ILogger logger, IPEndPoint address, string reason);
}
