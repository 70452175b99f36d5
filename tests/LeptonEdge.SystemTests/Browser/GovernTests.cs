using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LeptonEdge.SystemTests.Browser;

/// <summary>Who did what, and who may.</summary>
[Collection(DashboardCollection.Name)]
public sealed class GovernTests(DashboardFixture dashboard)
{
    private const string Viewer = "vera";

    [BrowserFact]
    public async Task An_audit_entry_shows_what_was_before_and_after_and_a_viewer_is_told_why_a_page_is_refused()
    {
        await using var window = await dashboard.OpenAsync();
        var page = window.Page;
        await page.GotoAsync("/settings/accounts");
        await page.GetByRole(AriaRole.Button, new() { Name = "New account" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Name").FillAsync(Viewer);
        await dialog.GetByLabel("Password").FillAsync(DashboardFixture.Password);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        await Expect(dialog).ToBeHiddenAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Audit" }).ClickAsync();
        await page.GetByLabel("Filter by who, action, target").FillAsync($"account {Viewer}");
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Open") }).First.ClickAsync();
        await Expect(dialog.GetByRole(AriaRole.Row, new() { Name = "role" }).Locator("ins")).ToHaveTextAsync("viewer");
        await new PageWalk(window).PictureAsync("audit-entry");
        await page.Keyboard.PressAsync("Escape");
        await page.GetByRole(AriaRole.Button, new() { Name = "Verify the chain" }).ClickAsync();
        await Expect(page.GetByText("Sound:")).ToBeVisibleAsync();

        await using var other = await dashboard.OpenAsStrangerAsync();
        await other.Page.GotoAsync("/sign-in?to=/audit");
        await other.Page.GetByLabel("Name").FillAsync(Viewer);
        await other.Page.GetByLabel("Password").FillAsync(DashboardFixture.Password);
        await other.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Expect(other.Page.GetByText("Your role does not allow this")).ToBeVisibleAsync();
        await Expect(other.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("signed in as Viewer");
        await new PageWalk(other).PictureAsync("refused");
        other.AssertQuiet();
        window.AssertQuiet();
    }
}
