using System.Security.Cryptography;
using LeptonEdge.Core.Identity;
using LeptonEdge.Inference.Graphs;

namespace LeptonEdge.Inference.Bundles;

/// <summary>A model in its folder <c>NAME/VERSION/</c>: manifest.json and the model files that it names.</summary>
public sealed class ModelBundle
{
    /// <summary>The manifest's file name.</summary>
    public const string ManifestName = "manifest.json";

    private ModelBundle(string folder, ModelManifest manifest)
    {
        Folder = folder;
        Manifest = manifest;
    }

    public string Folder { get; }

    public ModelManifest Manifest { get; }

    public ModelReference Reference => Manifest.Reference;

    /// <summary>Reads the manifest and checks that each file is there, of the size and hash that it states.</summary>
    /// <exception cref="ModelBundleException">Every fault found, each with its file and field.</exception>
    public static ModelBundle Load(string folder)
    {
        var manifest = ModelManifest.Parse(ReadManifest(folder), folder);
        var bundle = new ModelBundle(folder, manifest);
        var faults = new List<string>();
        foreach (var file in manifest.Files.Values)
        {
            if (bundle.FaultOf(file) is { } fault)
                faults.Add(fault);
        }

        return faults.Count == 0 ? bundle : throw new ModelBundleException(folder, faults);
    }

    /// <summary>Loads a bundle from a folder of bundles, where it stands under its name and version.</summary>
    /// <exception cref="ModelBundleException">It is not there, is faulty, or states another name.</exception>
    public static ModelBundle Load(string root, ModelReference reference)
    {
        var bundle = Load(Path.Combine(root, reference.Name, reference.Version));
        return bundle.Reference == reference
            ? bundle
            : throw new ModelBundleException(
                bundle.Folder,
                [$"{ManifestName}: name and version: are {bundle.Reference}, the folder says {reference}"]);
    }

    /// <summary>A model's bytes, checked against the manifest's hash: what was checked is what is loaded.</summary>
    /// <exception cref="ModelBundleException">The file is gone, has changed, or keeps its weights
    /// elsewhere.</exception>
    public byte[] ReadModel(ModelVariant variant)
    {
        if (!Manifest.Files.TryGetValue(variant, out var file))
            throw new ModelBundleException(Folder, [$"{ManifestName}: files: has no {variant} model"]);
        try
        {
            using var stream = File.OpenRead(Path.Combine(Folder, file.FileName));
            if (stream.Length != file.Bytes)
                throw new ModelBundleException(Folder, [SizeFault(file, stream.Length)]);
            var bytes = GC.AllocateUninitializedArray<byte>(checked((int)file.Bytes));
            stream.ReadExactly(bytes);
            if (!file.Sha256.Span.SequenceEqual(SHA256.HashData(bytes)))
                throw new ModelBundleException(Folder, [HashFault(file)]);
            if (ModelCheck.FindFault(bytes) is { } fault)
                throw new ModelBundleException(Folder, [$"{file.FileName}: {fault}"]);
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelBundleException(Folder, [$"{file.FileName}: {e.Message}"], e);
        }
    }

    private static byte[] ReadManifest(string folder)
    {
        try
        {
            using var stream = File.OpenRead(Path.Combine(folder, ManifestName));
            if (stream.Length > ModelManifest.BytesMax)
                throw new ModelBundleException(
                    folder, [$"{ManifestName}: has {stream.Length} bytes; at most {ModelManifest.BytesMax}"]);
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelBundleException(folder, [$"{ManifestName}: {e.Message}"], e);
        }
    }

    private string? FaultOf(ModelFile file)
    {
        var info = new FileInfo(Path.Combine(Folder, file.FileName));
        try
        {
            if (!info.Exists)
                return $"{file.FileName}: is named by {ManifestName}, but is not in the folder";
            if (info.LinkTarget is not null)
                return $"{file.FileName}: is a link; a bundle holds its files itself";
            if (info.Length != file.Bytes)
                return SizeFault(file, info.Length);
            using var stream = info.OpenRead();
            return file.Sha256.Span.SequenceEqual(SHA256.HashData(stream)) ? null : HashFault(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{file.FileName}: {e.Message}";
        }
    }

    private static string SizeFault(ModelFile file, long bytes) =>
        $"{file.FileName}: has {bytes} bytes, {ManifestName} says {file.Bytes}: copy the bundle again";

    private static string HashFault(ModelFile file) =>
        $"{file.FileName}: its SHA-256 is not the one in {ManifestName}: copy the bundle again";
}
