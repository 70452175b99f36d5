using System.Text.Json.Nodes;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Tests.Inference;

namespace LeptonEdge.Benchmarks.Inferring;

/// <summary>Bundles of one variant each, which is what the agent then loads.</summary>
internal sealed class MadeBundles : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("lepton-bench-").FullName;
    private int _made;

    /// <summary>A shipped bundle without its other variant.</summary>
    public ModelBundle Only(ModelBundle bundle, ModelVariant variant)
    {
        var folder = NewFolder();
        foreach (var file in Directory.GetFiles(bundle.Folder))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        var path = Path.Combine(folder, ModelBundle.ManifestName);
        var manifest = JsonNode.Parse(File.ReadAllText(path))!;
        foreach (var other in Enum.GetValues<ModelVariant>().Where(other => other != variant))
            manifest["files"]!.AsObject().Remove(Key(other));
        File.WriteAllText(path, manifest.ToJsonString());
        return ModelBundle.Load(folder);
    }

    /// <summary>A model made in this run, which takes its window as it is.</summary>
    public ModelBundle Of(string name, ModelVariant variant, int width, int classes, byte[] model) =>
        ModelBundle.Load(TestBundle.Write(NewFolder(), manifest =>
        {
            manifest["name"] = name;
            manifest["input"] = TestBundle.Tensor("input", width);
            manifest["output"] = TestBundle.Tensor("output", classes);
            manifest["classes"] = new JsonArray(
                [.. Enumerable.Range(0, classes).Select(i => i == 0 ? "normal" : $"fault-{i}")]);
            manifest["window_samples"] = width;
            manifest["transforms"] = new JsonArray();
            foreach (var other in Enum.GetValues<ModelVariant>().Where(other => other != variant))
                manifest["files"]!.AsObject().Remove(Key(other));
        }, model));

    public void Dispose() => Directory.Delete(_root, recursive: true);

    public static string Key(ModelVariant variant) => variant.ToString().ToLowerInvariant();

    private string NewFolder() => Directory.CreateDirectory(Path.Combine(_root, $"{_made++}")).FullName;
}
