using System.Collections.Concurrent;
using System.Collections.Immutable;
using Grpc.Core;
using LeptonEdge.Inference.Bundles;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Serving.Models;

/// <summary>The models folder, and which of its models are in memory. At start the highest version of each name is
/// loaded; another version when it is asked for.</summary>
public sealed class ModelRepository : IDisposable
{
    private static readonly TimeSpan IdleAfter = TimeSpan.FromMinutes(1);

    private readonly ServingOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _loading = new(1);

    // Replaced whole, so that requests look a model up without a lock.
    private volatile ImmutableDictionary<(string Name, string Version), ServedModel> _loaded =
        ImmutableDictionary<(string, string), ServedModel>.Empty;

    private volatile NewestVersions _newest =
        NewestVersions.Find(ImmutableDictionary<(string, string), ServedModel>.Empty);

    private volatile ImmutableDictionary<(string Name, string Version), string> _faults =
        ImmutableDictionary<(string, string), string>.Empty;

    private volatile ImmutableHashSet<string> _unloaded = [];

    private readonly ModelsFolder _folder;
    private readonly MemoryRoom _memory;
    private readonly ConcurrentDictionary<string, KnownModel> _known = new(StringComparer.Ordinal);

    private ModelRepository(ServingOptions options, TimeProvider clock, ILogger logger) =>
        (_options, _clock, _logger, _memory, _folder) =
            (options, clock, logger, new MemoryRoom(options), new ModelsFolder(options.ModelsFolder, clock));

    /// <summary>The models in memory, in the order of their names and versions.</summary>
    public IReadOnlyList<ServedModel> Loaded =>
    [
        .. _loaded.Values.OrderBy(model => model.Name, StringComparer.Ordinal)
            .ThenBy(model => model.Version, VersionOrder.Instance),
    ];

    /// <summary>Models that were found but could not be loaded; the log and the index say why.</summary>
    public int Failed => _faults.Count;

    /// <summary>Loads the highest version of each model.</summary>
    public static async Task<ModelRepository> OpenAsync(ServingOptions options, TimeProvider clock, ILogger logger)
    {
        var repository = new ModelRepository(options, clock, logger);
        foreach (var (name, versions) in options.Workers == 0 ? [] : repository._folder.Read()
            .Where(folder => options.Preload(folder.Name)).Take(options.ModelsMax))
        {
            try
            {
                await repository.TryLoadAsync(name, versions[^1], CancellationToken.None, makeRoom: false)
                    .ConfigureAwait(false);
            }
            catch (ServingException refused)
            {
                ModelRepositoryLog.NoRoom(logger, name, versions[^1], refused.Message);
            }
        }

        return repository;
    }

    /// <summary>The model if it is in memory; an empty version asks for the highest.</summary>
    public ServedModel? Find(string name, string version)
    {
        var loaded = _loaded;
        if (version.Length > 0)
            return loaded.GetValueOrDefault((name, version));
        var newest = _newest;
        if (!ReferenceEquals(newest.Of, loaded))
            _newest = newest = NewestVersions.Find(loaded);
        return newest.ByName.GetValueOrDefault(name);
    }

    /// <summary>A place in the model, loaded first if only this version of it is not yet in memory.</summary>
    /// <exception cref="ServingException">There is no such model, or it does not load.</exception>
    public async ValueTask<ServedModel> EnterAsync(string name, string version, CancellationToken cancellation)
    {
        while (true)
        {
            var model = Find(name, version);
            if (model is null && OnDemand(name, version, _folder.Versions) is { } wanted)
                model = await TryLoadAsync(name, wanted, cancellation).ConfigureAwait(false);
            if (model is null)
                throw Unknown(name, version);
            Volatile.Write(ref model.AskedAt, _clock.GetTimestamp());
            // Retired since the look-up: look again.
            if (model.TryEnter())
                return model;
        }
    }

    /// <summary>What a row of a model takes, and the memory that it asks for first: none while it is in memory. Null for
    /// one that is not served, or was never in memory.</summary>
    public KnownModel? Known(string name)
    {
        if (Find(name, "") is { } model)
            return new KnownModel(model.Cost, 0);
        return _known.TryGetValue(name, out var known) && Serves(name, "") ? known : null;
    }

    /// <summary>Bytes that models may still take, with those of models that nobody has asked for in a while; infinite
    /// without a limit.</summary>
    public double MemoryLeft => _memory.IsLimited
        ? Math.Max(0, _memory.Left + _loaded.Values.Where(model => !_options.Pinned(model.Name)
            && _clock.GetElapsedTime(Volatile.Read(ref model.AskedAt)) > IdleAfter).Sum(model => model.MemoryBytes))
        : double.PositiveInfinity;

    /// <summary>Whether a request for it is answered here, loaded first if need be.</summary>
    public bool Serves(string name, string version)
    {
        if (Find(name, version) is not null)
            return true;
        // Asked for every request that goes on to a pool: the disk is not read for each.
        return OnDemand(name, version, _folder.VersionsLately) is not null;
    }

    /// <summary>Everything in the folder.</summary>
    public IReadOnlyList<IndexEntry> Index()
    {
        var entries = new List<IndexEntry>();
        var loaded = _loaded;
        foreach (var (name, versions) in _folder.Read())
        {
            foreach (var version in versions)
            {
                var fault = _faults.GetValueOrDefault((name, version));
                entries.Add(new IndexEntry(
                    name, version, loaded.ContainsKey((name, version)),
                    fault ?? (_unloaded.Contains(name) ? "unloaded" : "")));
            }
        }

        return entries;
    }

