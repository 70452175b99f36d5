using System.Collections.Concurrent;
using LeptonEdge.Core.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LeptonEdge.Hub.Metrics;

/// <summary>How many HTTP requests came and how long they took, by route, method and class of status. Inference over gRPC has
/// figures of its own, and a live stream no time: neither is counted here. Any thread.</summary>
internal sealed class HttpMeters(TimeProvider clock)
{
    // Each is some 4 KiB and 27 series; what comes after them is counted as of no route.
    private const int SeriesMax = 150;
    private const string Other = "other";

    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
    private static readonly string[] Classes = [Other, "1xx", "2xx", "3xx", "4xx", "5xx"];
    private readonly ConcurrentDictionary<(string Route, string Method, string Status), LatencyHistogram> _series = [];
    private int _underWay;

    public async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) is true)
        {
            await next(context).ConfigureAwait(false);
            return;
        }

        var started = clock.GetTimestamp();
        Interlocked.Increment(ref _underWay);
        try
        {
            await next(context).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
            var status = context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted
                ? 0
                : context.Response.StatusCode;
            if (context.Response.ContentType is not "text/event-stream")
                Count(RouteOf(context), context.Request.Method, status, clock.GetElapsedTime(started));
        }
    }

    /// <param name="route">Its template: an address would let a stranger grow this table.</param>
    public void Count(string route, string method, int status, TimeSpan elapsed)
    {
        method = Methods.Contains(method) ? method : Other;
        var about = Classes[status / 100 is var hundred and >= 1 and <= 5 ? hundred : 0];
        if (!_series.TryGetValue((route, method, about), out var histogram))
            histogram = _series.GetOrAdd(
                _series.Count < SeriesMax ? (route, method, about) : (Other, Other, about), static _ => new LatencyHistogram());
        histogram.Record(elapsed);
    }

    public void Write(IMetricSink sink)
    {
        sink.Gauge("lepton_hub_http_requests_in_flight", "HTTP requests under way, live streams included.",
            Volatile.Read(ref _underWay));
        sink.Family("lepton_hub_http_request_duration_seconds",
            "Time of an HTTP request, by route, method and class of status.", MetricKind.Histogram);
        foreach (var ((route, method, status), histogram) in _series)
            sink.Histogram(histogram, ("route", route), ("method", method), ("status", status));
    }

    private static string RouteOf(HttpContext context) =>
        (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText is { Length: > 0 } route
            ? route[0] == '/' ? route : "/" + route
            : Other;
}
