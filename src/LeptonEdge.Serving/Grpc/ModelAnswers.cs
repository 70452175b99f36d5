using LeptonEdge.Protocol.Inference;
using LeptonEdge.Serving.Upstream;

namespace LeptonEdge.Serving.Grpc;

/// <summary>What is said of a model, by this server or by the pool that answers for it.</summary>
internal static class ModelAnswers
{
    /// <exception cref="ServingException">Nobody knows the model.</exception>
    public static Task<ModelMetadataResponse> MetadataAsync(
        InferenceDesk desk, string name, string version, UpstreamPath path, CancellationToken cancellation) =>
        AskAsync(
            desk, name, version, path,
            pool => pool.DescribeAsync(name, version, path, cancellation).AsTask(),
            () => Descriptions.Metadata(desk.Require(name, version), desk.Models));

    /// <exception cref="ServingException">Nobody knows the model.</exception>
    public static Task<ModelConfigResponse> ConfigAsync(
        InferenceDesk desk, string name, string version, UpstreamPath path, CancellationToken cancellation) =>
        AskAsync(
            desk, name, version, path,
            pool => pool.ConfigAsync(name, version, path, cancellation),
            () => new ModelConfigResponse
            {
                Config = Descriptions.Config(desk.Require(name, version), desk.Options),
            });

    public static async Task<bool> IsReadyAsync(
        InferenceDesk desk, string name, string version, UpstreamPath path, CancellationToken cancellation)
    {
        if (desk.Models.Find(name, version) is not null)
            return true;
        return path.MayGoOn && desk.Upstreams.Find(name) is { } pool
            && await pool.IsReadyAsync(name, version, path, cancellation).ConfigureAwait(false);
    }

    /// <summary>The statistics of those that were asked for.</summary>
    /// <exception cref="ServingException">No such model is in memory.</exception>
    public static ModelStatisticsResponse Statistics(InferenceDesk desk, string name, string version)
    {
        var here = desk.Models.Loaded.Where(model => (name.Length == 0 || model.Name == name)
            && (version.Length == 0 || model.Version == version)).ToArray();
        var there = desk.Upstreams.All.SelectMany(pool => pool.Models
            .Where(model => (name.Length == 0 || model == name) && desk.Upstreams.Find(model) == pool)
            .Select(model => (Name: model, Counters: pool.CountersOf(model)!))).ToArray();
        if (name.Length > 0 && here.Length + there.Length == 0)
            desk.Require(name, version);
        return new ModelStatisticsResponse
        {
            ModelStats =
            {
                here.Select(model => Descriptions.Statistics(model.Name, model.Version, model.Counters)),
                there.Select(model => Descriptions.Statistics(model.Name, "", model.Counters)),
            },
        };
    }

    public static RepositoryIndexResponse Index(InferenceDesk desk, bool readyOnly, UpstreamPath path)
    {
        var entries = desk.Models.Index();
        // Hubs that name each other would keep alive in each other's lists what both have lost.
        if (path.IsEmpty)
        {
            var known = entries.Select(entry => entry.Name).ToHashSet(StringComparer.Ordinal);
            entries = [.. entries, .. desk.Upstreams.Index().Where(entry => !known.Contains(entry.Name))];
        }

        return Descriptions.Index(entries, readyOnly);
    }

    private static async Task<T> AskAsync<T>(
        InferenceDesk desk, string name, string version, UpstreamPath path, Func<UpstreamPool, Task<T>> there,
        Func<T> here)
    {
        if (desk.PoolFor(name, version, path) is not { } pool)
            return here();
        try
        {
            return await there(pool).ConfigureAwait(false);
        }
        catch (ServingException) when (desk.Models.Find(name, version) is not null)
        {
            return here();
        }
    }
}
