using System.Net.Http.Json;
using System.Text.Json;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Inference.Splitting;
using LeptonEdge.Placement.Planning;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Tests.Models;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Hub;

/// <summary>A real hub whose plan chooses among the ways that a device offers.</summary>
public sealed class RecipePlanTests : IAsyncLifetime
{
    private readonly TempFolder _models = new();
    private HubUnderTest _hub = null!;

    public async Task InitializeAsync()
    {
        CopyFolder(Path.Combine(Requires.RepositoryRoot, "firmware-config", "models"), _models.Path);
        var splitter = new BundleSplitter(ShippedModels.Load("bearing-fault"), [ModelVariant.Int8]);
        splitter.Write(_models.Path, [splitter.Split(ModelVariant.Int8, ["l1.q"], runs: 1)]);
        _hub = new HubUnderTest
        {
            ModelsFolder = _models.Path,
            Rules = HubUnderTest.QuickRules,
        };
        await _hub.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await _hub.DisposeAsync();
        _models.Dispose();
    }

    [Fact]
    public async Task A_workload_is_told_its_recipe_and_the_plan_shows_it()
    {
        await using var press = Press();
        using var client = _hub.Operator();
        await RunsByAsync(client, "cascade");
        await Eventually.True(
            () => press.Workload is { Place: PlaceCode.Hub, Recipe: RecipeCode.Cascade, HubModel: "bearing-fault" },
            "the device is told to cascade");

        Assert.Equal(0, (await _hub.LeptonAsync("plan", "pin", "press/bearing", "hub", "--recipe", "split")).Status);
        var placed = await RunsByAsync(client, "split");
        Assert.Equal(("hub", "cascade"), (
            placed.GetProperty("node").GetString(), placed.GetProperty("recipeBefore").GetString()));
        await Eventually.True(() => press.Workload?.Recipe == RecipeCode.Split, "the device is told to split");
        await Eventually.True(
            async () => !(await RunsByAsync(client, "split")).GetProperty("preparing").GetBoolean(), "it runs so");
        var shown = (await _hub.LeptonAsync("plan", "show")).Output;
        Assert.Contains("split: press + hub", shown);
        Assert.Contains("pinned: press/bearing to hub by split", shown);
        var row = (await HubUnderTest.JsonAsync(client, "summary")).GetProperty("rows")[0];
        Assert.Equal("split", row.GetProperty("place").GetString());

        var dry = (await _hub.LeptonAsync("plan", "dry-run", "--pin", "press/bearing=hub/whole")).Output;
        Assert.Contains("press + hub (split)", dry);
        var explained = (await _hub.LeptonAsync("plan", "explain", "press/bearing")).Output;
        Assert.Contains(
            "its device offers hub, cascade (unsure of 5 % of windows, 0 s ago), split (first layers 0.2 ms, 448 bytes "
            + "cross)", explained);
        var options = (await HubUnderTest.JsonAsync(client, "plan/workloads/press/bearing")).GetProperty("options");
        Assert.Equal(
            ["cascade", "split", "whole"],
            options.EnumerateArray().Where(option => option.GetProperty("node").GetString() == "hub")
                .Select(option => option.GetProperty("recipe").GetString()!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_split_of_which_the_hub_lacks_the_second_stage_is_no_choice()
    {
        await using var press = Press(report => Choice(report, OffloadCode.Split).FarModel = "unknown-stage2");
        using var client = _hub.Operator();
        await RunsByAsync(client, "cascade");
        var options = (await HubUnderTest.JsonAsync(client, "plan/workloads/press/bearing")).GetProperty("options");
        Assert.DoesNotContain(
            options.EnumerateArray(), option => option.GetProperty("recipe").GetString() == "split");
        var refused = await client.PutAsJsonAsync("api/v1/plan/pins/press/bearing", new { node = "hub", recipe = "split" });
        Assert.Contains("hub does not answer for unknown-stage2", await refused.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_cascade_whose_share_cannot_be_is_flagged_and_moves_nothing()
    {
        await using var press = Press(report => Choice(report, OffloadCode.Cascade).FarShare = 7);
        using var client = _hub.Operator();
        await Eventually.True(
            async () => (await HubUnderTest.JsonAsync(client, "plan/devices")).GetProperty("items").EnumerateArray()
                .Any(device => device.GetProperty("distrust").ToString().Contains("unsure of 7", StringComparison.Ordinal)),
            "the device is flagged");
        Assert.Empty((await HubUnderTest.JsonAsync(client, "plan")).GetProperty("moves").EnumerateArray());
    }

    [Theory]
    [InlineData("hub", "slice", 400, "none of whole, cascade, split")]
    [InlineData("press", "split", 400, "runs on the hub, not on")]
    [InlineData("press", null, 409, "press/bearing does not offer")]
    public async Task A_pin_that_cannot_be_is_refused_with_the_reason(string node, string? recipe, int status, string why)
    {
        await using var press = Press();
        using var client = _hub.Operator();
        await RunsByAsync(client, "cascade");
        var answer = await client.PutAsJsonAsync("api/v1/plan/pins/press/bearing", new { node, recipe });
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Contains(why, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>It offers all but itself alone, and knows what each costs there.</summary>
    private ObedientDevice Press(Action<ReportedState>? lie = null) => new(_hub, "press")
    {
        Lie = report =>
        {
            // The hub's model is large enough for the choices to differ in cost.
            report.Workloads[0].DeadlineSeconds = 1;
            report.Workloads[0].Choices.Add(
            [
                new ReportedChoice { Way = OffloadCode.Hub, FarModel = "bearing-fault" },
                new ReportedChoice { Way = OffloadCode.Cascade, FarModel = "bearing-fault", FarShare = 0.05 },
                new ReportedChoice
                {
                    Way = OffloadCode.Split, FarModel = "bearing-fault-stage2", NearSeconds = 0.0002,
                    NearP99Seconds = 0.0004, CutBytes = 448,
                },
            ]);
            lie?.Invoke(report);
        },
    };

    private static ReportedChoice Choice(ReportedState report, OffloadCode way) =>
        report.Workloads[0].Choices.Single(choice => choice.Way == way);

    private static async Task<JsonElement> RunsByAsync(HttpClient client, string recipe)
    {
        JsonElement found = default;
        await Eventually.True(
            async () =>
            {
                var plan = await HubUnderTest.JsonAsync(client, "plan");
                found = plan.GetProperty("placements").EnumerateArray().FirstOrDefault();
                return found.ValueKind == JsonValueKind.Object && found.GetProperty("recipe").GetString() == recipe;
            },
            $"the plan chooses {recipe}");
        return found;
    }

    private static void CopyFolder(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
