using System.Security.Cryptography;
using System.Text.Json.Nodes;
using LeptonEdge.Inference.Bundles;

namespace LeptonEdge.Tests.Inference;

/// <summary>Writes a model bundle into a folder, right in every field; a test then spoils what it is about.</summary>
public static class TestBundle
{
    /// <summary>(1, 3) → (1, 2) without ReLU: logits of "normal" and "ball".</summary>
    public static readonly byte[] Model =
        TinyOnnx.Gemm(new float[,] { { 1, 2 }, { 0, 1 }, { -1, -3 } }, [0.5f, 0], relu: false);

    public static JsonObject Manifest(
        byte[] int8, byte[] fp32, string name = "bearing-fault", string version = "1.0.0") =>
        new()
        {
            ["schema"] = 1,
            ["name"] = name,
            ["version"] = version,
            ["description"] = "made by hand for a test",
            ["task"] = "classification",
            ["licence"] = "MIT",
            ["files"] = new JsonObject
            {
                ["int8"] = FileEntry("model.int8.onnx", int8),
                ["fp32"] = FileEntry("model.onnx", fp32),
            },
            ["input"] = Tensor("input", 3),
            ["output"] = Tensor("output", 2),
            ["classes"] = new JsonArray("normal", "ball"),
            ["sample_rate_hz"] = 12000,
            ["window_samples"] = 4,
            ["transforms"] = new JsonArray(
                new JsonObject { ["kind"] = "detrend", ["order"] = 0 }, new JsonObject { ["kind"] = "rfft_magnitude" }),
            ["metrics"] = new JsonObject { ["splits"] = new JsonArray() },
        };

    /// <summary>Writes the bundle; <paramref name="spoil"/> may change the manifest first.</summary>
    public static string Write(string folder, Action<JsonObject>? spoil = null, byte[]? model = null)
    {
        Directory.CreateDirectory(folder);
        model ??= Model;
        var manifest = Manifest(model, model);
        spoil?.Invoke(manifest);
        File.WriteAllBytes(Path.Combine(folder, "model.int8.onnx"), model);
        File.WriteAllBytes(Path.Combine(folder, "model.onnx"), model);
        File.WriteAllText(Path.Combine(folder, ModelBundle.ManifestName), manifest.ToJsonString());
        return folder;
    }

    public static JsonObject Tensor(string name, int width, int rows = 1) => new()
    {
        ["name"] = name, ["type"] = "float32", ["shape"] = new JsonArray(rows, width),
    };

    private static JsonObject FileEntry(string path, byte[] bytes) => new()
    {
        ["path"] = path,
        ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(bytes)),
        ["bytes"] = bytes.Length,
    };
}
