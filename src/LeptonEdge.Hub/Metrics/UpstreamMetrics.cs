using LeptonEdge.Core.Metrics;
using LeptonEdge.Serving.Upstream;

namespace LeptonEdge.Hub.Metrics;

/// <summary>The part of <c>/metrics</c> about upstream servers; nothing where there are none.</summary>
internal static class UpstreamMetrics
{
    public static void Write(IMetricSink sink, UpstreamPools pools)
    {
        if (pools.All.Count == 0)
            return;
        Gauge("lepton_hub_upstream_up", "1 while the server's checks find it there.", server => server.IsUp ? 1 : 0);
        Gauge(
            "lepton_hub_upstream_ejected", "1 while the server is left alone because its calls fail.",
            server => server.IsEjected ? 1 : 0);
        Gauge("lepton_hub_upstream_in_flight", "Inferences at the server now.", server => server.InFlight);
        Gauge("lepton_hub_upstream_seconds", "What an inference has lately taken there.", server => server.Seconds);
        const string Hedges = "lepton_hub_upstream_hedges_total";
        sink.Family(Hedges, "Inferences sent to the server because another was slow.", MetricKind.Counter);
        foreach (var (pool, server) in All())
            sink.Sample(server.Counters.Hedges, ("pool", pool), ("server", NameOf(server)));
        const string Calls = "lepton_hub_upstream_requests_total";
        sink.Family(Calls, "Inferences at the server, by status.", MetricKind.Counter);
        foreach (var (pool, server) in All())
        {
            foreach (var (status, count) in server.Counters.ByStatus)
                sink.Sample(count, ("pool", pool), ("server", NameOf(server)), ("status", status));
        }

        void Gauge(string name, string help, Func<UpstreamServer, double> value)
        {
            sink.Family(name, help, MetricKind.Gauge);
            foreach (var (pool, server) in All())
                sink.Sample(value(server), ("pool", pool), ("server", NameOf(server)));
        }

        IEnumerable<(string Pool, UpstreamServer Server)> All() =>
            pools.All.SelectMany(pool => pool.Servers.Select(server => (pool.Options.Name, server)));
    }

    private static string NameOf(UpstreamServer server) => server.Address.Authority;
}
