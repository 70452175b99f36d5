using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LeptonEdge.SystemTests.Browser;

/// <summary>Whether everyone can use it: in both themes, on a phone, on a wall, and by what axe finds. A picture of every page
/// is kept beside the tests.</summary>
[Collection(DashboardCollection.Name)]
public sealed class LooksTests(DashboardFixture dashboard)
{
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
        var walk = new PageWalk(window);
        await walk.BeginAsync();
        var wide = new List<string>();
        foreach (var (name, path) in PageWalk.Pages)
        {
            await walk.GoAsync(path);
            if (name == "device")
                await Expect(page.Locator(".chart")).Not.ToHaveAttributeAsync("data-points", "0");
            await walk.PictureAsync($"phone-{name}");
            var over = await page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth");
            if (over > 0)
                wide.Add($"{name} by {over} px");
        }

        Assert.Empty(wide);
        await walk.GoAsync("/");
        await page.GetByRole(AriaRole.Button, new() { Name = "Menu" }).ClickAsync();
        await page.GetByRole(AriaRole.Navigation, new() { Name = "Pages" })
            .GetByRole(AriaRole.Link, new() { Name = "Alarms", Exact = false }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Alarms", Level = 1 })).ToBeVisibleAsync();
        window.AssertQuiet();
    }

    [BrowserFact]
    public async Task A_wall_screen_is_used_in_its_whole_width()
    {
        await using var window = await dashboard.OpenAsync(ColorScheme.Dark, 1920, 1080);
        var page = window.Page;
        var walk = new PageWalk(window);
        await walk.BeginAsync();
        foreach (var (size, width, height) in ((string, int, int)[])[("wall", 1920, 1080), ("wall-4k", 3840, 2160)])
        {
            await page.SetViewportSizeAsync(width, height);
            foreach (var (name, path) in ((string, string)[])[("fleet", "/fleet"), ("workloads", "/workloads"), ("overview", "/")])
            {
                await walk.GoAsync(path);
                await walk.PictureAsync($"{size}-{name}");
            }

            var last = (await page.Locator(".trend-panel").Last.BoundingBoxAsync())!;
            Assert.True(last.X + last.Width > width * 0.95, $"the trends end at {last.X + last.Width} of {width}");
        }

        window.AssertQuiet();
    }

    [BrowserFact]
    public async Task The_overview_draws_the_last_hour()
    {
        await using var window = await dashboard.OpenAsync();
        var page = window.Page;
        await page.GotoAsync("/");
        await Expect(page.GetByRole(AriaRole.Img, new() { NameRegex = new Regex("^Readings: ") })).ToBeVisibleAsync();
        await Expect(page.Locator(".trend-panel polyline")).ToHaveCountAsync(4);
        window.AssertQuiet();
    }

    private async Task InspectAsync(ColorScheme theme)
    {
        var found = new List<string>();
        await using (var stranger = await dashboard.OpenAsStrangerAsync(theme))
        {
            foreach (var (name, path) in ((string, string)[])[("sign-in", "/sign-in"), ("welcome", "/welcome?code=x")])
            {
                await stranger.Page.GotoAsync(path);
                await Expect(stranger.Page.Locator("h1")).ToBeVisibleAsync();
                var gate = new PageWalk(stranger);
                await gate.PictureAsync($"{theme}-{name}");
                found.AddRange(await gate.ViolationsAsync(name));
            }
        }

        await using var window = await dashboard.OpenAsync(theme);
        var walk = new PageWalk(window);
        await walk.BeginAsync();
        foreach (var (name, path) in PageWalk.Pages)
        {
            await walk.GoAsync(path);
            await walk.PictureAsync($"{theme}-{name}");
            found.AddRange(await walk.ViolationsAsync(name));
        }

        Assert.Empty(found);
        window.AssertQuiet();
    }
}
