using LeptonEdge.Core.Identity;
using Polly;
using Polly.Hedging;
using Polly.Retry;

namespace LeptonEdge.Agent.Offload;

/// <summary>Asks the hub for answers over the Open Inference Protocol. A window has one call, and at most a second one:
/// over another connection or to another hub when the first takes longer than usual or finds its hub away, or again
/// when a busy hub has said when. Second calls of all workloads together keep to a budget.</summary>
public sealed class HubInference : IDisposable
{
    private const double RepeatShare = 0.1;
    private const double RepeatsSavedMax = 10;

    private static readonly TimeSpan RehearsalPatience = TimeSpan.FromSeconds(1);
    private static readonly ResiliencePropertyKey<HubCall> CallKey = new("call");

    private readonly IReadOnlyList<HubEndpoint> _hubs;
    private readonly TimeProvider _clock;
    private readonly CallBudget _budget = new(RepeatShare, RepeatsSavedMax);
    private readonly ResiliencePipeline<OffloadResult> _asking;
    private volatile HubEndpoint _preferred;

    /// <param name="hubs">At least one, in order of preference.</param>
    public HubInference(IReadOnlyList<HubEndpoint> hubs, TimeProvider clock)
    {
        (_hubs, _clock, _preferred) = (hubs, clock, hubs[0]);
        _asking = new ResiliencePipelineBuilder<OffloadResult> { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions<OffloadResult>
            {
                MaxRetryAttempts = 1,
                ShouldHandle = args => ValueTask.FromResult(MayRetry(CallOf(args.Context), args.Outcome.Result)),
                DelayGenerator = args => ValueTask.FromResult(PauseBefore(CallOf(args.Context), args.Outcome.Result)),
            })
            .AddHedging(new HedgingStrategyOptions<OffloadResult>
            {
                MaxHedgedAttempts = 1,
                ShouldHandle = static args => ValueTask.FromResult(args.Outcome.Result is OffloadResult.Unreachable),
                DelayGenerator = args => ValueTask.FromResult(HedgeDelay(CallOf(args.Context))),
                ActionGenerator = Hedge,
            })
            .Build();
    }

    /// <summary>A hub answered lately; while false, asking would only waste the deadline.</summary>
    public bool IsReachable
    {
        get
        {
            for (var i = 0; i < _hubs.Count; i++)
            {
                if (_hubs[i].IsReachable)
                    return true;
            }

            return false;
        }
    }

    /// <summary>Median round trip of the last few probes of the hub in use, seconds; 0 while unknown.</summary>
    public double RttSeconds => _preferred.RttSeconds;

