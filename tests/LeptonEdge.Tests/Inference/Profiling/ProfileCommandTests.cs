using System.Diagnostics;
using System.Text.Json;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Inference.Profiling;

/// <summary><c>lepton model profile</c> as a process, piped as scripts run it.</summary>
public sealed class ProfileCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public ProfileCommandTests() => File.WriteAllBytes(
        _folder.File("mlp.onnx"), TinyOnnx.Mlp(width: 16, layers: 3, classes: 3, batch: null));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Steps_tensors_and_cuts_are_told_on_stdout_and_nothing_on_stderr()
    {
        var (status, output, errors) = await Run(
            _folder.File("mlp.onnx"), "--runs", "5", "--batch", "2", "--report", "json");
        Assert.Equal("", errors);
        Assert.Equal(0, status);
        using var report = JsonDocument.Parse(output);
        var model = report.RootElement.GetProperty("models")[0];
        Assert.Equal(5, model.GetProperty("runs").GetInt32());
        Assert.Equal(
            [2 * 16 * 16, 2 * 16 * 16, 2 * 16 * 3],
            model.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("macs").GetInt32()));
        Assert.Equal(
            [("r0", 128), ("r1", 128)],
            model.GetProperty("cuts").EnumerateArray().Select(
                cut => (cut.GetProperty("name").GetString(), cut.GetProperty("bytes").GetInt32())));
    }

    [Fact]
    public async Task The_best_cut_is_told_for_a_link_and_a_device()
    {
        var (status, output, errors) = await Run(
            _folder.File("mlp.onnx"), "--runs", "5", "--uplink", "1000000", "--round-trip", "0", "--device-factor",
            "1000", "--report", "json");
        Assert.Equal((0, ""), (status, errors));
        using var report = JsonDocument.Parse(output);
        var best = report.RootElement.GetProperty("models")[0].GetProperty("best");
        Assert.Equal("hub", best.GetProperty("place").GetString());
        Assert.Equal(64, best.GetProperty("upBytes").GetInt32());
        var latencies = best.GetProperty("latencies").EnumerateArray().ToDictionary(
            row => row.GetProperty("way").GetString()!, row => row.GetProperty("millis").GetDouble());
        Assert.Equal(latencies["all in the hub"], latencies["best of all ways"]);
        Assert.True(latencies["all on the device"] > latencies["all in the hub"]);
    }

    [Theory]
    [InlineData("--uplink", "0", "use 1 to 1e13")]
    [InlineData("--shape", "input=1xx3", "--shape: 'input=1xx3' is no shape")]
    [InlineData("--shape", "image=1x3", "the model has no input 'image', only 'input'")]
    [InlineData("--shape", "input=1x3", "the model does not run: ")]
    [InlineData("--threads", "0", "use 1 to 64 threads")]
    public async Task A_wrong_option_is_named_and_the_status_is_1(string option, string value, string reason)
    {
        var (status, output, errors) = await Run(_folder.File("mlp.onnx"), option, value);
        Assert.Equal((1, ""), (status, output));
        Assert.Contains(reason, errors);
        Assert.DoesNotContain("   at ", errors);
    }

    private static async Task<(int Status, string Output, string Errors)> Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[] { Path.Combine(AppContext.BaseDirectory, "lepton.dll"), "model", "profile" }
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
