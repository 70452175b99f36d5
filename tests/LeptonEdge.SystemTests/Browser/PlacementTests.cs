using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LeptonEdge.SystemTests.Browser;

/// <summary>Where work runs, and what operators do about it.</summary>
[Collection(DashboardCollection.Name)]
public sealed class PlacementTests(DashboardFixture dashboard)
{
    private const int MovesMilliseconds = 30_000;

    [BrowserFact]
    public async Task A_workload_moves_to_the_hub_after_a_pin_and_the_picture_and_the_list_of_moves_show_it()
    {
        await using var window = await dashboard.OpenAsync();
        var page = window.Page;
        await page.GotoAsync($"/workloads/{DashboardSite.Pump}/bearing");
        await page.GetByRole(AriaRole.Button, new() { Name = "Pin…" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Node").SelectOptionAsync("hub");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Pin…" }).ClickAsync();
        await Expect(dialog).ToBeHiddenAsync();
        await Expect(page.Locator(".tag", new() { HasText = "Pinned to hub" })).ToBeVisibleAsync();
        await Expect(page.Locator(".head .tag.hub", new() { HasText = "Hub" })).ToBeVisibleAsync(new() { Timeout = MovesMilliseconds });
        await page.GetByRole(AriaRole.Link, new() { Name = "Workloads" }).ClickAsync();
        await Expect(page.Locator(".flow .work", new() { HasText = $"{DashboardSite.Pump}/bearing" }).Locator("circle.hub"))
            .ToBeVisibleAsync();
        await new PageWalk(window).PictureAsync("workload-on-hub");
        await page.GetByRole(AriaRole.Link, new() { Name = "Moves", Exact = true }).ClickAsync();
        await page.GetByLabel("Cause").SelectOptionAsync("pinned");
        await Expect(page.GetByRole(AriaRole.Row, new() { Name = $"{DashboardSite.Pump}/bearing" }).First)
            .ToContainTextAsync("Pinned", new() { Timeout = MovesMilliseconds });
        await page.GetByRole(AriaRole.Link, new() { Name = "Drain and pin" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = $"Unpin {DashboardSite.Pump}/bearing" }).ClickAsync();
        await Expect(page.GetByText("No workload is pinned")).ToBeVisibleAsync();
        window.AssertQuiet();
    }

    [BrowserFact]
    public async Task The_hub_is_drained_and_used_again()
    {
        await using var window = await dashboard.OpenAsync();
        var page = window.Page;
        await page.GotoAsync("/workloads/drain");
        await page.GetByRole(AriaRole.Button, new() { Name = "Drain a node…" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Node").FillAsync("hub");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Drain" }).ClickAsync();
        await Expect(dialog).ToBeHiddenAsync();
        await Expect(page.Locator(".list li", new() { HasText = "hub" }).Locator(".tag")).ToHaveTextAsync("Drained");
        await page.GetByRole(AriaRole.Button, new() { Name = "Use again hub" }).ClickAsync();
        await Expect(page.GetByText("Nothing is drained")).ToBeVisibleAsync();
        window.AssertQuiet();
    }

    [BrowserFact]
    public async Task A_model_shows_its_accuracy_and_where_it_runs_and_is_rolled_out()
    {
        await using var window = await dashboard.OpenAsync();
        var page = window.Page;
        await page.GotoAsync("/models");
        var card = page.Locator(".panel", new() { HasText = "bearing-fault" })
            .Filter(new() { Has = page.GetByRole(AriaRole.Link, new() { Name = $"{DashboardSite.Press}/bearing" }) });
        await Expect(card.GetByRole(AriaRole.Row, new() { Name = "Accuracy" })).ToContainTextAsync("99.91%");
        await card.GetByRole(AriaRole.Button, new() { Name = "Roll out… bearing-fault/1.0.0" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel($"{DashboardSite.Press}/bearing").CheckAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Roll out…" }).ClickAsync();
        await Expect(dialog).ToBeHiddenAsync();
        // The device is told to run it, beside what it reports.
        await page.GotoAsync($"/devices/{DashboardSite.Press}/about");
        await Expect(page.GetByRole(AriaRole.Row, new() { Name = "bearing-fault/1.0.0" })).ToBeVisibleAsync();
        await Expect(page.GetByText("days left")).ToBeVisibleAsync();
        await Expect(page.Locator(".panel", new() { HasText = "Storage" }).Last).ToContainTextAsync("that it may take");
        window.AssertQuiet();
    }
}
