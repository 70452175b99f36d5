using LeptonEdge.Core.Identity;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Agent.Offload;

/// <summary>The ways to other devices of the site that the plan sends work to: each is probed while it is in use, so
/// that a peer that died costs no window its deadline, and closed once no workload needs it.</summary>
public sealed class PeerLinks(AgentIdentity identity, TimeProvider clock, ILogger<HubEndpoint> logger)
    : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);

    // Longer than any deadline: windows under way keep the route that they started on.
    private static readonly TimeSpan LingerMax = TimeSpan.FromMinutes(2);

    private readonly Lock _gate = new();
    private readonly Dictionary<(DeviceId Peer, Uri Address), Entry> _links = [];

    /// <summary>The way to a peer; opened if there is none.</summary>
    /// <param name="address">Where it answers; it must prove there that it is the peer.</param>
    public HubInference Open(DeviceId peer, Uri address)
    {
        lock (_gate)
        {
            if (!_links.TryGetValue((peer, address), out var entry))
                _links[(peer, address)] = entry = new Entry(new HubInference(
                    [new HubEndpoint(address, identity.Certificate!, identity.Roots!, clock, logger, peer)], clock));
            entry.UnusedSince = null;
            return entry.Link;
        }
    }

    /// <summary>Every way but those given is needed no longer; it is closed when nothing can be under way on it.</summary>
    public void Keep(IReadOnlyCollection<HubInference> used)
    {
        lock (_gate)
        {
            foreach (var entry in _links.Values)
            {
                if (used.Contains(entry.Link))
                    entry.UnusedSince = null;
                else
                    entry.UnusedSince ??= clock.GetTimestamp();
            }
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        lock (_gate)
        {
            foreach (var entry in _links.Values)
                entry.Link.Dispose();
            _links.Clear();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.WhenAll(InUse().Select(link => link.ProbeAsync(stoppingToken))).ConfigureAwait(false);
            await Task.Delay(Every, clock, stoppingToken).ConfigureAwait(false);
        }
    }

    private List<HubInference> InUse()
    {
        lock (_gate)
        {
            foreach (var (key, entry) in _links)
            {
                if (entry.UnusedSince is { } since && clock.GetElapsedTime(since) > LingerMax && _links.Remove(key))
                    entry.Link.Dispose();
            }

            return [.. _links.Values.Where(entry => entry.UnusedSince is null).Select(entry => entry.Link)];
        }
    }

    private sealed class Entry(HubInference link)
    {
        public HubInference Link => link;

        /// <summary>A timestamp of the clock; null while a workload uses it.</summary>
        public long? UnusedSince { get; set; }
    }
}
