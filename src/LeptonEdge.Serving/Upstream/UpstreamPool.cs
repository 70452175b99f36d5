using System.Collections.Concurrent;
using Grpc.Core;
using LeptonEdge.Protocol.Inference;
using LeptonEdge.Serving.Models;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Serving.Upstream;

/// <summary>The servers that answer for some models, and what is known of those models. Any thread.</summary>
public sealed class UpstreamPool : IDisposable
{
    // Names come from clients: only what a server has described is kept, and not without end.
    internal const int ModelsMax = 256;

    // One call in ten may be asked twice, and a few more after a quiet time: a slow pool is not to get twice the work.
    private const int HedgeCost = 10;
    private const int HedgeCreditMax = 100;

    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<(string Name, string Version), ModelMetadataResponse> _described = new();
    private readonly ConcurrentDictionary<string, RunCounters> _counters = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, UpstreamPace> _paces = new(StringComparer.Ordinal);
    private int _hedgeCredit = HedgeCreditMax;

    /// <exception cref="IOException">A file of the options cannot be read.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">A PEM file holds no
    /// certificate.</exception>
    public UpstreamPool(UpstreamOptions options, TimeProvider clock, ILogger logger)
    {
        (Options, _clock) = (options, clock);
        Token = options.TokenFile is { } file ? File.ReadAllText(file).Trim() : null;
        Servers = [.. options.Servers.Select(address => new UpstreamServer(options, address, clock, logger))];
        foreach (var name in options.Models.Where(pattern => !pattern.AsSpan().ContainsAny('*', '?')))
            _counters[name] = new RunCounters();
    }

    public UpstreamOptions Options { get; }

    public IReadOnlyList<UpstreamServer> Servers { get; }

    /// <summary>Told of work that it did for nobody.</summary>
    internal Action<ServedWork> Meter { get; init; } = static _ => { };

    /// <summary>A server is there that takes calls.</summary>
    public bool IsUp => Servers.Any(Answers);

    /// <summary>Calls that its servers answer side by side, those that are there.</summary>
    public double Calls => Servers.Where(Answers).Sum(server =>
        Math.Min(Options.InFlightMax, Options.Concurrency ?? server.Width.Calls));

    /// <summary>Calls at its servers now.</summary>
    public int InFlight => Servers.Sum(server => server.InFlight);

    /// <summary>Models that a plan may send here.</summary>
    internal IEnumerable<string> Wanted => _paces.Keys;

    /// <summary>Mean and 99th percentile of a call for a model, seconds, the way to the server within; from now on it is
    /// kept track of. Null while no server has it ready, or nothing is known of it.</summary>
    public (double MeanSeconds, double P99Seconds)? Cost(string model)
    {
        if (!Options.Serves(model) || (_paces.Count >= ModelsMax && !_paces.ContainsKey(model)))
            return null;
        var pace = PaceOf(model);
        return Servers.Any(server => Answers(server) && server.IsReady(model) == true) ? pace.Read() : null;
    }

    internal UpstreamPace PaceOf(string model) => _paces.GetOrAdd(model, _ => new UpstreamPace(_clock));

    private static bool Answers(UpstreamServer server) => server is { IsUp: true, IsEjected: false };

    /// <summary>Models that servers have described, or that the configuration names.</summary>
    internal ICollection<string> Models => _counters.Keys;

    internal string? Token { get; }

