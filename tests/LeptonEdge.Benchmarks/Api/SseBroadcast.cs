using System.Collections.Concurrent;
using System.Text;
using System.Threading.Channels;
using LeptonEdge.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace LeptonEdge.Benchmarks.Api;

/// <summary>What a programmer would write first: Kestrel, and one message made once and written to every open page.</summary>
internal sealed class SseBroadcast : IAsyncDisposable
{
    private readonly ConcurrentBag<Channel<byte[]>> _open = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly LiveReaders _readers = new();
    private WebApplication? _app;
    private HttpClient? _client;
    private Task _sending = Task.CompletedTask;
    private volatile bool _on;

    public async Task StartAsync(int pages, int channels)
    {
        (_app, _client) = await BarePeer.StartAsync(ServeAsync);
        for (var page = 0; page < pages; page++)
            _readers.Open(_client, "/");
        _sending = SendAsync(channels);
    }

    /// <summary>Milliseconds of every value; it sends only meanwhile.</summary>
    public async Task<IReadOnlyList<double>> MeasureAsync(TimeSpan time)
    {
        _on = true;
        var ages = await _readers.MeasureAsync(time);
        _on = false;
        return ages;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _readers.DisposeAsync();
        await _sending.ContinueWith(_ => { }, TaskScheduler.Default);
        if (_app is not null)
            await _app.DisposeAsync();
        _client?.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync(HttpContext context)
    {
        var messages = Channel.CreateBounded<byte[]>(16);
        _open.Add(messages);
        context.Response.ContentType = "text/event-stream";
        await context.Response.Body.FlushAsync();
        await foreach (var message in messages.Reader.ReadAllAsync(_stop.Token))
        {
            await context.Response.Body.WriteAsync(message, _stop.Token);
            await context.Response.Body.FlushAsync(_stop.Token);
        }
    }

    private async Task SendAsync(int channels)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (await timer.WaitForNextTickAsync(_stop.Token))
        {
            if (!_on)
                continue;
            var now = TimeProvider.System.GetUnixMicros();
            var values = Enumerable.Range(0, channels).Select(i =>
                $"{{\"device\":\"sender-{i % 10}\",\"channel\":\"channel-{i / 10}\",\"timeMicros\":{now},\"value\":{now % 1000}}}");
            var message = Encoding.UTF8.GetBytes($"event: values\ndata: [{string.Join(',', values)}]\n\n");
            foreach (var open in _open)
                open.Writer.TryWrite(message);
        }
    }
}
