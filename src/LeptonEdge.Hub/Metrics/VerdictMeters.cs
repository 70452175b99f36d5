using System.Collections.Concurrent;
using LeptonEdge.Core.Metrics;
using LeptonEdge.Core.Plans;
using LeptonEdge.Core.Records;

namespace LeptonEdge.Hub.Metrics;

/// <summary>How the verdicts that were stored kept their deadlines, by workload and place. Any thread; counting
/// takes no lock.</summary>
internal sealed class VerdictMeters
{
    // Each is some 4 KiB and 20 series; what comes after them is counted as of no workload.
    public const int WorkloadsMax = 500;

    private readonly ConcurrentDictionary<(string Workload, Place Place), Account> _accounts = [];

    public void Add(IReadOnlyList<Verdict> verdicts)
    {
        foreach (var verdict in verdicts)
        {
            var account = Find(verdict.Workload.Value, verdict.Place);
            account.Latency.Record(TimeSpan.FromMicroseconds(verdict.LatencyMicros));
            if (verdict.Late)
                Interlocked.Increment(ref account.Late);
        }
    }

    public void Write(IMetricSink sink)
    {
        var all = _accounts.ToArray();
        sink.Family("lepton_verdicts_late_total", "Stored verdicts that came after their deadline.",
            MetricKind.Counter);
        foreach (var ((workload, place), account) in all)
            sink.Sample(Interlocked.Read(ref account.Late), ("workload", workload), ("place", NameOf(place)));
        sink.Family("lepton_verdict_seconds", "From a window being complete to its verdict, of stored verdicts.",
            MetricKind.Histogram);
        foreach (var ((workload, place), account) in all)
            sink.Histogram(account.Latency, ("workload", workload), ("place", NameOf(place)));
    }

    private Account Find(string workload, Place place)
    {
        if (_accounts.TryGetValue((workload, place), out var account))
            return account;
        return _accounts.GetOrAdd(
            (_accounts.Count < WorkloadsMax ? workload : "", place), static _ => new Account());
    }

    private static string NameOf(Place place) => place switch
    {
        Place.Hub => "hub",
        Place.Peer => "peer",
        _ => "local",
    };

    private sealed class Account
    {
        public long Late;

        public LatencyHistogram Latency { get; } = new();
    }
}
