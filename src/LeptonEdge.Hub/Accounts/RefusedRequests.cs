using LeptonEdge.Core.Metrics;
using LeptonEdge.Hub.Audit;
using LeptonEdge.Storage.Hubs;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LeptonEdge.Hub.Accounts;

/// <summary>Why a request got no further than the gate.</summary>
internal enum Refusal
{
    /// <summary>The hub does not know who asks.</summary>
    Unknown,
    Role,
    Site,
    Scope,
    Csrf,

    /// <summary>More requests than are taken from one caller.</summary>
    Rate,
}

/// <summary>Counts what the gate refuses, says it in the hub's log, and writes down in the audit log who was refused
/// what. However many there are, log and audit log take a few of them.</summary>
internal sealed partial class RefusedRequests(
    RefusalBook book, AuditLog audit, TimeProvider clock, ILogger<RefusedRequests> logger)
{
    private static readonly string[] s_names = [.. Enum.GetNames<Refusal>().Select(name => name.ToLowerInvariant())];
    private static readonly long s_sayEvery = TimeSpan.FromSeconds(10).Ticks;

    private readonly long[] _counts = new long[s_names.Length];
    private readonly long[] _said = new long[s_names.Length];
    private readonly long[] _saidAt = new long[s_names.Length];

    public void Add(HttpContext context, Refusal why)
    {
        Interlocked.Increment(ref _counts[(int)why]);
        Say(context, why);
        // Who nobody knows asks for nothing that could be told from noise; who asks too much is counted.
        if (why is Refusal.Unknown or Refusal.Rate)
            return;
        var (actor, kind) = Who.Asks(context);
        try
        {
            book.Add(audit.Make(
                actor, kind, Who.Address(context), ActionOf(context), PathOf(context), null,
                new AuditedRefusal(s_names[(int)why]), AuditOutcome.Refused));
        }
        catch (HubStoreException fault)
        {
            LogLost(fault.Message);
        }
    }

    public void Write(IMetricSink sink)
    {
        sink.Family("lepton_hub_requests_refused_total", "Requests that got no further than the gate, by reason.",
            MetricKind.Counter);
        for (var i = 0; i < s_names.Length; i++)
            sink.Sample(Interlocked.Read(ref _counts[i]), ("reason", s_names[i]));
    }

    private static string ActionOf(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<AuditRule>()?.Action ?? "access";

    private static string PathOf(HttpContext context) => $"{context.Request.Method} {context.Request.Path}";

    private void Say(HttpContext context, Refusal why)
    {
        var (now, at) = (clock.GetUtcNow().Ticks, Interlocked.Read(ref _saidAt[(int)why]));
        if (now - at < s_sayEvery || Interlocked.CompareExchange(ref _saidAt[(int)why], now, at) != at)
            return;
        var count = Interlocked.Read(ref _counts[(int)why]);
        LogRefused(
            s_names[(int)why], PathOf(context), Who.Asks(context).Actor, Who.Address(context),
            count - Interlocked.Exchange(ref _said[(int)why], count) - 1);
    }

    [LoggerMessage(1, LogLevel.Warning, "Refused ({Reason}): {Request} by {Caller} from {Address}; {More} more since the last")]
    private partial void LogRefused(string reason, string request, string caller, string address, long more);

    [LoggerMessage(2, LogLevel.Error, "A refusal could not be written to the audit log: {Fault}")]
    private partial void LogLost(string fault);
}
