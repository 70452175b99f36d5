using System.Diagnostics;
using System.Text.Json;
using LeptonEdge.Inference.Graphs;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Inference.Splitting;

/// <summary><c>lepton model split</c> as a process, piped as scripts run it.</summary>
public sealed class SplitCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public SplitCommandTests() => File.WriteAllBytes(
        _folder.File("mlp.onnx"), TinyOnnx.Mlp(width: 16, layers: 3, classes: 3, batch: null));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Two_models_are_written_and_what_crosses_is_told()
    {
        var (status, output, errors) = await Run(
            _folder.File("mlp.onnx"), "--at", "r0", "-o", _folder.File("out"), "--report", "json");
        Assert.Equal("", errors);
        Assert.Equal(0, status);
        using var report = JsonDocument.Parse(output);
        foreach (var path in report.RootElement.GetProperty("written").EnumerateArray())
            Assert.Null(ModelCheck.FindFault(File.ReadAllBytes(path.GetString()!)));
        var model = report.RootElement.GetProperty("models")[0];
        Assert.Equal(64, model.GetProperty("crossing")[0].GetProperty("bytes").GetInt64());
        Assert.Equal(0, model.GetProperty("differing").GetInt32());
    }

    [Fact]
    public async Task Every_cut_of_a_bundle_is_listed_for_each_variant()
    {
        var bundle = Path.Combine(Requires.RepositoryRoot, "firmware-config", "models", "bearing-fault", "1.0.0");
        var (status, output, _) = await Run(bundle, "--list", "--report", "json");
        Assert.Equal(0, status);
        using var report = JsonDocument.Parse(output);
        var cuts = report.RootElement.GetProperty("cuts").EnumerateArray().Select(cut => (
            cut.GetProperty("variant").GetString()!, cut.GetProperty("tensor").GetString()!,
            cut.GetProperty("bytes").GetInt64()));
        Assert.Equal(
            [
                ("fp32", "l0.y", 2048), ("fp32", "l0.a", 2048), ("fp32", "l1.y", 1792), ("fp32", "l1.a", 1792),
                ("int8", "in.q", 64), ("int8", "l0.q", 512), ("int8", "l1.q", 448),
            ],
            cuts);
    }

    [Fact]
    public async Task Stages_that_round_otherwise_are_not_written_unless_accepted()
    {
        // The runtime folds the batch norm into the layer before it; a cut between keeps it from that.
        File.WriteAllBytes(_folder.File("norm.onnx"), Normed());
        string[] arguments = [_folder.File("norm.onnx"), "--at", "c", "-o", _folder.File("out")];
        var (status, _, errors) = await Run(arguments);
        Assert.Equal(7, status);
        Assert.Contains("nothing was written: in ", errors);
        Assert.False(Directory.Exists(_folder.File("out")));
        (status, var output, _) = await Run([.. arguments, "--accept-difference"]);
        Assert.Equal(0, status);
        Assert.Contains("the stages differ from the whole", output);
        Assert.True(File.Exists(_folder.File("out/norm-stage2.onnx")));
    }

    [Fact]
    public async Task A_wrong_cut_is_named_and_the_status_is_1()
    {
        var (status, output, errors) = await Run(_folder.File("mlp.onnx"), "--at", "w1", "-o", _folder.File("out"));
        Assert.Equal((1, ""), (status, output));
        Assert.Contains("'w1' does not depend on the model's input", errors);
        Assert.DoesNotContain("   at ", errors);
    }

    private static byte[] Normed()
    {
        var random = new Random(2);
        float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => 0.5f + (float)random.NextDouble())];
        var graph = new GraphBuilder("normed");
        graph.Input("x", [1, 4, 9, 9]);
        graph.Constant("w", Draw(8 * 4 * 9), 8, 4, 3, 3);
        graph.Node("Conv", "c", ["x", "w"]);
        foreach (var name in new[] { "g", "h", "m", "v" })
            graph.Constant(name, Draw(8), 8);
        graph.Node("BatchNormalization", "n", ["c", "g", "h", "m", "v"]);
        graph.Node("Relu", "y", ["n"]);
        return graph.Output("y", [1, 8, 7, 7]).ToArray();
    }

    private static async Task<(int Status, string Output, string Errors)> Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[] { Path.Combine(AppContext.BaseDirectory, "lepton.dll"), "model", "split" }
            .Concat(arguments))
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }
}
