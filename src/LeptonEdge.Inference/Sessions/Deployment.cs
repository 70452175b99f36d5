using System.Collections.Concurrent;
using LeptonEdge.Core.Metrics;
using LeptonEdge.Inference.Bundles;

namespace LeptonEdge.Inference.Sessions;

/// <summary>
/// One version of one model in a <see cref="ModelHost"/>: the weights and a pool of sessions over them. It lives until
/// it is retired and the last caller who held a lease has left.
/// </summary>
internal sealed class Deployment
{
    private readonly LoadedModel _model;
    private readonly ConcurrentBag<ModelSession> _free = [];
    private readonly SemaphoreSlim _permits;
    private readonly List<ModelSession> _sessions = [];
    private readonly int _leasesMax;

    // One for the host itself, given back when it retires this version.
    private int _leases = 1;

    private Deployment(LoadedModel model, ModelHostOptions options)
    {
        _model = model;
        _leasesMax = 1 + options.SessionsPerModel + options.WaitingMax;
        _permits = new SemaphoreSlim(options.SessionsPerModel);
    }

    public ModelManifest Manifest => _model.Manifest;

    public LatencyHistogram Latency { get; } = new();

    public static Deployment Open(ModelBundle bundle, ModelSessionOptions session, ModelHostOptions options)
    {
        var deployment = new Deployment(LoadedModel.Open(bundle, session), options);
        try
        {
            for (var i = 0; i < options.SessionsPerModel; i++)
                deployment._sessions.Add(new ModelSession(deployment._model, ownsModel: false));
            deployment._sessions[0].Prove(bundle.Folder);
            foreach (var lane in deployment._sessions)
                deployment._free.Add(lane);
            return deployment;
        }
        catch
        {
            deployment.Dispose();
            throw;
        }
    }

    public HostedModel Describe() => new(
        Manifest.Reference, Manifest, _model.Variant, _model.Provider,
        Math.Max(Volatile.Read(ref _leases) - 1 - _sessions.Count, 0), Latency.Count, Latency.Percentile(0.5),
        Latency.Percentile(0.99));

    /// <summary>Takes a place among the callers.</summary>
    public LeaseOutcome TryLease()
    {
        for (var seen = Volatile.Read(ref _leases); ;)
        {
            if (seen == 0)
                return LeaseOutcome.Retired;
            if (seen >= _leasesMax)
                return LeaseOutcome.Full;
            var before = Interlocked.CompareExchange(ref _leases, seen + 1, seen);
            if (before == seen)
                return LeaseOutcome.Leased;
            seen = before;
        }
    }

    /// <summary>Waits for a free session; the caller holds a lease.</summary>
    public async ValueTask<ModelSession> TakeAsync(CancellationToken cancellation)
    {
        await _permits.WaitAsync(cancellation);
        return _free.TryTake(out var session)
            ? session
            : throw new InvalidOperationException("a permit without a session");
    }

    public void Return(ModelSession session)
    {
        _free.Add(session);
        _permits.Release();
    }

    /// <summary>Gives a lease back, or, once, the host's own; the last one out frees the model.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _leases) == 0)
            Dispose();
    }

    private void Dispose()
    {
        foreach (var session in _sessions)
            session.Dispose();
        _model.Dispose();
        _permits.Dispose();
    }
}

internal enum LeaseOutcome
{
    Leased,
    Full,
    Retired,
}
