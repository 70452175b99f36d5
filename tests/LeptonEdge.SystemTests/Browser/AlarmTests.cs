using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LeptonEdge.SystemTests.Browser;

/// <summary>What is done about an alarm.</summary>
[Collection(DashboardCollection.Name)]
public sealed class AlarmTests(DashboardFixture dashboard)
{
    [BrowserFact]
    public async Task An_alarm_is_acknowledged_with_a_comment()
    {
        await using var window = await dashboard.OpenAsync();
        var page = window.Page;
        await page.GotoAsync("/alarms");
        await page.GetByLabel("Filter by device, rule, message").FillAsync($"{DashboardSite.Press} bearing-fault");
        await page.GetByRole(AriaRole.Button, new() { Name = $"Open {DashboardSite.Press}" }).First.ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Comment").FillAsync("the bearing is on order");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Acknowledge" }).ClickAsync();
        await Expect(dialog).ToBeHiddenAsync();
        await Expect(page.GetByRole(AriaRole.Row, new() { NameRegex = new Regex("Acknowledged") }).First).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = $"Open {DashboardSite.Press}" }).First.ClickAsync();
        await Expect(dialog).ToContainTextAsync("the bearing is on order");
        await Expect(dialog).ToContainTextAsync(DashboardFixture.Name);
        window.AssertQuiet();
    }
}