    /// <summary>Answers a request at one of the servers.</summary>
    /// <param name="start">When the request came, a timestamp of the clock.</param>
    /// <param name="isPatient">Nobody else can answer: as long as the deadline lasts, it is worth trying anew.</param>
    /// <exception cref="ServingException">None of them answered, or the request is at fault.</exception>
    internal async Task<InferenceAnswer> InferAsync(
        string name, string version, long start, UpstreamPath path, bool isPatient,
        Func<ModelSignature, InferenceQuestion> read, CancellationToken cancellation)
    {
        var metadata = await DescribeAsync(name, version, path, cancellation).ConfigureAwait(false);
        var question = read(UpstreamMessages.Signature(metadata, version, Options.Name));
        var timeout = question.Timeout is { } own && own < Options.Timeout ? own : Options.Timeout;
        if (timeout <= TimeSpan.Zero)
            throw new ServingException(
                StatusCode.DeadlineExceeded, "the deadline had passed when the request came");
        var asked = _clock.GetTimestamp();
        var attempts = new UpstreamAttempts(
            this, name, UpstreamMessages.Write(name, version, question), path, start, timeout, isPatient,
            isSingle: question.Rows <= 1, _clock);
        var counters = _counters.GetValueOrDefault(name);
        if (Volatile.Read(ref _hedgeCredit) < HedgeCreditMax)
            Interlocked.Increment(ref _hedgeCredit);
        try
        {
            var (reply, server) = await attempts.RunAsync(cancellation).ConfigureAwait(false);
            var answer = UpstreamMessages.Read(reply, server.Address.ToString());
            if (question.Rows <= 1 && _paces.TryGetValue(name, out var pace))
                pace.Record(_clock.GetElapsedTime(asked));
            counters?.CountSuccess(
                Math.Max(question.Rows, 1), TimeSpan.Zero, _clock.GetElapsedTime(start),
                _clock.GetUtcNow().ToUnixTimeMilliseconds());
            return answer;
        }
        catch (ServingException refused)
        {
            counters?.CountFailure(_clock.GetElapsedTime(start), _clock.GetUtcNow().ToUnixTimeMilliseconds());
            // The model may have been changed there since it was described.
            if (refused.Status is StatusCode.InvalidArgument or StatusCode.NotFound)
                Forget(name);
            throw;
        }
    }

    /// <summary>Names, types and shapes of a model, as one of the servers describes it.</summary>
    /// <exception cref="ServingException">None of them does.</exception>
    internal async ValueTask<ModelMetadataResponse> DescribeAsync(
        string name, string version, UpstreamPath path, CancellationToken cancellation)
    {
        if (_described.TryGetValue((name, version), out var known))
            return known;
        var request = new ModelMetadataRequest { Name = name, Version = version };
        var metadata = await AskAnyAsync(
            name, path, (client, options) => client.ModelMetadataAsync(request, options), cancellation)
            .ConfigureAwait(false);
        Keep(name, version, metadata);
        return metadata;
    }

    internal Task<ModelConfigResponse> ConfigAsync(
        string name, string version, UpstreamPath path, CancellationToken cancellation)
    {
        var request = new ModelConfigRequest { Name = name, Version = version };
        return AskAnyAsync(name, path, (client, options) => client.ModelConfigAsync(request, options), cancellation);
    }

    /// <summary>Whether a server answers for the model now.</summary>
    internal async Task<bool> IsReadyAsync(
        string name, string version, UpstreamPath path, CancellationToken cancellation)
    {
        // What the checks found of a name is not asked anew, but for a server that asks for another's sake.
        if (path.IsEmpty && version.Length == 0
            && Servers.Any(server => server is { IsUp: true, IsEjected: false } && server.IsReady(name) == true))
            return true;
        var request = new ModelReadyRequest { Name = name, Version = version };
        foreach (var server in InOrder(name))
        {
            var attempt = await AskAsync(
                server, path, (client, options) => client.ModelReadyAsync(request, options), cancellation)
                .ConfigureAwait(false);
            if (attempt.Reply is { Ready: true })
                return true;
        }

        return false;
    }

    /// <summary>Requests for a model that were passed on; null for a model that is not known.</summary>
    internal RunCounters? CountersOf(string name) => _counters.GetValueOrDefault(name);

