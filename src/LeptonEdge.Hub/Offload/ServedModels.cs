using System.Collections.Frozen;
using LeptonEdge.Core.Identity;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Inference.Sessions;
using LeptonEdge.Placement;

namespace LeptonEdge.Hub.Offload;

/// <summary>The models that the hub computes: the highest version of each name in the models folder, loaded at
/// start.</summary>
public sealed class ServedModels : IDisposable
{
    // Enough for a p99 of its own on a quiet machine, little enough not to hold up the start.
    private const int WarmUpRuns = 20;
    private const int ProbeRuns = 100;

    private readonly FrozenDictionary<string, ServedModel> _models;

    private ServedModels(ModelHost host, IEnumerable<ServedModel> models, int failed) =>
        (Host, _models, Failed) = (host, models.ToFrozenDictionary(m => m.Manifest.Reference.Name), failed);

    public ModelHost Host { get; }

    public IReadOnlyCollection<ServedModel> All => _models.Values;

    /// <summary>Bundles that were found but could not be loaded; the log says why.</summary>
    public int Failed { get; }

    /// <summary>The model of this name if this version of it is served; an empty version asks for any.</summary>
    public ServedModel? Find(string name, string version) =>
        _models.TryGetValue(name, out var model) && (version.Length == 0 || version == model.Manifest.Reference.Version)
            ? model
            : null;

    /// <param name="folder">Holds NAME/VERSION/manifest.json; null serves nothing.</param>
    public static async Task<ServedModels> LoadAsync(string? folder, int workers, TimeProvider clock, ILogger logger)
    {
        // The hub's own gate bounds waiting for all models together, so the host never has to.
        var host =
            new ModelHost(new ModelHostOptions { SessionsPerModel = Math.Max(1, workers), WaitingMax = 0 }, clock);
        var models = new List<ServedModel>();
        var failed = 0;
        foreach (var bundleFolder in folder is null || workers == 0 ? [] : Newest(folder))
        {
            try
            {
                var bundle = ModelBundle.Load(bundleFolder);
                host.Deploy(bundle, new ModelSessionOptions { Variant = ModelVariant.Fp32 });
                var profile = await MeasureAsync(host, bundle.Manifest, clock).ConfigureAwait(false);
                models.Add(new ServedModel(bundle.Manifest, profile));
                ServedModelsLog.Loaded(logger, bundle.Reference, profile.MeanSeconds * 1e3, profile.P99Seconds * 1e3);
            }
            catch (Exception fault) when (fault is ModelBundleException or InvalidOperationException)
            {
                failed++;
                ServedModelsLog.Failed(logger, bundleFolder, fault.Message);
            }
        }

        return new ServedModels(host, models, failed);
    }

    public void Dispose() => Host.Dispose();

    private static IEnumerable<string> Newest(string folder)
    {
        foreach (var name in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
        {
            var versions = Directory.EnumerateDirectories(name)
                .Where(version => File.Exists(Path.Combine(version, ModelBundle.ManifestName)));
            if (versions.MaxBy(version => Path.GetFileName(version), VersionOrder.Instance) is { } newest)
                yield return newest;
        }
    }

    private static async Task<ServiceProfile> MeasureAsync(ModelHost host, ModelManifest manifest, TimeProvider clock)
    {
        var (input, output) = (new float[manifest.Input.Width], new float[manifest.Output.Width]);
        var seconds = new double[ProbeRuns];
        for (var i = -WarmUpRuns; i < seconds.Length; i++)
        {
            var start = clock.GetTimestamp();
            await host.InferAsync(manifest.Reference.Name, null, input, output, CancellationToken.None)
                .ConfigureAwait(false);
            if (i >= 0)
                seconds[i] = clock.GetElapsedTime(start).TotalSeconds;
        }

        Array.Sort(seconds);
        return new ServiceProfile(seconds.Average(), seconds[^2]);
    }
}

/// <summary>One model that the hub computes.</summary>
/// <param name="Profile">Measured at start, one row.</param>
public sealed record ServedModel(ModelManifest Manifest, ServiceProfile Profile);

/// <summary>Orders version names by their numbers, so that 1.10 comes after 1.9, and 1.0.0 after 1.0.0-rc.</summary>
internal sealed class VersionOrder : IComparer<string>
{
    public static VersionOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var (left, right) = ((x ?? "").Split('-', 2), (y ?? "").Split('-', 2));
        var order = CompareParts(left[0], right[0]);
        if (order != 0)
            return order;
        // A name behind a dash marks what comes before the release itself.
        return left.Length == right.Length ? CompareParts(left[^1], right[^1]) : right.Length - left.Length;
    }

    private static int CompareParts(string x, string y)
    {
        var (left, right) = (x.Split('.', '_'), y.Split('.', '_'));
        for (var i = 0; i < Math.Min(left.Length, right.Length); i++)
        {
            var order = long.TryParse(left[i], out var a) && long.TryParse(right[i], out var b)
                ? a.CompareTo(b)
                : string.CompareOrdinal(left[i], right[i]);
            if (order != 0)
                return order;
        }

        return left.Length.CompareTo(right.Length);
    }
}

internal static partial class ServedModelsLog
{
    [LoggerMessage(1, LogLevel.Information, "Serving {Model}: {MeanMs:0.00} ms mean, {P99Ms:0.00} ms p99")]
    public static partial void Loaded(ILogger logger, ModelReference model, double meanMs, double p99Ms);

    [LoggerMessage(2, LogLevel.Error, "The model in {Folder} is not served: {Reason}")]
    public static partial void Failed(ILogger logger, string folder, string reason);
}
