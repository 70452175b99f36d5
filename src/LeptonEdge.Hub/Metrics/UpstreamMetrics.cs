using LeptonEdge.Serving.Upstream;

namespace LeptonEdge.Hub.Metrics;

/// <summary>The part of <c>/metrics</c> about upstream servers; nothing where there are none.</summary>
internal static class UpstreamMetrics
{
    public static void Write(PrometheusText text, UpstreamPools pools)
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
        text.Family(Hedges, "Inferences sent to the server because another was slow.", "counter");
        foreach (var (pool, server) in All())
            text.Sample(Hedges, server.Counters.Hedges, ("pool", pool), ("server", NameOf(server)));
        const string Calls = "lepton_hub_upstream_requests_total";
        text.Family(Calls, "Inferences at the server, by status.", "counter");
        foreach (var (pool, server) in All())
        {
            foreach (var (status, count) in server.Counters.ByStatus)
                text.Sample(Calls, count, ("pool", pool), ("server", NameOf(server)), ("status", status));
        }

        void Gauge(string name, string help, Func<UpstreamServer, double> value)
        {
            text.Family(name, help, "gauge");
            foreach (var (pool, server) in All())
                text.Sample(name, value(server), ("pool", pool), ("server", NameOf(server)));
        }

        IEnumerable<(string Pool, UpstreamServer Server)> All() =>
            pools.All.SelectMany(pool => pool.Servers.Select(server => (pool.Options.Name, server)));
    }

    private static string NameOf(UpstreamServer server) => server.Address.Authority;
}
