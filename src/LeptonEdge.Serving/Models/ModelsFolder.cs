using System.Collections.Immutable;
using LeptonEdge.Inference.Bundles;

namespace LeptonEdge.Serving.Models;

/// <summary>What the models folder holds: a folder for each name, and in it one for each version.</summary>
/// <param name="root">Null where nothing is served.</param>
internal sealed class ModelsFolder(string? root, TimeProvider clock)
{
    private static readonly TimeSpan ListedFor = TimeSpan.FromSeconds(1);

    private volatile Listing? _listed;

    /// <summary>Read from the disk now: names in their order, the versions of each from low to high.</summary>
    public IEnumerable<(string Name, string[] Versions)> Read()
    {
        if (root is null || !Directory.Exists(root))
            yield break;
        foreach (var folder in Directory.EnumerateDirectories(root).Order(StringComparer.Ordinal))
        {
            var versions = Directory.EnumerateDirectories(folder).Where(IsModel)
                .Select(version => Path.GetFileName(version)).Order(VersionOrder.Instance).ToArray();
            if (versions.Length > 0)
                yield return (Path.GetFileName(folder), versions);
        }
    }

    /// <summary>The versions of one model, from low to high; null where there is none.</summary>
    /// <remarks>A name from outside is compared with what the folder holds, never made into a path first.</remarks>
    public string[]? Versions(string name) => Read().FirstOrDefault(folder => folder.Name == name).Versions;

    /// <summary>The same as of at most a second ago, for what is asked with every request.</summary>
    public string[]? VersionsLately(string name)
    {
        var listed = _listed;
        if (listed is null || clock.GetElapsedTime(listed.At) > ListedFor)
        {
            _listed = listed = new Listing(
                Read().ToImmutableDictionary(folder => folder.Name, folder => folder.Versions), clock.GetTimestamp());
        }

        return listed.Versions.GetValueOrDefault(name);
    }

    public string PathOf(string name, string version) => Path.Combine(root!, name, version);

    private static bool IsModel(string folder) => File.Exists(Path.Combine(folder, ModelBundle.ManifestName))
        || File.Exists(Path.Combine(folder, ModelLoader.BareName));

    private sealed record Listing(ImmutableDictionary<string, string[]> Versions, long At);
}
