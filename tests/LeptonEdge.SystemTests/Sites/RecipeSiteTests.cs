using System.Text.Json;
using LeptonEdge.Core.Identity;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Inference.Splitting;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.SystemTests.Sites;

/// <summary>A hub's plan changes the way in which a real agent has its windows answered.</summary>
[Collection(Alone.Name)]
public sealed class RecipeSiteTests : IDisposable
{
    private const string Device = "press";
    private const string Large = "bearing-fault-large";
    private readonly TempFolder _models = new();

    public RecipeSiteTests()
    {
        foreach (var file in Directory.EnumerateFiles(Product.ModelsFolder, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(_models.Path, Path.GetRelativePath(Product.ModelsFolder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        var whole = ModelBundle.Load(_models.Path, new ModelReference(Large, "1.0.0"));
        var splitter = new BundleSplitter(whole, [ModelVariant.Int8]);
        splitter.Write(_models.Path, [splitter.Split(ModelVariant.Int8, ["l5.q"], runs: 1)]);
    }

    public void Dispose() => _models.Dispose();

    [Fact]
    public async Task A_loaded_device_leaves_its_part_to_the_hub_and_takes_it_back_and_no_window_is_lost()
    {
        using var site = new PeerSite(
            _models.Path, ["choices: [hub, cascade, split]", "cascade: { unsure_below: 0.9 }"], Device);
        site.StartHub();
        site.StartAgent(Device);
        await RunsAsync(site, "the device computes a part", recipe => recipe is "cascade" or "split");

        await LogsAndRulesAsync(site);

        await LeptonAsync(site, "device", "load", Device, "--utilisation", "0.97", "--seconds", "60");
        await RunsAsync(site, "the loaded device leaves all to the hub", recipe => recipe == "whole");
        await GrowsAsync(site, "the hub answers", "inferencesHub");
        await LeptonAsync(site, "device", "load", Device, "--seconds", "0");
        await RunsAsync(site, "the device computes a part again", recipe => recipe is "cascade" or "split");

        await PinAsync(site, "split");
        await GrowsAsync(site, "the hub computes the second stage", "splitAnswers");
        Assert.Contains($"split: {Device} + hub", (await site.LeptonAsync("plan", "show")).Output);
        await PinAsync(site, "cascade");
        await GrowsAsync(site, "the small model answers", "inferencesLocal");

        await site.UntilAsync(
            async () => await site.DeviceAsync("devices", "items", Device) is { } device
                && device.GetProperty("backlog").GetProperty("batches").GetInt64() < 5, "the hub has caught up");
        await site.StopAsync(Device);
        await site.StopAsync("hub");
        Judge(site);
    }

    private static async Task LogsAndRulesAsync(PeerSite site)
    {
        Assert.Matches(
            "(?m)^20.*Z information .*DeviceLink: Connected to ", (await site.LeptonAsync("device", "logs", Device)).Output);
        var rules = (await site.LeptonAsync("rule", "list")).Output;
        Assert.Matches($"{Device} +bearing +bearing-fault +critical +score at or above 0.8, .* configuration", rules);
        await LeptonAsync(site, "rule", "set", $"{Device}/bearing-fault", "--raise-at", "0.9");
        await site.UntilAsync(
            async () => (await site.LeptonAsync("rule", "list")).Output.Contains("score at or above 0.9"),
            "the device follows the changed rule");
        await LeptonAsync(site, "rule", "reset", $"{Device}/bearing/bearing-fault");
    }

    private static void Judge(PeerSite site)
    {
        var (windows, summary) = (site.Compare(Device), site.Summary(Device));
        Assert.Equal((0, 0), (windows.Doubled, windows.Unknown));
        // None is left without a verdict, but those that a machine out of breath sheds and counts.
        Assert.Equal(summary.ShedWindows, windows.Unanswered);
        Assert.InRange(windows.Unanswered, 0, windows.Windows / 20);
        var models = windows.Verdicts.Select(verdict => verdict.Model.Name).ToHashSet();
        Assert.Superset(new HashSet<string> { "bearing-fault", Large, $"{Large}-stage2" }, models);
    }

    private static async Task PinAsync(PeerSite site, string recipe)
    {
        await LeptonAsync(site, "plan", "pin", $"{Device}/bearing", "hub", "--recipe", recipe);
        await RunsAsync(site, $"the pin to {recipe} is followed", runs => runs == recipe);
    }

    private static async Task LeptonAsync(PeerSite site, params string[] arguments)
    {
        var (status, output, errors) = await site.LeptonAsync(arguments);
        Assert.True(status == 0, $"{string.Join(' ', arguments)}: {output}{errors}");
    }

    /// <summary>Waits until the device itself reports the recipe, away from its own model alone.</summary>
    private static Task RunsAsync(PeerSite site, string what, Func<string, bool> isWanted) => site.UntilAsync(
        async () => await site.DeviceAsync("workloads", "items", Device) is { } workload
            && isWanted(workload.GetProperty("recipe").GetString()!)
            && (workload.GetProperty("recipe").GetString() != "whole"
                || workload.GetProperty("place").GetString() == "hub"),
        what);

    private static async Task GrowsAsync(PeerSite site, string what, string figure)
    {
        async Task<long> CountAsync() => await site.DeviceAsync("workloads", "items", Device) is { } workload
            ? workload.GetProperty(figure).GetInt64()
            : 0;
        var before = await CountAsync();
        await site.UntilAsync(async () => await CountAsync() > before + 20, what);
    }
}
