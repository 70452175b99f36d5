using System.Collections.Immutable;

namespace LeptonEdge.Serving.Models;

/// <summary>The highest version of each name among the models in memory: what most requests ask for.</summary>
/// <param name="Of">The models that were looked at.</param>
internal sealed record NewestVersions(
    ImmutableDictionary<(string Name, string Version), ServedModel> Of, Dictionary<string, ServedModel> ByName)
{
    public static NewestVersions Find(ImmutableDictionary<(string Name, string Version), ServedModel> models)
    {
        var newest = new Dictionary<string, ServedModel>(StringComparer.Ordinal);
        foreach (var (key, model) in models)
        {
            if (!newest.TryGetValue(key.Name, out var highest)
                || VersionOrder.Instance.Compare(key.Version, highest.Version) > 0)
                newest[key.Name] = model;
        }

        return new NewestVersions(models, newest);
    }
}
