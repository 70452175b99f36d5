using System.Text.Json;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.SystemTests;

/// <summary>The README's first command, as a user runs it.</summary>
[Collection(Alone.Name)]
public class DemoTests
{
    private const int Seconds = 45;

    [Fact]
    public async Task The_demo_on_the_signal_model_tells_its_story_and_loses_nothing()
    {
        var report = await RunAsync();

        Assert.Equal("simulated", report.GetProperty("vibration").GetString());
        AssertStory(report);
    }

    [DataFact("cwru")]
    public async Task The_demo_on_recordings_tells_its_story_and_loses_nothing()
    {
        var report = await RunAsync("--data", Requires.DataPath("cwru"));

        Assert.Equal("recordings", report.GetProperty("vibration").GetString());
        AssertStory(report);
    }

    [Theory]
    [InlineData("--for", "soon", "60s")]
    [InlineData("--for", "3s", "20s")]
    [InlineData("--data", "/nowhere", "/nowhere")]
    public async Task Bad_options_are_named_with_what_to_write_instead(string option, string value, string named)
    {
        var (status, _, errors) = await Product.LeptonAsync(30, "demo", option, value);

        Assert.Equal(2, status);
        Assert.Contains(option, errors, StringComparison.Ordinal);
        Assert.Contains(named, errors, StringComparison.Ordinal);
    }

    private static async Task<JsonElement> RunAsync(params string[] more)
    {
        using var folder = new TempFolder();
        var file = folder.File("report.json");
        var (status, output, errors) = await Product.LeptonAsync(
            Seconds + 120, ["demo", "--for", $"{Seconds}s", "--report", file, .. more]);
        Assert.True(status == 0,
            $"status {status}\n{output}\n{errors}\n{(File.Exists(file) ? File.ReadAllText(file) : "no report")}");
        using var document = JsonDocument.Parse(File.ReadAllText(file));
        return document.RootElement.Clone();
    }

    private static void AssertStory(JsonElement report)
    {
        long Number(string name) => report.GetProperty(name).GetInt64();
        Assert.Equal(0, Number("lost"));
        Assert.Equal(0, Number("duplicated"));
        Assert.Equal(1, Number("hubRestarts"));
        Assert.True(Number("rebalances") >= 2, $"{Number("rebalances")} moves");
        Assert.True(Number("stored") > 1_000, $"{Number("stored")} records");
        Assert.True(report.GetProperty("inferences").GetProperty("local").GetInt64() > 300);
        Assert.True(report.GetProperty("inferences").GetProperty("hub").GetInt64() > 10);
        foreach (var channel in report.GetProperty("channels").EnumerateArray())
        {
            var (rate, nominal) = (
                channel.GetProperty("readingsPerSecond").GetDouble(), channel.GetProperty("nominalRate").GetDouble());
            Assert.True(Math.Abs(rate - nominal) <= 0.02 * nominal, $"{channel} is off its true rate");
        }
    }
}
