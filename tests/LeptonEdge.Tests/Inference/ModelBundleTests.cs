using System.Text.Json.Nodes;
using LeptonEdge.Core.Identity;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Inference;

public sealed class ModelBundleTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_good_bundle_says_what_its_model_takes_and_gives()
    {
        var bundle = ModelBundle.Load(TestBundle.Write(_folder.Path));

        Assert.Equal(new ModelReference("bearing-fault", "1.0.0"), bundle.Reference);
        Assert.Equal(ModelTask.Classification, bundle.Manifest.Task);
        Assert.Equal(new ModelTensor("input", 3), bundle.Manifest.Input);
        Assert.Equal(["normal", "ball"], bundle.Manifest.Classes);
        Assert.Equal(3, bundle.Manifest.CreateTransforms().OutputLength);
        Assert.Equal(ScoreKinds.SoftmaxFault, bundle.Manifest.Score.Kind);
        Assert.Equal(TestBundle.Model, bundle.ReadModel(ModelVariant.Int8));
        Assert.NotNull(bundle.Manifest.Metrics);
    }

    [Fact]
    public void Every_fault_of_a_manifest_is_named_at_once()
    {
        TestBundle.Write(_folder.Path, manifest =>
        {
            manifest["schema"] = 7;
            manifest["name"] = "Bearing Fault";
            manifest["version"] = "../1";
            manifest["task"] = "poetry";
            manifest.Remove("licence");
            manifest["files"]!["int8"]!["path"] = "../../etc/passwd";
            manifest["files"]!["fp32"]!["sha256"] = "abc";
            manifest["files"]!["fp32"]!["bytes"] = 0;
            manifest["input"]!["type"] = "float16";
            manifest["output"]!["shape"] = new JsonArray(2, 2, 2);
            manifest["classes"] = new JsonArray("normal", "normal");
            manifest.Remove("sample_rate_hz");
        });

        var faults = Assert.Throws<ModelBundleException>(() => ModelBundle.Load(_folder.Path)).Faults;
        string[] fields =
        [
            "schema", "name", "version", "task", "licence", "files.int8.path", "files.fp32.sha256", "files.fp32.bytes",
            "input.type", "output.shape", "classes[1]", "sample_rate_hz",
        ];
        foreach (var field in fields)
            Assert.Contains(faults, fault => fault.StartsWith($"manifest.json: {field}: ", StringComparison.Ordinal));
        Assert.Equal(fields.Length, faults.Count);
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("sub/model.onnx")]
    [InlineData("..")]
    [InlineData("sub\\model.onnx")]
    [InlineData(".hidden")]
    [InlineData("")]
    public void A_file_name_may_not_leave_the_folder(string path)
    {
        TestBundle.Write(_folder.Path, manifest => manifest["files"]!["int8"]!["path"] = path);
        var error = Assert.Throws<ModelBundleException>(() => ModelBundle.Load(_folder.Path));
        Assert.StartsWith("manifest.json: files.int8.path: ", Assert.Single(error.Faults));
    }

    [Fact]
    public void Transforms_must_fit_the_input()
    {
        TestBundle.Write(_folder.Path, manifest => manifest["window_samples"] = 1024);
        var error = Assert.Throws<ModelBundleException>(() => ModelBundle.Load(_folder.Path));
        Assert.Contains("transforms: make 513 values of 1024, but the input has 3", Assert.Single(error.Faults));

        TestBundle.Write(_folder.Path, manifest => manifest["transforms"]![0]!["kind"] = "wavelet");
        error = Assert.Throws<ModelBundleException>(() => ModelBundle.Load(_folder.Path));
        Assert.Contains("transforms[0].kind: 'wavelet' is not known", Assert.Single(error.Faults));
    }

    [Fact]
    public void A_model_over_channels_needs_no_window()
    {
        var bundle = ModelBundle.Load(TestBundle.Write(_folder.Path, manifest =>
        {
            manifest.Remove("sample_rate_hz");
            manifest.Remove("window_samples");
            manifest["task"] = "anomaly";
            manifest["channels"] = new JsonArray("cpu.load", "memory.used", "disk.reads");
            manifest["score"] = new JsonObject { ["kind"] = "mahalanobis", ["threshold"] = 3.5 };
            manifest["transforms"] = new JsonArray(
                new JsonObject { ["kind"] = "standardise", ["mean"] = new JsonArray(1, 2, 3),
                    ["scale"] = new JsonArray(1) });
        }));
        Assert.Equal(3, bundle.Manifest.TransformSamples);
        Assert.Equal("disk.reads", bundle.Manifest.Channels[2].Value);
        Assert.Equal(3.5f, bundle.Manifest.Score.Threshold);
        Assert.Empty(bundle.Manifest.Classes);
    }

    [Fact]
    public void A_changed_cut_missing_or_linked_model_file_is_named()
    {
        TestBundle.Write(_folder.Path);
        var changed = (byte[])TestBundle.Model.Clone();
        changed[^1] ^= 1;
        File.WriteAllBytes(_folder.File("model.onnx"), changed);
        File.WriteAllBytes(_folder.File("model.int8.onnx"), TestBundle.Model[..20]);
        var faults = Assert.Throws<ModelBundleException>(() => ModelBundle.Load(_folder.Path)).Faults;
        Assert.Contains(faults, fault => fault.StartsWith("model.onnx: its SHA-256 is not", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.StartsWith("model.int8.onnx: has 20 bytes", StringComparison.Ordinal));

        File.Delete(_folder.File("model.onnx"));
        File.Delete(_folder.File("model.int8.onnx"));
        using var elsewhere = new TempFolder();
        File.WriteAllBytes(elsewhere.File("m"), TestBundle.Model);
        File.CreateSymbolicLink(_folder.File("model.int8.onnx"), elsewhere.File("m"));
        faults = Assert.Throws<ModelBundleException>(() => ModelBundle.Load(_folder.Path)).Faults;
        Assert.Contains(
            faults, fault => fault.StartsWith("model.onnx: is named by manifest.json", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.StartsWith("model.int8.onnx: is a link", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_that_changed_after_the_check_is_not_handed_out()
    {
        var bundle = ModelBundle.Load(TestBundle.Write(_folder.Path));
        var changed = (byte[])TestBundle.Model.Clone();
        changed[^1] ^= 1;
        File.WriteAllBytes(_folder.File("model.onnx"), changed);
        Assert.Throws<ModelBundleException>(() => bundle.ReadModel(ModelVariant.Fp32));
    }

    [Fact]
    public void A_model_with_weights_in_another_file_is_refused()
    {
        var model = TinyOnnx.Gemm(new float[3, 2], [0, 0], relu: false, externalWeights: true);
        var bundle = ModelBundle.Load(TestBundle.Write(_folder.Path, manifest => { }, model));
        var error = Assert.Throws<ModelBundleException>(() => bundle.ReadModel(ModelVariant.Int8));
        Assert.Equal(
            "model.int8.onnx: tensor 'w' keeps its data in another file; save the model as one file",
            Assert.Single(error.Faults));
    }

    [Theory]
    [InlineData("", "not a manifest")]
    [InlineData("null", "the file holds 'null'")]
    [InlineData("{\"schema\": \"one\"}", "$.schema")]
    [InlineData("{\"transforms\": [{}]}", "transforms[0]")]
    public void A_manifest_that_is_no_manifest_is_named_with_the_place(string json, string expected)
    {
        File.WriteAllText(_folder.File("manifest.json"), json);
        var error = Assert.Throws<ModelBundleException>(() => ModelBundle.Load(_folder.Path));
        Assert.Contains("manifest.json", error.Message);
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void A_manifest_that_is_absent_or_too_large_is_refused()
    {
        Assert.Throws<ModelBundleException>(() => ModelBundle.Load(_folder.File("nowhere")));
        File.WriteAllBytes(_folder.File("manifest.json"), new byte[ModelManifest.BytesMax + 1]);
        var error = Assert.Throws<ModelBundleException>(() => ModelBundle.Load(_folder.Path));
        Assert.Contains("at most 1048576", error.Message);
    }

    [Fact]
    public void A_bundle_under_another_name_is_refused()
    {
        TestBundle.Write(_folder.File("bearing-fault/2.0.0"));
        var error = Assert.Throws<ModelBundleException>(
            () => ModelBundle.Load(_folder.Path, new ModelReference("bearing-fault", "2.0.0")));
        Assert.Contains("are bearing-fault/1.0.0, the folder says bearing-fault/2.0.0", error.Message);
    }
}
