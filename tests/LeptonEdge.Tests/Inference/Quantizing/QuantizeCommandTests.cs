using System.Diagnostics;
using System.Text;
using System.Text.Json;
using LeptonEdge.Inference.Graphs;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Inference.Quantizing;

/// <summary><c>lepton model quantize</c> as a process, piped as scripts run it.</summary>
public sealed class QuantizeCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public QuantizeCommandTests()
    {
        File.WriteAllBytes(_folder.File("model.onnx"), TinyOnnx.Mlp(width: 16, layers: 3, classes: 3, batch: null));
        Directory.CreateDirectory(_folder.File("windows"));
        var random = new Random(1);
        Save("windows/x.npy", [.. Enumerable.Range(0, 64 * 16).Select(_ => (float)random.NextDouble())], "(64, 16)");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_model_is_written_with_a_report_on_stdout_and_nothing_on_stderr()
    {
        var (status, output, errors) = await Run(
            "--calibrate", _folder.File("windows"), "-o", _folder.File("int8.onnx"), "--report", "json");
        Assert.Equal("", errors);
        Assert.Equal(0, status);
        Assert.Null(ModelCheck.FindFault(File.ReadAllBytes(_folder.File("int8.onnx"))));
        using var report = JsonDocument.Parse(output);
        Assert.Equal(64, report.RootElement.GetProperty("windows").GetInt32());
        Assert.True(report.RootElement.GetProperty("share").GetDouble() >= 0.99);
        Assert.Equal(
            3, report.RootElement.GetProperty("layers").EnumerateArray()
                .Count(layer => layer.GetProperty("runs").GetString() == "int8"));
    }

    [Fact]
    public async Task Labels_that_int8_misses_keep_the_model_from_being_written_unless_loss_is_accepted()
    {
        // Labels of a model that is right by a hair: any rounding is an error.
        var values = new float[64 * 16];
        for (var i = 0; i < values.Length; i++)
            values[i] = 1e6f * ((i % 2) - 0.5f) + (i / 16 * 1e-3f);
        Save("windows/x.npy", values, "(64, 16)");
        Save("windows/labels.npy", [.. Enumerable.Range(0, 64 * 3).Select(i => (float)i)], "(64, 3)");
        File.WriteAllBytes(_folder.File("model.onnx"), Exact());
        string[] arguments = ["--calibrate", _folder.File("windows"), "-o", _folder.File("int8.onnx")];
        var (status, _, errors) = await Run(arguments);
        Assert.Equal(7, status);
        Assert.Contains("was not written: int8 keeps", errors);
        Assert.False(File.Exists(_folder.File("int8.onnx")));
        (status, _, _) = await Run([.. arguments, "--accept-loss"]);
        Assert.Equal(0, status);
        Assert.True(File.Exists(_folder.File("int8.onnx")));
    }

    [Fact]
    public async Task A_wrong_file_is_named_and_the_status_is_1()
    {
        var bytes = File.ReadAllBytes(_folder.File("model.onnx"));
        File.WriteAllBytes(_folder.File("model.onnx"), bytes[..(bytes.Length / 2)]);
        var (status, output, errors) = await Run(
            "--calibrate", _folder.File("windows"), "-o", _folder.File("int8.onnx"));
        Assert.Equal((1, ""), (status, output));
        Assert.Contains("model.onnx: it is not an ONNX model, or not all of one", errors);
        Assert.DoesNotContain("   at ", errors);
    }

    /// <summary>Answers small differences of large values, which 8 bits cannot carry.</summary>
    private static byte[] Exact()
    {
        var graph = new GraphBuilder("exact");
        graph.Input("input", [-1, 16]);
        graph.Constant("w", [.. Enumerable.Range(0, 48).Select(i => i / 3 < 2 ? 1f : 0f)], 16, 3);
        graph.Constant("b", [0, 1, 2], 3);
        graph.Node("Gemm", "output", ["input", "w", "b"]);
        return graph.Output("output", [-1, 3]).ToArray();
    }

    private void Save(string name, float[] values, string shape)
    {
        var header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".PadRight(117) + "\n";
        File.WriteAllBytes(
            _folder.File(name),
            [0x93, .. Encoding.ASCII.GetBytes("NUMPY"), 1, 0, (byte)header.Length, 0,
                .. Encoding.ASCII.GetBytes(header), .. values.SelectMany(BitConverter.GetBytes)]);
    }

    private async Task<(int Status, string Output, string Errors)> Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[]
            { Path.Combine(AppContext.BaseDirectory, "lepton.dll"), "model", "quantize", _folder.File("model.onnx") }
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
