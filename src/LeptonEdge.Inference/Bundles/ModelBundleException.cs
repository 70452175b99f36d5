namespace LeptonEdge.Inference.Bundles;

/// <summary>A model bundle cannot be used. Every fault found is in it, each naming its file and field.</summary>
public sealed class ModelBundleException(string folder, IReadOnlyList<string> faults, Exception? inner = null)
    : Exception($"model bundle '{folder}': {string.Join("; ", faults)}", inner)
{
    /// <summary>The bundle's folder, as it was given.</summary>
    public string Folder { get; } = folder;

    /// <summary>One sentence for each fault.</summary>
    public IReadOnlyList<string> Faults { get; } = faults;
}
