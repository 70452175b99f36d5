using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LeptonEdge.SystemTests.Browser;

/// <summary>The dashboard without a mouse.</summary>
[Collection(DashboardCollection.Name)]
public sealed class KeyboardTests(DashboardFixture dashboard)
{
    [BrowserFact]
    public async Task The_keyboard_alone_reaches_a_device_and_its_chart()
    {
        await using var window = await dashboard.OpenAsync();
        var page = window.Page;
        await page.GotoAsync("/");
        await Expect(page.Locator("h1")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.GetByText("Skip to content")).ToBeFocusedAsync();
        await TabToAsync(page, "Fleet");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Fleet", Level = 1 })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = DashboardSite.Press })).ToBeVisibleAsync();
        await TabToAsync(page, DashboardSite.Press);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByLabel("Newest value")).ToBeVisibleAsync();
        await TabToAsync(page, "Zoom in");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page).ToHaveURLAsync(new Regex("from="));
        await TabToAsync(page, "Back to live");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page).ToHaveURLAsync(new Regex("range="));
        window.AssertQuiet();
    }

    [BrowserFact]
    public async Task The_command_palette_finds_a_device_and_keys_go_to_pages()
    {
        await using var window = await dashboard.OpenAsync();
        var page = window.Page;
        await page.GotoAsync("/");
        await Expect(page.Locator(".stats")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Control+k");
        var palette = page.GetByRole(AriaRole.Dialog, new() { Name = "Go to" });
        await palette.GetByRole(AriaRole.Searchbox).FillAsync(DashboardSite.Pump);
        await Expect(palette.GetByRole(AriaRole.Menuitem).First).ToContainTextAsync(DashboardSite.Pump);
        await Expect(palette.Locator("[data-focused]")).ToContainTextAsync(DashboardSite.Pump);
        await new PageWalk(window).PictureAsync("palette");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page).ToHaveURLAsync(new Regex($"/devices/{DashboardSite.Pump}$"));
        await Expect(palette).ToBeHiddenAsync();
        await page.Keyboard.PressAsync("Control+k");
        await palette.GetByRole(AriaRole.Searchbox).FillAsync("theme dark");
        await Expect(palette.GetByRole(AriaRole.Menuitem)).ToHaveCountAsync(1);
        await Expect(palette.Locator("[data-focused]")).ToHaveCountAsync(1);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("body")).ToHaveCSSAsync("background-color", "rgb(12, 17, 23)");
        await page.Keyboard.PressAsync("?");
        var map = page.GetByRole(AriaRole.Dialog, new() { Name = "Keyboard" });
        await Expect(map).ToContainTextAsync("Go to anything");
        await new PageWalk(window).PictureAsync("keyboard");
        await page.Keyboard.PressAsync("Escape");
        await Expect(map).ToBeHiddenAsync();
        await page.Keyboard.PressAsync("g");
        await page.Keyboard.PressAsync("f");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Fleet", Level = 1 })).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("/");
        await Expect(page.GetByRole(AriaRole.Searchbox)).ToBeFocusedAsync();
        window.AssertQuiet();
    }

    /// <summary>Presses Tab until what has the focus is named so, and shows that it has it.</summary>
    private static async Task TabToAsync(IPage page, string name)
    {
        const int PressesMax = 120;
        for (var i = 0; i < PressesMax; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            var at = await page.EvaluateAsync<string>(
                "(document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent ?? '').trim()");
            if (at != name)
                continue;
            Assert.NotEqual("none", await page.EvaluateAsync<string>("getComputedStyle(document.activeElement).outlineStyle"));
            return;
        }

        Assert.Fail($"Tab did not come to '{name}'");
    }
}
