using LeptonEdge.Serving.Models;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Serving.Upstream;

/// <summary>All pools, in the order of the configuration; the first that names a model has it.</summary>
public sealed class UpstreamPools : BackgroundService
{
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;

    /// <exception cref="IOException">A file of the options cannot be read.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">A PEM file holds no
    /// certificate.</exception>
    public UpstreamPools(ServingOptions options, TimeProvider clock, ILogger<UpstreamPools> logger)
    {
        (_clock, _logger) = (clock, logger);
        All = [.. options.Upstreams.Select(pool => new UpstreamPool(pool, clock, logger) { Meter = options.Meter })];
    }

    public IReadOnlyList<UpstreamPool> All { get; }

    /// <summary>The pool that answers for a model; null where none does.</summary>
    public UpstreamPool? Find(string model)
    {
        foreach (var pool in All)
        {
            if (pool.Options.Serves(model))
                return pool;
        }

        return null;
    }

    /// <summary>The pool of a name, if it answers for the model.</summary>
    public UpstreamPool? Find(string name, string model) =>
        All.FirstOrDefault(pool => pool.Options.Name == name && pool.Options.Serves(model));

    /// <summary>The models of all pools, as their last checks found them.</summary>
    public IEnumerable<IndexEntry> Index() => All.SelectMany(
        pool => pool.Index().Where(entry => Find(entry.Name) == pool));

    public override void Dispose()
    {
        base.Dispose();
        foreach (var pool in All)
            pool.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        from pool in All
        from server in pool.Servers
        select new UpstreamWatch(pool, server, _clock, _logger).RunAsync(stoppingToken));
}
