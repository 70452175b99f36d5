using System.Diagnostics;

namespace LeptonEdge.Core.Tracing;

/// <summary>The spans of the way from a sensor's window to the hub's store. While nobody listens, each costs one
/// look at a field and allocates nothing.</summary>
/// <remarks>Context travels as W3C trace context (https://www.w3.org/TR/trace-context/): random numbers that say
/// nothing of what was measured.</remarks>
public static class Traces
{
    public const string SourceName = "LeptonEdge";

    /// <summary>Name of the context in MQTT's user properties and gRPC's metadata.</summary>
    public const string ParentKey = "traceparent";

    /// <summary>Windows that one batch names, at most; whoever has more keeps the first.</summary>
    public const int LinksMax = 32;

    private const int ParentLength = 55;

    public static readonly ActivitySource Source = new(SourceName);

    /// <summary>Somebody wants spans.</summary>
    public static bool On => Source.HasListeners();

    /// <summary>Begins a span that stands by itself: whatever else this thread does is not within it. Stop it by
    /// <see cref="Activity.Stop"/>, on any thread.</summary>
    /// <param name="parent">Of another thread or process; default begins a trace.</param>
    /// <returns>Null when nobody listens, or the trace is not sampled.</returns>
    public static Activity? Begin(
        string name, ActivityKind kind, ActivityContext parent, IEnumerable<ActivityLink>? links = null,
        DateTimeOffset startTime = default)
    {
        if (!On)
            return null;
        var before = Activity.Current;
        // With no parent given, one would be taken from the thread.
        Activity.Current = null;
        var span = Source.StartActivity(name, kind, parent, tags: null, links, startTime);
        Activity.Current = before;
        return span is { Recorded: true } ? span : null;
    }

    /// <summary>Begins a span within another: what follows on this thread is within it until it is
    /// disposed.</summary>
    /// <returns>Null when there is no other.</returns>
    public static Activity? Within(Activity? parent, string name, ActivityKind kind = ActivityKind.Internal) =>
        parent is null ? null : Source.StartActivity(name, kind, parent.Context);

    /// <summary>What this thread logs until the end of the using is of that span.</summary>
    public static Entered Enter(Activity? span) => new(span);

    /// <summary>The span that this thread is within, if its trace is sampled.</summary>
    public static Activity? Current => Activity.Current is { Recorded: true } span ? span : null;

    /// <param name="text">A <c>traceparent</c> of another process; whatever else it may be.</param>
    /// <returns>Default when it is none, or says that the trace is not sampled.</returns>
    public static ActivityContext Read(string? text) =>
        text is { Length: ParentLength } && ActivityContext.TryParse(text, null, isRemote: true, out var context)
            && context.TraceFlags.HasFlag(ActivityTraceFlags.Recorded)
            ? context
            : default;

    /// <summary>Takes <see cref="Enter"/> back when it is disposed.</summary>
    public readonly struct Entered : IDisposable
    {
        private readonly Activity? _before;
        private readonly bool _entered;

        internal Entered(Activity? span)
        {
            if (span is null)
                return;
            (_before, _entered) = (Activity.Current, true);
            Activity.Current = span;
        }

        public void Dispose()
        {
            if (_entered)
                Activity.Current = _before;
        }
    }

    /// <summary>Ends a span that came to nothing.</summary>
    public static void Fail(Activity? span, string reason)
    {
        span?.SetStatus(ActivityStatusCode.Error, reason);
        span?.Stop();
    }
}
