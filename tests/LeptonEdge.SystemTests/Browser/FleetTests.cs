using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LeptonEdge.SystemTests.Browser;

/// <summary>The list of devices as a tool: what is done with all that a filter finds, and what of it is seen and taken
/// along.</summary>
[Collection(DashboardCollection.Name)]
public sealed class FleetTests(DashboardFixture dashboard)
{
    [BrowserFact]
    public async Task All_that_a_filter_finds_are_tagged_columns_are_chosen_and_the_list_is_exported()
    {
        await using var window = await dashboard.OpenAsync();
        var page = window.Page;
        await page.GotoAsync("/fleet?site=south");
        await Expect(page.GetByText("1 of 3 devices")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Act on all of these…" }).ClickAsync();
        await Expect(page.GetByText("All 1 that match")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Tag…", Exact = true }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Tag", new() { Exact = true }).FillAsync("by-filter");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Apply" }).ClickAsync();
        await Expect(page.GetByText("1 of 1 done")).ToBeVisibleAsync();
        // The row shows it at once, and only there.
        await Expect(page.GetByRole(AriaRole.Row, new() { Name = DashboardSite.Pump })).ToContainTextAsync("by-filter");
        await page.GotoAsync("/fleet");
        await Expect(page.Locator(".vt-body .tag", new() { HasText = "by-filter" })).ToHaveCountAsync(1);

        await page.GetByRole(AriaRole.Button, new() { Name = "Columns" }).ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new() { Name = "Board" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Columnheader, new() { Name = "Board" })).ToHaveCountAsync(0);
        await page.ReloadAsync();
        await Expect(page.GetByRole(AriaRole.Columnheader, new() { Name = "CPU" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Columnheader, new() { Name = "Board" })).ToHaveCountAsync(0);

        var download = await page.RunAndWaitForDownloadAsync(
            () => page.GetByRole(AriaRole.Button, new() { Name = "Export as CSV" }).ClickAsync());
        var lines = await File.ReadAllLinesAsync((await download.PathAsync())!);
        Assert.Equal(4, lines.Length);
        Assert.Contains("device,online,last_seen,site", lines[0], StringComparison.Ordinal);
        Assert.Contains(lines, line => line.StartsWith($"{DashboardSite.Pump},", StringComparison.Ordinal)
            && line.Contains("by-filter", StringComparison.Ordinal));
        window.AssertQuiet();
    }
}
