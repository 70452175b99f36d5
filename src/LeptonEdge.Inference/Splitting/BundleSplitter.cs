using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using LeptonEdge.Core.Identity;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Inference.Graphs;
using LeptonEdge.Inference.Tensors;
using TensorType = LeptonEdge.Inference.Tensors.TensorType;

namespace LeptonEdge.Inference.Splitting;

/// <summary>One variant of a bundle, cut.</summary>
/// <param name="Crossing">What crosses, as the manifests say it.</param>
/// <param name="Proof">How the stages compare with the whole.</param>
public sealed record SplitVariant(
    ModelVariant Variant, SplitModel Split, IReadOnlyList<TensorSpec> Crossing, SplitProof Proof);

/// <summary>Makes two bundles of one: each variant cut, both stages with a manifest of their own.</summary>
public sealed class BundleSplitter
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    private readonly ModelBundle _bundle;
    private readonly Dictionary<ModelVariant, ModelSplitter> _models = [];

    /// <exception cref="ModelBundleException">A file of the bundle is broken.</exception>
    /// <exception cref="SplitException">It is a stage already, or cannot be shared out.</exception>
    public BundleSplitter(ModelBundle bundle, IEnumerable<ModelVariant> variants)
    {
        _bundle = bundle;
        if (bundle.Manifest.Stage is { } stage)
            throw new SplitException($"{bundle.Reference} is stage {stage.Index} of {stage.Whole}: split that one");
        foreach (var variant in variants)
            _models[variant] = new ModelSplitter(bundle.ReadModel(variant), bundle.Folder);
    }

    public IReadOnlyDictionary<ModelVariant, ModelSplitter> Models => _models;

    /// <summary>Cuts one variant and compares the stages with the whole, on one row and on three.</summary>
    /// <param name="variant">The variant.</param>
    /// <param name="tensors">Names of its own tensors, or of fp32's.</param>
    /// <param name="runs">Inputs to compare on.</param>
    /// <exception cref="SplitException">They do not cut this variant in two.</exception>
    public SplitVariant Split(ModelVariant variant, IReadOnlyList<string> tensors, int runs)
    {
        var model = _models[variant];
        var cut = model.Cuts.Find([.. tensors.Select(tensor => Named(model, tensor))]);
        if (cut.TailOutputs.All(output => output != _bundle.Manifest.Output.Name))
            throw new SplitException($"'{_bundle.Manifest.Output.Name}' is made before the cut: the second stage would "
                + "have no verdict to give");
        using var prover = SplitProver.Cut(model, cut, runs);
        var isFree = model.Graph.Inputs.First().Type.Dims is [{ IsFixed: false }, ..];
        var crossing = Crossing(prover, prover.Split, isFree);
        return new SplitVariant(variant, prover.Split, crossing, prover.Proof);
    }

    /// <summary>Writes both bundles: DIR/NAME-stage1/VERSION and DIR/NAME-stage2/VERSION.</summary>
    /// <returns>The folders.</returns>
    /// <exception cref="SplitException">One of them is there already, or a name grows too long.</exception>
    public IReadOnlyList<string> Write(string folder, IReadOnlyList<SplitVariant> variants)
    {
        var targets = new[] { 1, 2 }.Select(index => Target(folder, index)).ToArray();
        foreach (var target in targets.Where(Directory.Exists))
            throw new SplitException($"{target} is there already: a version never changes; remove it, or write "
                + "elsewhere");
        for (var index = 1; index <= 2; index++)
        {
            // Whole or not at all: whoever watches the folder never sees half a bundle.
            var part = targets[index - 1] + ".part";
            Directory.CreateDirectory(part);
            foreach (var variant in variants)
                File.WriteAllBytes(Path.Combine(part, FileName(variant)), Bytes(variant, index));
            File.WriteAllText(
                Path.Combine(part, ModelBundle.ManifestName), Manifest(variants, index).ToJsonString(s_indented));
            ModelBundle.Load(part);
            Directory.Move(part, targets[index - 1]);
        }

        return targets;
    }

    private static byte[] Bytes(SplitVariant variant, int index) =>
        index == 1 ? variant.Split.Head : variant.Split.Tail;

    private string FileName(SplitVariant variant) => _bundle.Manifest.Files[variant.Variant].FileName;

    private string Target(string folder, int index)
    {
        try
        {
            var name = ModelStage.NameOf(_bundle.Reference, index);
            return Path.Combine(Path.GetFullPath(folder), name.Name, name.Version);
        }
        catch (FormatException e)
        {
            throw new SplitException($"the stages of {_bundle.Reference} cannot be named: {e.Message}", e);
        }
    }

    /// <summary>A name of fp32's that folding took out of int8: what follows it there.</summary>
    private string Named(ModelSplitter model, string tensor)
    {
        if (model.Cuts.Has(tensor) || !_models.TryGetValue(ModelVariant.Fp32, out var plain) || plain == model)
            return tensor;
        var at = tensor;
        while (plain.Cuts.Has(at) && !model.Cuts.Has(at) && plain.Graph.Consumers(at) is
            [{ Operator: "Relu" or "Clip" or "BatchNormalization" or "Identity" or "Dropout" } only])
        {
            at = only.Outputs[0];
        }

        return model.Cuts.Has(at) ? at : tensor;
    }

    private IReadOnlyList<TensorSpec> Crossing(SplitProver prover, SplitModel split, bool isFree)
    {
        const int Rows = 3;
        var input = new TensorSpec(_bundle.Manifest.Input.Name, TensorType.Float32, [-1, _bundle.Manifest.Input.Width]);
        var one = prover.Run([RandomTensor.Draw(input, 1, new Random(2))]);
        var many = isFree ? prover.Run([RandomTensor.Draw(input, Rows, new Random(3))]) : one;
        var specs = one.Select((tensor, i) => isFree
            ? Rowwise(tensor, many[i], Rows) : new TensorSpec(tensor.Name, tensor.Type, tensor.Shape)).ToList();
        return
        [
            .. split.Cut.Tensors.Select(name => specs.First(spec => spec.Name == name)),
            .. split.Cut.Inputs.Select(_ => isFree ? input : input with { Shape = [1, input.Shape[1]] }),
        ];
    }

    /// <summary>The hub puts rows of several devices together: each row of what crosses must be one window's.</summary>
    private static TensorSpec Rowwise(Tensor one, Tensor many, int rows) =>
        one.Shape is [1, .. var rest] && many.Shape.SequenceEqual([rows, .. rest])
            ? new TensorSpec(one.Name, one.Type, [-1, .. rest])
            : throw new SplitException($"'{one.Name}' is [{string.Join(", ", one.Shape)}] for one window and "
                + $"[{string.Join(", ", many.Shape)}] for {rows}: its first dimension is not that of the windows, so "
                + "that the hub could not put several together; cut elsewhere");

    private JsonObject Manifest(IReadOnlyList<SplitVariant> variants, int index)
    {
        var text = File.ReadAllText(Path.Combine(_bundle.Folder, ModelBundle.ManifestName));
        var manifest = JsonNode.Parse(
            text, documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip })!.AsObject();
        var (files, cuts) = (new JsonObject(), new JsonObject());
        foreach (var variant in variants)
        {
            var key = variant.Variant.ToString().ToLowerInvariant();
            files[key] = new JsonObject
            {
                ["path"] = FileName(variant),
                ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(Bytes(variant, index))),
                ["bytes"] = Bytes(variant, index).Length,
            };
            cuts[key] = new JsonArray([.. variant.Crossing.Select(Tensor)]);
        }

        manifest["name"] = ModelStage.NameOf(_bundle.Reference, index).Name;
        manifest["description"] = $"Stage {index} of {_bundle.Reference}: {_bundle.Manifest.Description}";
        manifest["files"] = files;
        manifest["stage"] = new JsonObject
        {
            ["of"] = _bundle.Reference.ToString(), ["index"] = index, ["cut"] = cuts,
        };
        return manifest;
    }

    private static JsonNode Tensor(TensorSpec spec) => new JsonObject
    {
        ["name"] = spec.Name,
        ["type"] = spec.Type.ManifestName(),
        ["shape"] = new JsonArray([.. spec.Shape.Select(dim => (JsonNode)dim)]),
    };
}