    /// <summary>Asks for one answer. Never throws for what a network or a hub may do.</summary>
    /// <param name="window">Unchanged until the answer is there.</param>
    /// <param name="remaining">What is left of the deadline.</param>
    /// <param name="mayRepeat">A second call may be made for it, as the budget allows.</param>
    public async Task<OffloadResult> AskAsync(
        HubQuestion question, HubWindow window, TimeSpan remaining, CancellationToken cancellation,
        bool mayRepeat = true)
    {
        if (remaining <= TimeSpan.Zero)
            return OffloadResult.TooLate.Instance;
        var call = new HubCall(
            question, question.ToRequest(window, remaining), window.Features, _clock.GetTimestamp(), remaining,
            mayRepeat);
        _budget.Earn();
        var context = ResilienceContextPool.Shared.Get(cancellation);
        context.Properties.Set(CallKey, call);
        try
        {
            return await _asking.ExecuteAsync(
                static (context, self) => self.FirstAsync(CallOf(context), context.CancellationToken), context, this)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return new OffloadResult.Refused("the agent stops");
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <summary>Measures every hub's round trip, finds those that are back, and returns to the first that is
    /// alive.</summary>
    public async Task ProbeAsync(CancellationToken cancellation)
    {
        var alive = await Task.WhenAll(_hubs.Select(hub => hub.ProbeAsync(cancellation))).ConfigureAwait(false);
        var first = Array.IndexOf(alive, true);
        if (first >= 0)
            _preferred = _hubs[first];
    }

    /// <summary>True when a hub says that it has this model loaded; false as well when it cannot be asked.</summary>
    public Task<bool> IsReadyAsync(ModelReference model, CancellationToken cancellation) =>
        Choose(null).IsReadyAsync(model, cancellation);

    /// <summary>Asks for an answer to a window of zeros, twice: the first pays for what every first call pays for, the
    /// second shows that the way is clear, and how quick it is.</summary>
    public async Task<bool> RehearseAsync(HubQuestion question, CancellationToken cancellation)
    {
        var zeros = question.Zeros();
        for (var round = 0; round < 2; round++)
        {
            var start = _clock.GetTimestamp();
            var result = await AskAsync(question, zeros, RehearsalPatience, cancellation, mayRepeat: false)
                .ConfigureAwait(false);
            if (result is not OffloadResult.Answered)
                return false;
            if (round > 0)
                question.Pace.Record(_clock.GetElapsedTime(start));
        }

        return true;
    }

    public void Dispose()
    {
        foreach (var hub in _hubs)
            hub.Dispose();
    }

    private static HubCall CallOf(ResilienceContext context) => context.Properties.GetValue(CallKey, null!);

    private async ValueTask<OffloadResult> FirstAsync(HubCall call, CancellationToken cancellation)
    {
        var hub = Choose(call.Busy);
        call.First = hub;
        var result = await hub.CallAsync(call, spare: false, cancellation).ConfigureAwait(false);
        if (result is OffloadResult.Refused { RetryAfter: not null })
            call.Busy = hub;
        return result;
    }

    /// <summary>The preferred hub or the next that works; not the given one, unless there is no other.</summary>
    private HubEndpoint Choose(HubEndpoint? not)
    {
        var preferred = _preferred;
        if (preferred != not && preferred.IsReachable)
            return preferred;
        return _hubs.FirstOrDefault(hub => hub != not && hub.IsReachable) ?? not ?? preferred;
    }

    private bool MayRetry(HubCall call, OffloadResult? result)
    {
        if (!call.MayRepeat || result is not OffloadResult.Refused { RetryAfter: { } hint })
            return false;
        var pause = Choose(call.Busy) == call.Busy ? hint : TimeSpan.Zero;
        if (!LeavesTimeFor(call, pause) || !_budget.TrySpend())
            return false;
        call.MayRepeat = false;
        call.Question.Tally.Retried();
        return true;
    }

    // Another hub has not asked for patience.
    private TimeSpan? PauseBefore(HubCall call, OffloadResult? result) =>
        Choose(call.Busy) == call.Busy ? (result as OffloadResult.Refused)?.RetryAfter : TimeSpan.Zero;

    /// <summary>A call that starts after the pause would usually still be answered in time.</summary>
    private bool LeavesTimeFor(HubCall call, TimeSpan pause)
    {
        var usual = call.Question.Pace.Quantile(0.5) ?? TimeSpan.FromSeconds(RttSeconds);
        return call.Left(_clock) - pause > usual;
    }

    /// <summary>When nine in ten calls would have been answered, and a little more.</summary>
    private TimeSpan HedgeDelay(HubCall call)
    {
        var slow = call.Question.Pace.Quantile(0.9) * 1.25 ?? call.Patience / 3;
        // Negative: a second call only if the first one fails.
        return call.MayRepeat && LeavesTimeFor(call, slow) ? slow : Timeout.InfiniteTimeSpan;
    }

    private Func<ValueTask<Outcome<OffloadResult>>>? Hedge(HedgingActionGeneratorArguments<OffloadResult> args)
    {
        var call = CallOf(args.PrimaryContext);
        if (!call.MayRepeat || call.First is not { } first || !LeavesTimeFor(call, TimeSpan.Zero))
            return null;
        var other = Choose(first);
        if (!other.IsReachable || !_budget.TrySpend())
            return null;
        call.MayRepeat = false;
        call.Question.Tally.Hedged();
        var token = args.ActionContext.CancellationToken;
        return async () => Outcome.FromResult(
            await SecondAsync(call, other, spare: other == first, token).ConfigureAwait(false));
    }

    private async Task<OffloadResult> SecondAsync(
        HubCall call, HubEndpoint hub, bool spare, CancellationToken cancellation)
    {
        var result = await hub.CallAsync(call, spare, cancellation).ConfigureAwait(false);
        if (!spare && result is OffloadResult.Answered)
            _preferred = hub;
        return result;
    }
}
