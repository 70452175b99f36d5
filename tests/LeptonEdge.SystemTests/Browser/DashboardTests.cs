using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LeptonEdge.SystemTests.Browser;

/// <summary>What operators do all day, in a browser, against a real hub with real agents.</summary>
[Collection(DashboardCollection.Name)]
public sealed class DashboardTests(DashboardFixture dashboard)
{
    private const int WithinSeconds = 5;

    [BrowserFact]
    public async Task Somebody_signs_in_after_a_wrong_password_and_out_again()
    {
        await using var window = await dashboard.OpenAsStrangerAsync();
        var page = window.Page;
        await page.GotoAsync("/fleet");
        await Expect(page).ToHaveURLAsync(new Regex("/sign-in"));
        await SignInAsync(page, "wrong-password-here");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("wrong");
        await SignInAsync(page, DashboardFixture.Password);
        // Where they wanted to go in the first place.
        await Expect(Heading(page, "Fleet")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = DashboardFixture.Name }).ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new() { Name = "Sign out" }).ClickAsync();
        await Expect(Heading(page, "Sign in")).ToBeVisibleAsync();
        await page.GotoAsync("/");
        await Expect(Heading(page, "Sign in")).ToBeVisibleAsync();
        window.AssertQuiet();
    }

    [BrowserFact]
    public async Task A_live_value_changes_while_one_looks()
    {
        await using var window = await dashboard.OpenAsync();
        var page = window.Page;
        await page.GotoAsync($"/devices/{DashboardSite.Press}");
        var newest = page.GetByLabel("Newest value");
        await Expect(newest).ToContainTextAsync(new Regex(@"\d"));
        var before = await newest.TextContentAsync();
        await Expect(newest).Not.ToHaveTextAsync(before!);
        await Expect(page.Locator(".panel .tag", new() { HasText = "Live" })).ToBeVisibleAsync();
        window.AssertQuiet();
    }

    [BrowserFact]
    public async Task A_chart_is_zoomed_into_and_goes_back_to_live()
    {
        await using var window = await dashboard.OpenAsync();
        var page = window.Page;
        await page.GotoAsync($"/devices/{DashboardSite.Press}");
        await page.GetByRole(AriaRole.Button, new() { Name = "1 min", Exact = true }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex("range=60"));
        Assert.InRange(await SpanAsync(page), 59, 61);
        await Expect(page.Locator(".chart")).Not.ToHaveAttributeAsync("data-points", "0");

        var canvas = (await page.Locator(".chart .u-over").BoundingBoxAsync())!;
        var middle = canvas.Y + (canvas.Height / 2);
        await page.Mouse.MoveAsync(canvas.X + (canvas.Width * 0.5f), middle);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(canvas.X + (canvas.Width * 0.75f), middle, new() { Steps = 4 });
        await page.Mouse.UpAsync();
        await Expect(page).ToHaveURLAsync(new Regex("from="));
        Assert.InRange(await SpanAsync(page), 13, 17);
        await page.GetByRole(AriaRole.Button, new() { Name = "Zoom out" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex("from="));
        Assert.InRange(await SpanAsync(page), 20, 32);
        // The stretch is in the address: a reload shows the same.
        var before = await SpanAsync(page);
        await page.ReloadAsync();
        Assert.Equal(before, await SpanAsync(page), 0.01);
        await page.GetByRole(AriaRole.Button, new() { Name = "Back to live" }).ClickAsync();
        Assert.InRange(await SpanAsync(page), 299, 301);
        await page.GetByRole(AriaRole.Button, new() { Name = "1 year" }).ClickAsync();
        await Expect(page.Locator(".chart")).Not.ToHaveAttributeAsync("data-points", "0");
        window.AssertQuiet();
    }

    [BrowserFact]
    public async Task A_page_whose_stream_breaks_says_so_and_goes_on_by_itself()
    {
        await using var window = await dashboard.OpenAsync();
        var page = window.Page;
        await page.RouteAsync("**/api/v1/live?**", route => route.AbortAsync());
        await page.GotoAsync("/fleet");
        var state = page.Locator("header [role=status]");
        await Expect(state).ToHaveTextAsync("Reconnecting…");
        // The list is there all the same.
        await Expect(page.GetByRole(AriaRole.Row, new() { Name = DashboardSite.Press })).ToContainTextAsync("Online");
        await page.UnrouteAsync("**/api/v1/live?**");
        await Expect(state).ToHaveTextAsync("Live");
        window.AssertQuiet();
    }

    [BrowserFact]
    public async Task An_agent_that_is_killed_is_shown_within_five_seconds()
    {
        await using var window = await dashboard.OpenAsync();
        var page = window.Page;
        await page.GotoAsync("/fleet");
        var row = page.GetByRole(AriaRole.Row, new() { NameRegex = new Regex(DashboardSite.Victim) });
        await Expect(row).ToContainTextAsync("Online");
        await dashboard.Site.KillAsync(DashboardSite.Victim);
        var killed = Stopwatch.GetTimestamp();
        await Expect(row).ToContainTextAsync("Offline", new() { Timeout = 30_000 });
        var took = Stopwatch.GetElapsedTime(killed);
        Assert.True(took.TotalSeconds <= WithinSeconds, $"it took {took.TotalSeconds:0.0} s");
        await page.GotoAsync("/");
        await Expect(page.Locator("section", new() { HasText = "Needs attention" })).ToContainTextAsync(DashboardSite.Victim);
        // Its log is its own, and it says so.
        await page.GotoAsync($"/devices/{DashboardSite.Victim}/logs");
        await Expect(page.GetByText("The device is not connected")).ToBeVisibleAsync();
        window.AssertQuiet();
    }

    private static ILocator Heading(IPage page, string name) =>
        page.GetByRole(AriaRole.Heading, new() { Name = name, Level = 1 });

    private static async Task SignInAsync(IPage page, string password)
    {
        await page.GetByLabel("Name").FillAsync(DashboardFixture.Name);
        await page.GetByLabel("Password").FillAsync(password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
    }

    /// <summary>Seconds that the chart shows.</summary>
    private static async Task<double> SpanAsync(IPage page)
    {
        var chart = page.Locator(".chart");
        var ends = await Task.WhenAll(chart.GetAttributeAsync("data-from"), chart.GetAttributeAsync("data-to"));
        return double.Parse(ends[1]!, CultureInfo.InvariantCulture) - double.Parse(ends[0]!, CultureInfo.InvariantCulture);
    }
}
