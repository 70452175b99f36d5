using System.Runtime.InteropServices;
using Google.Protobuf;
using Grpc.Core;
using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Core.Identity;
using LeptonEdge.Protocol.Inference;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;

namespace LeptonEdge.Agent.Offload;

/// <summary>Asks the hub for answers over the Open Inference Protocol. A hub that fails is left alone for a while by a
/// circuit breaker, so that a dead one costs no window anything; the probe finds out when it is back.</summary>
public sealed class HubInference : IDisposable
{
    private static readonly TimeSpan ProbePatience = TimeSpan.FromSeconds(1);

    private readonly HubChannel _channel;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly CircuitBreakerStateProvider _breaker = new();
    private readonly ResiliencePipeline<OffloadResult> _guarded;
    private readonly double[] _recentRtt = new double[5];
    private int _rttCount;

    public HubInference(HubChannel channel, TimeProvider clock, ILogger<HubInference> logger)
    {
        (_channel, _clock, _logger) = (channel, clock, logger);
        _guarded = new ResiliencePipelineBuilder<OffloadResult> { TimeProvider = clock }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<OffloadResult>
            {
                FailureRatio = 0.5,
                MinimumThroughput = 4,
                SamplingDuration = TimeSpan.FromSeconds(3),
                BreakDuration = TimeSpan.FromSeconds(1),
                StateProvider = _breaker,
                ShouldHandle = static outcome =>
                    ValueTask.FromResult(outcome.Outcome.Result is OffloadResult.TooLate or OffloadResult.Unreachable),
                OnOpened = _ => Say(HubInferenceLog.Opened),
                OnClosed = _ => Say(HubInferenceLog.Closed),
            })
            .Build();
    }

    /// <summary>The hub answered lately; while false, asking it would only waste the deadline.</summary>
    public bool IsReachable => _breaker.CircuitState == CircuitState.Closed;

    /// <summary>Median round trip of the last few probes, seconds; 0 while unknown.</summary>
    public double RttSeconds { get; private set; }

    /// <summary>Asks for one answer. Never throws for what a network or a hub may do.</summary>
    /// <param name="features">The model's input, shape (N,); copied before the first await.</param>
    /// <param name="remaining">What is left of the deadline.</param>
    public async Task<OffloadResult> AskAsync(
        HubQuestion question, float[] features, TimeSpan remaining, CancellationToken cancellation)
    {
        if (remaining <= TimeSpan.Zero)
            return OffloadResult.TooLate.Instance;
        var request = question.ToRequest(features, remaining);
        try
        {
            return await _guarded.ExecuteAsync(
                static (state, token) =>
                    state.Self.CallAsync(state.question, state.request, state.features, state.remaining, token),
                (Self: this, question, request, features, remaining), cancellation).ConfigureAwait(false);
        }
        catch (BrokenCircuitException)
        {
            return new OffloadResult.Unreachable("the hub failed lately and is left alone for a moment");
        }
    }

    /// <summary>Measures the round trip of a small call; closes the breaker again when the hub is back.</summary>
    public async Task ProbeAsync(CancellationToken cancellation)
    {
        var started = _clock.GetTimestamp();
        OffloadResult result;
        try
        {
            result = await _guarded.ExecuteAsync(ProbeOnceAsync, cancellation).ConfigureAwait(false);
        }
        catch (BrokenCircuitException)
        {
            return;
        }

        if (result is not OffloadResult.Refused { Reason: "" })
            return;
        _recentRtt[_rttCount++ % _recentRtt.Length] = _clock.GetElapsedTime(started).TotalSeconds;
        var known = _recentRtt.Take(_rttCount).Order().ToArray();
        RttSeconds = known[known.Length / 2];
    }

    /// <summary>True when the hub says that it has this model loaded; false as well when it cannot be asked.</summary>
    public async Task<bool> IsReadyAsync(ModelReference model, CancellationToken cancellation)
    {
        try
        {
            var options = new CallOptions(deadline: DeadlineIn(ProbePatience), cancellationToken: cancellation);
            var request = new ModelReadyRequest { Name = model.Name, Version = model.Version };
            return (await _channel.Client.ModelReadyAsync(request, options).ConfigureAwait(false)).Ready;
        }
        catch (RpcException)
        {
            return false;
        }
    }

    /// <summary>Asks for an answer to a window of zeros, twice: the first pays for what every first call pays for, the
    /// second shows that the way is clear.</summary>
    public async Task<bool> RehearseAsync(HubQuestion question, CancellationToken cancellation)
    {
        var zeros = new float[question.FeatureCount];
        for (var round = 0; round < 2; round++)
        {
            var result = await AskAsync(question, zeros, ProbePatience, cancellation).ConfigureAwait(false);
            if (result is not OffloadResult.Answered)
                return false;
        }

        return true;
    }

    public void Dispose() => _channel.Dispose();

    // A probe brings no answer: a hub that is alive "refuses" with no reason, which the breaker counts as a success.
    private async ValueTask<OffloadResult> ProbeOnceAsync(CancellationToken cancellation)
    {
        try
        {
            var options = new CallOptions(deadline: DeadlineIn(ProbePatience), cancellationToken: cancellation);
            var reply = await _channel.Client.ServerLiveAsync(new ServerLiveRequest(), options).ConfigureAwait(false);
            return reply.Live
                ? new OffloadResult.Refused("")
                : new OffloadResult.Unreachable("the hub says that it is not live");
        }
        catch (RpcException fault)
        {
            return Explain(fault, cancellation);
        }
    }

    private async ValueTask<OffloadResult> CallAsync(
        HubQuestion question, ModelInferRequest request, float[] features, TimeSpan remaining,
        CancellationToken cancellation)
    {
        try
        {
            var options = new CallOptions(deadline: DeadlineIn(remaining), cancellationToken: cancellation);
            var reply = await _channel.Client.ModelInferAsync(request, options).ConfigureAwait(false);
            return question.Read(reply, features);
        }
        catch (RpcException fault)
        {
            return Explain(fault, cancellation);
        }
    }

    private DateTime DeadlineIn(TimeSpan remaining) => _clock.GetUtcNow().UtcDateTime + remaining;

    private static OffloadResult Explain(RpcException fault, CancellationToken cancellation) => fault.StatusCode switch
    {
        StatusCode.Cancelled when cancellation.IsCancellationRequested => new OffloadResult.Refused("the agent stops"),
        StatusCode.DeadlineExceeded => OffloadResult.TooLate.Instance,
        StatusCode.Unavailable or StatusCode.Internal or StatusCode.Cancelled or StatusCode.Unknown =>
            new OffloadResult.Unreachable($"{fault.StatusCode}: {fault.Status.Detail}"),
        _ => new OffloadResult.Refused($"{fault.StatusCode}: {fault.Status.Detail}"),
    };

    private ValueTask Say(Action<ILogger, Uri> sentence)
    {
        sentence(_logger, _channel.Address);
        return ValueTask.CompletedTask;
    }
}

internal static partial class HubInferenceLog
{
    [LoggerMessage(1, LogLevel.Warning,
        "The hub at {Address} does not answer in time: the device answers everything itself")]
    public static partial void Opened(ILogger logger, Uri address);

    [LoggerMessage(2, LogLevel.Information, "The hub at {Address} answers again")]
    public static partial void Closed(ILogger logger, Uri address);
}
