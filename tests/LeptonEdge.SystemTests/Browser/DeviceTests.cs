using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LeptonEdge.SystemTests.Browser;

/// <summary>What is asked of a device itself.</summary>
[Collection(DashboardCollection.Name)]
public sealed class DeviceTests(DashboardFixture dashboard)
{
    private const int TakenUpMilliseconds = 20_000;

    [BrowserFact]
    public async Task A_rule_is_changed_and_given_back_to_the_devices_configuration()
    {
        await using var window = await dashboard.OpenAsync();
        var page = window.Page;
        await page.GotoAsync($"/devices/{DashboardSite.Pump}/rules");
        await page.GetByRole(AriaRole.Button, new() { Name = "Edit… vibration-high" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Raise at or above").FillAsync("7.5");
        await dialog.GetByLabel("Clear below").FillAsync("6.25");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(dialog).ToBeHiddenAsync();
        // The device says that it holds it so.
        var row = page.GetByRole(AriaRole.Row, new() { Name = "vibration-high" });
        var patient = new LocatorAssertionsToContainTextOptions { Timeout = TakenUpMilliseconds };
        await Expect(row).ToContainTextAsync("at or above 7.5", patient);
        await Expect(row).ToContainTextAsync("Changed here", patient);
        await page.GetByRole(AriaRole.Button, new() { Name = "Give back vibration-high" }).ClickAsync();
        await Expect(row).ToContainTextAsync("Configuration", patient);
        await Expect(row).Not.ToContainTextAsync("7.5", new() { Timeout = TakenUpMilliseconds });
        window.AssertQuiet();
    }

    [BrowserFact]
    public async Task The_log_of_a_device_is_followed_filtered_and_paused()
    {
        await using var window = await dashboard.OpenAsync();
        var page = window.Page;
        await page.GotoAsync($"/devices/{DashboardSite.Press}/logs");
        var log = page.GetByRole(AriaRole.Log);
        await Expect(log).ToContainTextAsync("first verdict");
        await Expect(page.GetByText("Following", new() { Exact = true })).ToBeVisibleAsync();
        await page.GetByLabel("Filter by text").FillAsync("first verdict");
        await Expect(page.GetByText("1 lines")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await Expect(page.GetByText("Paused", new() { Exact = true })).ToBeVisibleAsync();
        await page.GetByLabel("Filter by text").FillAsync("");
        await page.GetByLabel("Level").SelectOptionAsync("warning");
        await Expect(log).ToContainTextAsync("alarm");
        await Expect(log).Not.ToContainTextAsync(new Regex("first verdict"));
        window.AssertQuiet();
    }
}
