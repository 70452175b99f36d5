using Grpc.Core;
using LeptonEdge.Protocol.Inference;

namespace LeptonEdge.Serving.Upstream;

/// <summary>One request's way through a pool: asks the best server, another when that one is slow or fails, and, if
/// nobody else can answer, all of them anew, until one has answered or the deadline has passed. An inference changes
/// nothing where it runs, so that two servers may run the same one.</summary>
/// <param name="isSingle">It holds no more than one row, so that its time is one of many alike.</param>
internal sealed class UpstreamAttempts(
    UpstreamPool pool, string model, ModelInferRequest request, UpstreamPath path, long start, TimeSpan timeout,
    bool isPatient, bool isSingle, TimeProvider clock)
{
    // A server this many times slower than it lately was may have died without a word.
    private const double SlowFactor = 4;
    private const int RunningMax = 2;
    private const int DetailMax = 256;
    private static readonly TimeSpan SlowLeast = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan PauseLeast = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan PauseMost = TimeSpan.FromMilliseconds(250);

    private readonly List<UpstreamServer> _tried = [];
    private readonly List<(Task<UpstreamAttempt<ModelInferResponse>> Task, UpstreamServer Server)> _running = [];
    private UpstreamFault? _worst;
    private bool _mayChange;
    private TimeSpan _pause = PauseLeast;

    private TimeSpan Left => timeout - clock.GetElapsedTime(start);

    /// <exception cref="ServingException">No server answered.</exception>
    public async Task<(ModelInferResponse Reply, UpstreamServer Server)> RunAsync(CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            while (Left > TimeSpan.Zero)
            {
                if (_running.Count == 0 && !Start(over.Token))
                    await PauseAsync(cancellation).ConfigureAwait(false);
                else if (await NextAsync(over.Token).ConfigureAwait(false) is { } answered)
                    return answered;
                cancellation.ThrowIfCancellationRequested();
            }

            throw new ServingException(
                StatusCode.DeadlineExceeded, $"the deadline passed at the pool '{pool.Options.Name}'{Because(_worst)}");
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The fault that says most to the caller.</summary>
    public static UpstreamFault? Worse(UpstreamFault? one, UpstreamFault? other) =>
        one is null || (other is not null && Weight(other) >= Weight(one)) ? other : one;

    public static ServingException Refusal(string pool, UpstreamFault? fault) => fault switch
    {
        null => new ServingException(
            StatusCode.ResourceExhausted, $"every server of the pool '{pool}' is away or has all it may have",
            PauseMost),
        { Kind: UpstreamFaultKind.Request } => new ServingException(fault.Status, fault.Detail),
        { Kind: UpstreamFaultKind.Busy } => new ServingException(fault.Status, fault.Detail, fault.RetryAfter),
        { Kind: UpstreamFaultKind.Server } => new ServingException(
            StatusCode.Unavailable, $"no server of the pool '{pool}' answers{Because(fault)}", PauseMost),
        _ => new ServingException(fault.Status, $"the pool '{pool}' does not answer{Because(fault)}"),
    };

    private bool Start(CancellationToken cancellation)
    {
        if (pool.Take(model, _tried) is not { } server)
            return false;
        _tried.Add(server);
        var left = Left;
        var options = new CallOptions(
            UpstreamChannel.HeadersFor(pool.Token, path), clock.GetUtcNow().UtcDateTime + left);
        var own = UpstreamMessages.WithTimeLeft(request, left);
        _running.Add((AskAsync(server, own, options, cancellation), server));
        return true;
    }

    private async Task<UpstreamAttempt<ModelInferResponse>> AskAsync(
        UpstreamServer server, ModelInferRequest own, CallOptions options, CancellationToken cancellation)
    {
        var (inFlight, asked) = (server.InFlight, clock.GetTimestamp());
        var attempt = await server.AskAsync(
            client => client.ModelInferAsync(own, options), isInference: true, cancellation).ConfigureAwait(false);
        if (attempt.Reply is not null && isSingle)
            server.Width.Observe(model, inFlight, clock.GetElapsedTime(asked).TotalSeconds);
        return attempt;
    }

    /// <summary>Waits for the next of those asked to answer; asks one more when that takes long.</summary>
    private async Task<(ModelInferResponse, UpstreamServer)?> NextAsync(CancellationToken cancellation)
    {
        var any = Task.WhenAny(_running.Select(asked => asked.Task));
        if (_running.Count < RunningMax && _tried.Count < pool.Servers.Count)
        {
            var slow = Slow();
            if (!await EndsWithinAsync(any, slow, cancellation).ConfigureAwait(false) && pool.MayHedge()
                && Start(cancellation))
            {
                _running[^1].Server.Counters.CountHedge();
                any = Task.WhenAny(_running.Select(asked => asked.Task));
            }
        }

        var first = await any.ConfigureAwait(false);
        var ended = await first.ConfigureAwait(false);
        var index = _running.FindIndex(asked => asked.Task == first);
        var server = _running[index].Server;
        _running.RemoveAt(index);
        if (ended.Reply is { } reply)
            return (reply, server);
        var fault = ended.Fault!;
        if (fault.Kind == UpstreamFaultKind.Request)
            throw Refusal(pool.Options.Name, fault);
        _worst = Worse(_worst, fault);
        _mayChange |= fault.Kind is UpstreamFaultKind.Server or UpstreamFaultKind.Busy or UpstreamFaultKind.Late;
        return null;
    }

    private TimeSpan Slow()
    {
        var slow = TimeSpan.FromSeconds(_running[0].Server.Seconds * SlowFactor);
        var half = Left / 2;
        return slow > half ? half : slow < SlowLeast ? SlowLeast : slow;
    }

    private async Task<bool> EndsWithinAsync(Task task, TimeSpan time, CancellationToken cancellation)
    {
        if (task.IsCompleted)
            return true;
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var pause = Task.Delay(time, clock, waiting.Token);
        var isFirst = await Task.WhenAny(task, pause).ConfigureAwait(false) == task;
        await waiting.CancelAsync().ConfigureAwait(false);
        return isFirst;
    }

    /// <summary>All were asked: they are asked anew after a while, if that is in time.</summary>
    private async Task PauseAsync(CancellationToken cancellation)
    {
        var held = pool.Servers.Min(server => server.HeldFor);
        var pause = held > _pause ? held : _pause;
        var mayChange = _mayChange || _tried.Count < pool.Servers.Count;
        if (!isPatient || !mayChange || pause >= Left)
            throw Refusal(pool.Options.Name, _worst);
        _pause = _pause * 2 < PauseMost ? _pause * 2 : PauseMost;
        _tried.Clear();
        _mayChange = false;
        await Task.Delay(pause, clock, cancellation).ConfigureAwait(false);
    }

    private static string Because(UpstreamFault? fault) =>
        fault is null ? "" : $": {fault.Status}: {ServingException.Short(fault.Detail, DetailMax)}";

    // Busy says more than "has not got it", and that more than "is away".
    private static int Weight(UpstreamFault fault) => fault.Kind switch
    {
        UpstreamFaultKind.Server => 0,
        UpstreamFaultKind.Late => 1,
        UpstreamFaultKind.Failed => 2,
        UpstreamFaultKind.Model => 3,
        UpstreamFaultKind.Busy => 4,
        _ => 5,
    };
}
