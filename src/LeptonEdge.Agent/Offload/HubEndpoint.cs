using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Tracing;
using LeptonEdge.Protocol.Inference;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;

namespace LeptonEdge.Agent.Offload;

/// <summary>One hub (or another device of the site) by its address: a connection, a spare one for second calls, and a
/// circuit breaker, so that a dead one costs no window anything.</summary>
public sealed class HubEndpoint : IDisposable
{
    private const int RttSamples = 5;

    private static readonly TimeSpan ProbePatience = TimeSpan.FromSeconds(1);

    // A call that was given less says more about its workload's deadline than about the hub.
    private static readonly TimeSpan FairPatience = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan SpareIdleMax = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly HubChannel[] _channels;
    private readonly CircuitBreakerStateProvider _breaker = new();
    private readonly ResiliencePipeline<OffloadResult> _guarded;
    private readonly double[] _recentRtt = new double[RttSamples];
    private volatile int _main;
    private int _rttCount;
    private long _askedAt = long.MinValue;

    /// <param name="peer">The device that must answer there; null for a hub.</param>
    public HubEndpoint(
        Uri address, X509Certificate2 certificate, X509Certificate2Collection roots, TimeProvider clock, ILogger logger,
        DeviceId? peer = null)
    {
        (Address, _clock, _logger) = (address, clock, logger);
        // Neither connects before its first call.
        _channels = [new(address, certificate, roots, clock, peer), new(address, certificate, roots, clock, peer)];
        _guarded = new ResiliencePipelineBuilder<OffloadResult> { TimeProvider = clock }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<OffloadResult>
            {
                FailureRatio = 0.5,
                MinimumThroughput = 4,
                SamplingDuration = TimeSpan.FromSeconds(3),
                BreakDuration = TimeSpan.FromSeconds(1),
                StateProvider = _breaker,
                ShouldHandle = static outcome => ValueTask.FromResult(outcome.Outcome.Result is OffloadResult.Unreachable),
                OnOpened = _ => Say(HubEndpointLog.Opened),
                OnClosed = _ => Say(HubEndpointLog.Closed),
            })
            .Build();
    }

    public Uri Address { get; }

    /// <summary>The hub answered lately; while false, asking it would only waste the deadline.</summary>
    public bool IsReachable => _breaker.CircuitState == CircuitState.Closed;

    /// <summary>Median round trip of the last few probes, seconds; 0 while unknown.</summary>
    public double RttSeconds { get; private set; }

    /// <summary>Makes one call. Never throws for what a network or a hub may do.</summary>
    /// <param name="spare">Over the connection that ordinary calls do not use.</param>
    internal async Task<OffloadResult> CallAsync(HubCall call, bool spare, CancellationToken cancellation)
    {
        Interlocked.Exchange(ref _askedAt, _clock.GetTimestamp());
        var at = spare ? 1 - _main : _main;
        var result = await GuardedAsync(
            static (state, token) => state.Self.InferAsync(state.call, state.Channel, token),
            (Self: this, call, Channel: _channels[at]), cancellation).ConfigureAwait(false);
        // The spare one answered first: the other may hang, and the next windows shall not find that out again.
        if (spare && result is OffloadResult.Answered)
            _main = at;
        return result;
    }

    /// <summary>Measures the round trip of a small call, keeps the spare connection warm while it may be needed, and
    /// closes the breaker again when the hub is back.</summary>
    /// <returns>True when the hub is alive.</returns>
    public async Task<bool> ProbeAsync(CancellationToken cancellation)
    {
        var started = _clock.GetTimestamp();
        var alive = await ProbeAsync(_channels[_main], cancellation).ConfigureAwait(false);
        if (!alive)
            return false;
        _recentRtt[_rttCount++ % RttSamples] = _clock.GetElapsedTime(started).TotalSeconds;
        var known = _recentRtt.Take(_rttCount).Order().ToArray();
        RttSeconds = known[known.Length / 2];
        var asked = Interlocked.Read(ref _askedAt);
        if (asked != long.MinValue && _clock.GetElapsedTime(asked) < SpareIdleMax)
            await ProbeAsync(_channels[1 - _main], cancellation).ConfigureAwait(false);
        return true;
    }

    /// <summary>True when the hub says that it has this model loaded; false as well when it cannot be asked.</summary>
    public async Task<bool> IsReadyAsync(ModelReference model, CancellationToken cancellation)
    {
        try
        {
            var options = new CallOptions(deadline: DeadlineIn(ProbePatience), cancellationToken: cancellation);
            var request = new ModelReadyRequest { Name = model.Name, Version = model.Version };
            return (await _channels[_main].Client.ModelReadyAsync(request, options).ConfigureAwait(false)).Ready;
        }
        catch (RpcException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        foreach (var channel in _channels)
            channel.Dispose();
    }

    // A probe brings no answer: a hub that is alive "refuses" with no reason, which the breaker counts as a success.
    private async Task<bool> ProbeAsync(HubChannel channel, CancellationToken cancellation) =>
        await GuardedAsync(
            static (state, token) => state.Self.LiveAsync(state.channel, token), (Self: this, channel), cancellation)
            .ConfigureAwait(false) is OffloadResult.Refused { Reason: "" };

    private async Task<OffloadResult> GuardedAsync<TState>(
        Func<TState, CancellationToken, ValueTask<OffloadResult>> call, TState state, CancellationToken cancellation)
    {
        try
        {
            return await _guarded.ExecuteAsync(call, state, cancellation).ConfigureAwait(false);
        }
        catch (BrokenCircuitException)
        {
            return new OffloadResult.Unreachable("it failed lately and is left alone for a moment");
        }
    }

    private async ValueTask<OffloadResult> LiveAsync(HubChannel channel, CancellationToken cancellation)
    {
        try
        {
            var options = new CallOptions(deadline: DeadlineIn(ProbePatience), cancellationToken: cancellation);
            var reply = await channel.Client.ServerLiveAsync(new ServerLiveRequest(), options).ConfigureAwait(false);
            return reply.Live
                ? new OffloadResult.Refused("")
                : new OffloadResult.Unreachable("it says that it is not live");
        }
        catch (RpcException fault)
        {
            return Explain(fault, ProbePatience, cancellation);
        }
    }

    private async ValueTask<OffloadResult> InferAsync(
        HubCall call, HubChannel channel, CancellationToken cancellation)
    {
        var left = call.Left(_clock);
        if (left <= TimeSpan.Zero)
            return OffloadResult.TooLate.Instance;
        try
        {
            var options = new CallOptions(TraceHeaders(), DeadlineIn(left), cancellation);
            call.Question.Meter?.Sent(call.Request.CalculateSize());
            var reply = await channel.Client.ModelInferAsync(call.Request, options).ConfigureAwait(false);
            return call.Question.Read(reply, call.Features);
        }
        catch (RpcException fault)
        {
            return Explain(fault, left, cancellation);
        }
    }

    private static Metadata? TraceHeaders() =>
        Traces.Current is { Id: { } parent } ? new Metadata { { Traces.ParentKey, parent } } : null;

    private DateTime DeadlineIn(TimeSpan remaining) => _clock.GetUtcNow().UtcDateTime + remaining;

    private static OffloadResult Explain(RpcException fault, TimeSpan patience, CancellationToken cancellation) =>
        fault.StatusCode switch
        {
            StatusCode.Cancelled when cancellation.IsCancellationRequested =>
                new OffloadResult.Refused("nobody waits for the answer any more"),
            StatusCode.DeadlineExceeded when patience < FairPatience => OffloadResult.TooLate.Instance,
            StatusCode.DeadlineExceeded => new OffloadResult.Unreachable(
                $"no answer within {patience.TotalMilliseconds:0} ms"),
            StatusCode.Unavailable or StatusCode.Internal or StatusCode.Cancelled or StatusCode.Unknown =>
                new OffloadResult.Unreachable($"{fault.StatusCode}: {fault.Status.Detail}"),
            _ => new OffloadResult.Refused(
                $"{fault.StatusCode}: {fault.Status.Detail}", RetryHint.Read(fault.Trailers)),
        };

    private ValueTask Say(Action<ILogger, Uri> sentence)
    {
        sentence(_logger, Address);
        return ValueTask.CompletedTask;
    }
}

internal static partial class HubEndpointLog
{
    [LoggerMessage(1, LogLevel.Warning, "{Address} does not answer: it is left alone until a probe finds it")]
    public static partial void Opened(ILogger logger, Uri address);

    [LoggerMessage(2, LogLevel.Information, "{Address} answers again")]
    public static partial void Closed(ILogger logger, Uri address);
}
