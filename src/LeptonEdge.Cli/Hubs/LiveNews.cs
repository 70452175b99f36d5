using System.Diagnostics;

namespace LeptonEdge.Cli;

/// <summary>Follows the hub's live stream, to know when it is worth asking again. A hub that has no such stream is
/// asked at a pace instead; one that went away is followed again when it is back.</summary>
internal sealed class LiveNews : IAsyncDisposable
{
    // What is written comes at once, so that a state that changes often is not asked for as often.
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);

    // The hub says something every ten seconds, if only that it is there.
    private static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _news = new(0, 1);
    private readonly CancellationTokenSource _ended;
    private readonly HubClient _client;
    private readonly string? _topics;
    private Task? _following;
    private volatile bool _isFollowing;
    private long _told;

    /// <param name="topics">With commas between them; null: nothing tells, so there is only the pace.</param>
    public LiveNews(HubClient client, string? topics, CancellationToken cancellation)
    {
        _ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        (_client, _topics) = (client, topics);
    }

    /// <summary>Topics that tell when a list may have changed; null where none does.</summary>
    /// <param name="path">Of the API.</param>
    public static string? TopicsOf(string path) => path.Split('?', '/') is not [_, _, var list, ..] ? null : list switch
    {
        "devices" or "sites" => "devices",
        "alarms" => "alarms",
        "jobs" => "jobs",
        "plan" => "plan",
        "hub" => "hub",
        "workloads" => "plan,devices",
        _ => null,
    };

    /// <summary>Returns at the next news, or after a pause.</summary>
    /// <param name="pace">The pause while nothing tells.</param>
    /// <param name="calm">The pause while the stream does.</param>
    public async Task WaitAsync(TimeSpan pace, TimeSpan calm, CancellationToken cancellation)
    {
        // Who has seen enough at the first look needs no stream.
        _following ??= _topics is null ? Task.CompletedTask : FollowAsync(_client, $"api/v1/live?topics={_topics}");
        if (!await _news.WaitAsync(_isFollowing && calm > pace ? calm : pace, cancellation))
            return;
        var since = Stopwatch.GetElapsedTime(_told);
        if (_told != 0 && since < Least)
            await Task.Delay(Least - since, cancellation);
        _told = Stopwatch.GetTimestamp();
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await (_following ?? Task.CompletedTask);
        _ended.Dispose();
        _news.Dispose();
    }

    private async Task FollowAsync(HubClient client, string path)
    {
        try
        {
            while (await ReadAsync(client, path))
                await Task.Delay(Again, _ended.Token);
        }
        catch (OperationCanceledException)
        {
            // Nobody waits for news any more.
        }
    }

    /// <returns>Whether it is worth trying again.</returns>
    private async Task<bool> ReadAsync(HubClient client, string path)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token);
        silence.CancelAfter(SilenceMax);
        try
        {
            await foreach (var line in client.ReadLinesAsync(path, silence.Token))
            {
                _isFollowing = true;
                silence.CancelAfter(SilenceMax);
                if (line.StartsWith("event:", StringComparison.Ordinal))
                    Tell();
            }

            return true;
        }
        catch (HubException fault)
        {
            // A hub that does not know the topic, or may not tell us, will not later either.
            return fault.IsAway;
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException
            && !_ended.IsCancellationRequested)
        {
            return true;
        }
        finally
        {
            // Who waits looks at once, and sees that the hub is away.
            if (_isFollowing)
                Tell();
            _isFollowing = false;
        }
    }

    private void Tell()
    {
        try
        {
            _news.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is known already.
        }
    }
}