    /// <summary>Loads the highest version anew; if it does not load, what answers now stays.</summary>
    /// <exception cref="ServingException">There is no such model, or it does not load.</exception>
    public async Task LoadAsync(string name, CancellationToken cancellation)
    {
        var versions = _folder.Versions(name) ?? throw Unknown(name, "");
        if (await TryLoadAsync(name, versions[^1], cancellation, anew: true).ConfigureAwait(false) is null)
            throw new ServingException(
                StatusCode.FailedPrecondition,
                $"'{name}/{versions[^1]}' does not load: {_faults.GetValueOrDefault((name, versions[^1]))}");
    }

    /// <summary>Takes every version of a model out of memory, once its last request is answered.</summary>
    /// <exception cref="ServingException">There is no such model.</exception>
    public async Task UnloadAsync(string name, CancellationToken cancellation)
    {
        if (_folder.Versions(name) is null)
            throw Unknown(name, "");
        await _loading.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            _unloaded = _unloaded.Add(name);
            foreach (var model in Loaded.Where(model => model.Name == name))
                Retire(model);
        }
        finally
        {
            _loading.Release();
        }
    }

    public ServingException Unknown(string name, string version)
    {
        var served = Loaded.Select(model => model.ToString()).Take(16);
        var asked = ServingException.Short(version.Length == 0 ? name : $"{name}/{version}");
        return new ServingException(
            StatusCode.NotFound, $"model_name: '{asked}' is not served here; served: {string.Join(", ", served)}");
    }

    public void Dispose()
    {
        foreach (var model in Loaded)
            Retire(model);
        _loading.Dispose();
    }

    private async Task<ServedModel?> TryLoadAsync(
        string name, string version, CancellationToken cancellation, bool anew = false, bool makeRoom = true)
    {
        await _loading.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (!anew && Find(name, version) is { } there)
                return there;
            var folder = _folder.PathOf(name, version);
            // Not on the caller's thread: a large model takes seconds.
            var model = await Task.Run(
                () => Load(name, version, folder, makeRoom ? UnloadNext : static () => null), cancellation)
                .ConfigureAwait(false);
            _faults = _faults.Remove((name, version));
            _unloaded = _unloaded.Remove(name);
            var old = Find(name, version);
            if (old?.Version != version)
                old = null;
            MakeRoom(old is null ? 1 : 0);
            model.AskedAt = _clock.GetTimestamp();
            _loaded = _loaded.SetItem((name, version), model);
            if (Find(name, "") == model)
                _known[name] = new KnownModel(model.Cost, model.MemoryBytes);
            old?.Leave();
            ModelRepositoryLog.Loaded(
                _logger, name, version, model.Cost.MeanSeconds * 1e3, model.Cost.P99Seconds * 1e3);
            return model;
        }
        catch (Exception fault) when (
            fault is ModelBundleException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            _faults = _faults.SetItem((name, version), fault.Message);
            ModelRepositoryLog.Failed(_logger, name, version, fault.Message);
            return null;
        }
        finally
        {
            _loading.Release();
        }
    }

    private ServedModel Load(string name, string version, string folder, Func<long?> unloadNext)
    {
        _memory.Make(name, version, folder, unloadNext);
        var before = MemoryGauge.Resident;
        var model = ModelLoader.Load(name, version, folder, _options, _clock);
        try
        {
            _memory.Check(model, before, unloadNext);
            return model;
        }
        catch
        {
            model.Leave();
            _memory.Settle();
            throw;
        }
    }

    /// <summary>Unloads, of the models that nobody uses and that are not pinned, the one asked for longest ago.</summary>
    /// <returns>The bytes that it took; null if no model may go.</returns>
    private long? UnloadNext()
    {
        foreach (var model in _loaded.Values.Where(model => !_options.Pinned(model.Name))
            .OrderBy(model => Volatile.Read(ref model.AskedAt)))
        {
            if (!model.TryRetireIdle())
                continue;
            _loaded = _loaded.Remove((model.Name, model.Version));
            model.Free();
            ModelRepositoryLog.MadeMemory(_logger, model.Name, model.Version, model.MemoryBytes);
            return model.MemoryBytes;
        }

        return null;
    }

    private void MakeRoom(int places)
    {
        while (_loaded.Count + places > _options.ModelsMax)
        {
            var least = _loaded.Values.Where(model => !_options.Pinned(model.Name))
                .MinBy(model => Volatile.Read(ref model.AskedAt));
            if (least is null)
                return;
            ModelRepositoryLog.MadeRoom(_logger, least.Name, least.Version);
            Retire(least);
        }
    }

    private void Retire(ServedModel model)
    {
        _loaded = _loaded.Remove((model.Name, model.Version));
        model.Leave();
    }

    /// <summary>The version to load for a request; null if none may be.</summary>
    private string? OnDemand(string name, string version, Func<string, string[]?> versionsOf)
    {
        // What an operator took away stays away, and what failed once is not tried anew by every request.
        if (_options.Workers == 0 || _unloaded.Contains(name))
            return null;
        var versions = versionsOf(name) ?? [];
        var wanted = version.Length > 0 ? Array.Find(versions, known => known == version) : versions.LastOrDefault();
        return wanted is not null && !_faults.ContainsKey((name, wanted)) ? wanted : null;
    }
}
