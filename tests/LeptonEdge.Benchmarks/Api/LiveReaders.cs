using System.Collections.Concurrent;
using System.Text.Json;
using LeptonEdge.Core;

namespace LeptonEdge.Benchmarks.Api;

/// <summary>Pages that follow a stream of values, and how old each value is when it comes.</summary>
internal sealed class LiveReaders : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _running = [];
    private readonly ConcurrentQueue<double> _ages = [];
    private volatile bool _counting;
    private long _events;

    public long Events => Interlocked.Read(ref _events);

    public void Open(HttpClient client, string path) => _running.Add(FollowAsync(client, path));

    /// <summary>Milliseconds of every value that comes within the time.</summary>
    public async Task<IReadOnlyList<double>> MeasureAsync(TimeSpan time)
    {
        _ages.Clear();
        _counting = true;
        await Task.Delay(time);
        _counting = false;
        return [.. _ages];
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running.Select(task => task.ContinueWith(_ => { }, TaskScheduler.Default)));
        _stop.Dispose();
    }

    private async Task FollowAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, _stop.Token);
        answer.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(_stop.Token));
        while (await reader.ReadLineAsync(_stop.Token) is { } line)
        {
            if (!line.StartsWith("data: [", StringComparison.Ordinal))
                continue;
            var now = TimeProvider.System.GetUnixMicros();
            Interlocked.Increment(ref _events);
            if (_counting)
                Take(line, now);
        }
    }

    // Only the times are looked for: a browser's parser is not what is measured.
    private void Take(string line, long now)
    {
        const string Field = "\"timeMicros\":";
        for (var at = line.IndexOf(Field, StringComparison.Ordinal); at >= 0;
            at = line.IndexOf(Field, at, StringComparison.Ordinal))
        {
            at += Field.Length;
            var end = at;
            while (end < line.Length && char.IsAsciiDigit(line[end]))
                end++;
            if (long.TryParse(line.AsSpan(at, end - at), out var time))
                _ages.Enqueue((now - time) / 1000.0);
        }
    }
}