    /// <summary>What is known of the pool's models, from the last checks.</summary>
    internal IEnumerable<IndexEntry> Index()
    {
        var entries = new Dictionary<(string, string), IndexEntry>();
        foreach (var server in Servers.Where(server => server.IsUp))
        {
            foreach (var model in (server.Index ?? []).Where(model => Options.Serves(model.Name)).Take(ModelsMax))
            {
                var isReady = model.State == "READY";
                if (isReady || !entries.ContainsKey((model.Name, model.Version)))
                    entries[(model.Name, model.Version)] =
                        new IndexEntry(model.Name, model.Version, isReady, isReady ? "" : model.Reason);
            }
        }

        // A server need not keep a list; then its models are those that it was asked for.
        foreach (var name in Models.Where(name => entries.Keys.All(key => key.Item1 != name)))
        {
            var isReady = Servers.Any(server => server.IsUp && server.IsReady(name) == true);
            entries[(name, "")] = new IndexEntry(
                name, "", isReady, isReady ? "" : $"no server of the pool '{Options.Name}' has it ready");
        }

        return entries.Values;
    }

    public void Dispose()
    {
        foreach (var server in Servers)
            server.Dispose();
    }

    /// <summary>The server to ask next, a place taken in it; null where none takes a call.</summary>
    internal UpstreamServer? Take(string model, IReadOnlyCollection<UpstreamServer> tried)
    {
        while (true)
        {
            UpstreamServer? best = null;
            (int Tier, double Score) least = (int.MaxValue, double.MaxValue);
            foreach (var server in Servers)
            {
                if (!tried.Contains(server) && server.RankFor(model) is { } rank && rank.CompareTo(least) < 0)
                    (best, least) = (server, rank);
            }

            if (best is null || best.TryTake())
                return best;
        }
    }

    /// <summary>Whether a call may be asked twice at once.</summary>
    internal bool MayHedge()
    {
        if (Interlocked.Add(ref _hedgeCredit, -HedgeCost) >= 0)
            return true;
        Interlocked.Add(ref _hedgeCredit, HedgeCost);
        return false;
    }

    /// <summary>The model may have been changed: it is described anew when it is next asked for.</summary>
    internal void Forget(string name)
    {
        foreach (var key in _described.Keys.Where(key => key.Name == name))
            _described.TryRemove(key, out _);
    }

    private void Keep(string name, string version, ModelMetadataResponse metadata)
    {
        if (_described.Count < ModelsMax)
            _described[(name, version)] = metadata;
        if (_counters.Count < ModelsMax)
            _counters.TryAdd(name, new RunCounters());
    }

    internal Task<UpstreamAttempt<T>> AskAsync<T>(
        UpstreamServer server, UpstreamPath path,
        Func<GRPCInferenceService.GRPCInferenceServiceClient, CallOptions, AsyncUnaryCall<T>> call,
        CancellationToken cancellation)
        where T : class
    {
        var options = new CallOptions(
            UpstreamChannel.HeadersFor(Token, path), _clock.GetUtcNow().UtcDateTime + Options.Health.Timeout);
        return server.AskAsync(client => call(client, options), isInference: false, cancellation);
    }

    private async Task<T> AskAnyAsync<T>(
        string model, UpstreamPath path,
        Func<GRPCInferenceService.GRPCInferenceServiceClient, CallOptions, AsyncUnaryCall<T>> call,
        CancellationToken cancellation)
        where T : class
    {
        UpstreamFault? worst = null;
        foreach (var server in InOrder(model))
        {
            var attempt = await AskAsync(server, path, call, cancellation).ConfigureAwait(false);
            if (attempt.Reply is { } reply)
                return reply;
            cancellation.ThrowIfCancellationRequested();
            worst = UpstreamAttempts.Worse(worst, attempt.Fault);
        }

        throw UpstreamAttempts.Refusal(Options.Name, worst);
    }

    private IEnumerable<UpstreamServer> InOrder(string model) => Servers
        .OrderBy(server => server.RankFor(model) ?? (int.MaxValue, double.MaxValue)).ToArray();
}
