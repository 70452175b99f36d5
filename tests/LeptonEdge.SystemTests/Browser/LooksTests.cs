using System.Text.Json;
using System.Text.RegularExpressions;
using LeptonEdge.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LeptonEdge.SystemTests.Browser;

/// <summary>Whether everyone can use it: in both themes, on a phone, by keyboard alone, in Chinese, and by what axe finds. A
/// picture of every page is kept beside the tests.</summary>
[Collection(DashboardCollection.Name)]
public sealed class LooksTests(DashboardFixture dashboard)
{
    private static readonly (string Name, string Path)[] s_pages =
    [
        ("overview", "/"), ("fleet", "/fleet"), ("device", $"/devices/{DashboardSite.Press}"),
        ("device-work", $"/devices/{DashboardSite.Press}/work"), ("device-alarms", $"/devices/{DashboardSite.Press}/alarms"),
        ("device-about", $"/devices/{DashboardSite.Press}/about"), ("sites", "/sites"), ("site", "/sites/north"),
        ("alarms", "/alarms"), ("workloads", "/workloads"), ("workload", $"/workloads/{DashboardSite.Press}/bearing"),
        ("models", "/models"), ("jobs", "/jobs"), ("usage", "/usage"), ("audit", "/audit"), ("settings", "/settings"),
        ("settings-own", "/settings/own"), ("settings-tokens", "/settings/tokens"),
        ("settings-accounts", "/settings/accounts"), ("not-found", "/devices/none-such"),
    ];

    [BrowserFact]
    public async Task Axe_finds_nothing_on_any_page_in_the_light_theme() => await InspectAsync(ColorScheme.Light);

    [BrowserFact]
    public async Task Axe_finds_nothing_on_any_page_in_the_dark_theme() => await InspectAsync(ColorScheme.Dark);

    [BrowserFact]
    public async Task The_theme_is_chosen_and_kept()
    {
        await using var window = await dashboard.OpenAsync();
        var page = window.Page;
        await page.GotoAsync("/");
        await page.GetByRole(AriaRole.Button, new() { Name = "Theme" }).ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new() { Name = "Dark" }).ClickAsync();
        await Expect(page.Locator("body")).ToHaveCSSAsync("background-color", "rgb(12, 17, 23)");
        await page.ReloadAsync();
        await Expect(page.Locator("body")).ToHaveCSSAsync("background-color", "rgb(12, 17, 23)");
        window.AssertQuiet();
    }

    [BrowserFact]
    public async Task A_phone_shows_every_page_without_scrolling_sideways()
    {
        await using var window = await dashboard.OpenAsync(width: 390, height: 844);
        var page = window.Page;
        var wide = new List<string>();
        foreach (var (name, path) in s_pages)
        {
            await ShowAsync(page, path);
            await TakePictureAsync(page, $"phone-{name}");
            var over = await page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth");
            if (over > 0)
                wide.Add($"{name} by {over} px");
        }

        Assert.Empty(wide);
        await page.GotoAsync("/");
        await page.GetByRole(AriaRole.Button, new() { Name = "Menu" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Alarms", Exact = false }).First.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Alarms", Level = 1 })).ToBeVisibleAsync();
        window.AssertQuiet();
    }

    [BrowserFact]
    public async Task The_keyboard_alone_reaches_a_device_and_its_chart()
    {
        await using var window = await dashboard.OpenAsync();
        var page = window.Page;
        await ShowAsync(page, "/");
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.GetByText("Skip to content")).ToBeFocusedAsync();
        await TabToAsync(page, "Fleet");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Fleet", Level = 1 })).ToBeVisibleAsync();
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
    public async Task Everything_is_there_in_Chinese()
    {
        await using var window = await dashboard.OpenAsync(locale: "zh-CN");
        var page = window.Page;
        await ShowAsync(page, "/");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "总览", Level = 1 })).ToBeVisibleAsync();
        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "zh-CN");
        await TakePictureAsync(page, "chinese-overview");
        await page.GetByRole(AriaRole.Link, new() { Name = "设备群" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Cell, new() { Name = "在线" }).First).ToBeVisibleAsync();
        window.AssertQuiet();
    }

    private async Task InspectAsync(ColorScheme theme)
    {
        var axe = await File.ReadAllTextAsync(Path.Combine(
            Requires.RepositoryRoot, "src", "LeptonEdge.Hub", "web", "node_modules", "axe-core", "axe.min.js"));
        var found = new List<string>();
        await using (var stranger = await dashboard.OpenAsStrangerAsync(theme))
        {
            foreach (var (name, path) in ((string, string)[])[("sign-in", "/sign-in"), ("welcome", "/welcome?code=x")])
            {
                await stranger.Page.GotoAsync(path);
                await Expect(stranger.Page.Locator("h1")).ToBeVisibleAsync();
                await TakePictureAsync(stranger.Page, $"{theme}-{name}");
                found.AddRange(await ViolationsAsync(stranger.Page, axe, name));
            }
        }

        await using var window = await dashboard.OpenAsync(theme);
        foreach (var (name, path) in s_pages)
        {
            await ShowAsync(window.Page, path);
            await TakePictureAsync(window.Page, $"{theme}-{name}");
            found.AddRange(await ViolationsAsync(window.Page, axe, name));
        }

        Assert.Empty(found);
        window.AssertQuiet();
    }

    /// <summary>Opens a page and waits until it shows what it is about.</summary>
    private static async Task ShowAsync(IPage page, string path)
    {
        await page.GotoAsync(path);
        await Expect(page.Locator("h1")).ToBeVisibleAsync();
        await Expect(page.Locator("[aria-busy=true]")).ToHaveCountAsync(0);
    }

    private static Task TakePictureAsync(IPage page, string name) => page.ScreenshotAsync(
        new() { Path = Path.Combine(DashboardFixture.Pictures, $"{name.ToLowerInvariant()}.png") });

    private static async Task<List<string>> ViolationsAsync(IPage page, string axe, string name)
    {
        await page.EvaluateAsync(axe);
        var answer = await page.EvaluateAsync<JsonElement>("""
            async () => (await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
              resultTypes: ['violations'] })).violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 120)} ${n.failureSummary}`))
            """);
        return [.. answer.EnumerateArray().Select(violation => $"{name}: {violation.GetString()}")];
    }

    /// <summary>Presses Tab until what has the focus is named so.</summary>
    private static async Task TabToAsync(IPage page, string name)
    {
        const int PressesMax = 120;
        for (var i = 0; i < PressesMax; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            var at = await page.EvaluateAsync<string>(
                "(document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent ?? '').trim()");
            if (at == name)
                return;
        }

        Assert.Fail($"Tab did not come to '{name}'");
    }
}
