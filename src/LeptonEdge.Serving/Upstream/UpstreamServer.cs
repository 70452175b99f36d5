using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Net.Client;
using LeptonEdge.Protocol.Inference;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;

namespace LeptonEdge.Serving.Upstream;

/// <summary>One server of a pool: its connection, how it fares, and what it has to do. Any thread.</summary>
public sealed class UpstreamServer : IDisposable
{
    // What a server is believed to take before it has answered anything.
    private const double UnknownSeconds = 0.005;
    private static readonly TimeSpan HoldMax = TimeSpan.FromSeconds(5);

    // A server that fails is quick at it: without this it would draw all calls.
    private static readonly TimeSpan Doubt = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _clock;
    private readonly GrpcChannel _channel;
    private readonly CircuitBreakerStateProvider _breaker = new();
    private readonly ResiliencePipeline<UpstreamFault?> _guarded;
    private readonly ConcurrentDictionary<string, bool> _ready = new(StringComparer.Ordinal);
    private readonly int _inFlightMax;
    private double _seconds = UnknownSeconds;
    private long _heldUntil;
    private long _doubtedUntil;
    private int _inFlight;

    internal UpstreamServer(UpstreamOptions pool, Uri address, TimeProvider clock, ILogger logger)
    {
        (Address, _clock, _inFlightMax) = (address, clock, pool.InFlightMax);
        Width = new UpstreamWidth(pool.InFlightMax);
        _channel = UpstreamChannel.Open(pool, address);
        Client = new GRPCInferenceService.GRPCInferenceServiceClient(_channel);
        _guarded = new ResiliencePipelineBuilder<UpstreamFault?> { TimeProvider = clock }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<UpstreamFault?>
            {
                FailureRatio = 0.5,
                MinimumThroughput = 4,
                SamplingDuration = TimeSpan.FromSeconds(5),
                BreakDuration = pool.Health.EjectFor,
                StateProvider = _breaker,
                ShouldHandle = static outcome =>
                    ValueTask.FromResult(outcome.Outcome.Result is { Kind: UpstreamFaultKind.Server }),
                OnOpened = opened =>
                {
                    UpstreamLog.Ejected(logger, pool.Name, address, opened.Outcome.Result?.Detail ?? "");
                    return ValueTask.CompletedTask;
                },
                OnClosed = _ =>
                {
                    UpstreamLog.Returned(logger, pool.Name, address);
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
    }

    public Uri Address { get; }

    /// <summary>Its last check found it well, and no call since found it away.</summary>
    public bool IsUp { get; private set; }

    public bool IsEjected => _breaker.CircuitState != CircuitState.Closed;

    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>What a call has lately taken, the newest weighing most.</summary>
    public double Seconds => Volatile.Read(ref _seconds);

    /// <summary>How many calls it answers side by side.</summary>
    public UpstreamWidth Width { get; }

    public UpstreamCounters Counters { get; } = new();

    internal GRPCInferenceService.GRPCInferenceServiceClient Client { get; }

    /// <summary>What its last check listed; null where it keeps no list.</summary>
    internal IReadOnlyList<RepositoryIndexResponse.Types.ModelIndex>? Index { get; set; }

    /// <summary>Null until it was asked.</summary>
    internal bool? IsReady(string model) => _ready.TryGetValue(model, out var ready) ? ready : null;

    internal void SetReady(string model, bool ready) => _ready[model] = ready;

    /// <returns>True if it changed.</returns>
    internal bool SetUp(bool up)
    {
        var changed = IsUp != up;
        IsUp = up;
        return changed;
    }

    /// <summary>The lower the better; null while it takes no calls.</summary>
    internal (int Tier, double Score)? RankFor(string model)
    {
        if (InFlight >= _inFlightMax || HeldFor > TimeSpan.Zero || IsEjected)
            return null;
        // A server that does not say that the model is ready may load it when asked: better than none.
        var isBest = IsReady(model) == true && Left(ref _doubtedUntil) == TimeSpan.Zero;
        return (!IsUp ? 2 : isBest ? 0 : 1, (InFlight + 1) * Seconds);
    }

    /// <summary>How long it has asked to be left alone.</summary>
    internal TimeSpan HeldFor => Left(ref _heldUntil);

    /// <summary>Takes a place for an inference, which <see cref="AskAsync"/> gives back; false if there is
    /// none.</summary>
    internal bool TryTake()
    {
        if (Interlocked.Increment(ref _inFlight) <= _inFlightMax)
            return true;
        Interlocked.Decrement(ref _inFlight);
        return false;
    }

    /// <summary>Asks once. Never throws for what a network or a server may do.</summary>
    /// <param name="isInference">A place was taken for it, and its time tells how fast the server is.</param>
    internal async Task<UpstreamAttempt<T>> AskAsync<T>(
        Func<GRPCInferenceService.GRPCInferenceServiceClient, AsyncUnaryCall<T>> call, bool isInference,
        CancellationToken cancellation)
        where T : class
    {
        var ask = new Asking<T>(this, call, isInference);
        try
        {
            var fault = await _guarded.ExecuteAsync(
                static (ask, token) => ask.RunAsync(token), ask, cancellation).ConfigureAwait(false);
            return new UpstreamAttempt<T>(ask.Reply, fault);
        }
        catch (BrokenCircuitException)
        {
            return new UpstreamAttempt<T>(null, UpstreamFault.Ejected);
        }
        finally
        {
            if (isInference)
                Interlocked.Decrement(ref _inFlight);
        }
    }

    public void Dispose() => _channel.Dispose();

    private void Learn(UpstreamFault? fault, long started, bool isInference)
    {
        if (fault is { Kind: UpstreamFaultKind.Busy, RetryAfter: { } after })
            Volatile.Write(ref _heldUntil, In(after < HoldMax ? after : HoldMax));
        if (fault is { Kind: UpstreamFaultKind.Failed or UpstreamFaultKind.Model } && isInference)
            Volatile.Write(ref _doubtedUntil, In(Doubt));
        if (fault?.Kind == UpstreamFaultKind.Server)
            IsUp = false;
        if (!isInference || fault is { Kind: not UpstreamFaultKind.Late })
            return;
        var taken = _clock.GetElapsedTime(started).TotalSeconds;
        var known = Seconds;
        // Trouble is believed sooner than its end. Two threads that write at once lose one of many.
        Volatile.Write(ref _seconds, known + (taken > known ? 0.3 : 0.1) * (taken - known));
    }

    private long In(TimeSpan time) => _clock.GetTimestamp() + (long)(time.TotalSeconds * _clock.TimestampFrequency);

    private TimeSpan Left(ref long untilAt)
    {
        var until = Volatile.Read(ref untilAt);
        var left = until == 0 ? TimeSpan.Zero : _clock.GetElapsedTime(_clock.GetTimestamp(), until);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>One call, its reply kept beside the outcome that the breaker judges.</summary>
    private sealed class Asking<T>(
        UpstreamServer server, Func<GRPCInferenceService.GRPCInferenceServiceClient, AsyncUnaryCall<T>> start,
        bool isInference)
        where T : class
    {
        public T? Reply { get; private set; }

        public async ValueTask<UpstreamFault?> RunAsync(CancellationToken cancellation)
        {
            var started = server._clock.GetTimestamp();
            UpstreamFault? fault = null;
            try
            {
                using var call = start(server.Client);
                using var gone = cancellation.UnsafeRegister(
                    static state => ((AsyncUnaryCall<T>)state!).Dispose(), call);
                Reply = await call.ResponseAsync.ConfigureAwait(false);
            }
            catch (RpcException) when (cancellation.IsCancellationRequested)
            {
                // Another server was quicker, or the caller left: how long it has taken so far says something too.
                fault = new UpstreamFault(StatusCode.Cancelled, "was not waited for", UpstreamFaultKind.Late, null);
            }
            catch (RpcException failed)
            {
                fault = UpstreamFault.Of(failed);
            }

            server.Learn(fault, started, isInference);
            if (isInference)
                server.Counters.Count(fault?.Status ?? StatusCode.OK);
            return fault;
        }
    }
}

/// <summary>Calls by how they ended. Any thread.</summary>
public sealed class UpstreamCounters
{
    private readonly long[] _byStatus = new long[(int)StatusCode.Unauthenticated + 1];
    private long _hedges;

    /// <summary>Calls that were sent because another server was slow.</summary>
    public long Hedges => Interlocked.Read(ref _hedges);

    public IEnumerable<(string Status, long Count)> ByStatus => _byStatus
        .Select((_, code) => (((StatusCode)code).ToString(), Interlocked.Read(ref _byStatus[code])))
        .Where(pair => pair.Item2 > 0);

    internal void Count(StatusCode status) => Interlocked.Increment(ref _byStatus[(int)status]);

    internal void CountHedge() => Interlocked.Increment(ref _hedges);
}
