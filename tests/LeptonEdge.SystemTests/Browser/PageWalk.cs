using System.Text.Json;
using LeptonEdge.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LeptonEdge.SystemTests.Browser;

/// <summary>Goes from page to page within one window, as a person does, and looks at each.</summary>
internal sealed class PageWalk(BrowserPage window)
{
    /// <summary>Every page, with the name that its picture has.</summary>
    public static readonly (string Name, string Path)[] Pages =
    [
        ("overview", "/"), ("fleet", "/fleet"), ("device", $"/devices/{DashboardSite.Press}"),
        ("device-work", $"/devices/{DashboardSite.Press}/work"), ("device-alarms", $"/devices/{DashboardSite.Press}/alarms"),
        ("device-rules", $"/devices/{DashboardSite.Press}/rules"), ("device-logs", $"/devices/{DashboardSite.Press}/logs"),
        ("device-about", $"/devices/{DashboardSite.Press}/about"), ("sites", "/sites"), ("site", "/sites/north"), ("alarms", "/alarms"), ("workloads", "/workloads"), ("moves", "/workloads/moves"), ("drains", "/workloads/drain"),
        ("workload", $"/workloads/{DashboardSite.Press}/bearing"), ("models", "/models"), ("jobs", "/jobs"),
        ("usage", "/usage"), ("audit", "/audit"), ("settings", "/settings"), ("settings-own", "/settings/own"),
        ("settings-tokens", "/settings/tokens"), ("settings-accounts", "/settings/accounts"),
        ("not-found", "/devices/none-such"),
    ];

    private static readonly Lazy<string> s_axe = new(() => File.ReadAllText(Path.Combine(
        Requires.RepositoryRoot, "src", "LeptonEdge.Hub", "web", "node_modules", "axe-core", "axe.min.js")));

    private bool _hasAxe;

    /// <summary>Opens the dashboard; the pages are gone to from there.</summary>
    public async Task BeginAsync()
    {
        await window.Page.GotoAsync("/usage");
        await Expect(window.Page.Locator("h1")).ToBeVisibleAsync();
    }

    /// <summary>Goes to a page without loading the dashboard anew, and waits until it shows what it is about.</summary>
    public async Task GoAsync(string path)
    {
        var page = window.Page;
        await page.EvaluateAsync("""
            (path) => {
              document.querySelectorAll('h1').forEach((heading) => { heading.dataset.old = 'yes'; });
              history.pushState(null, '', path);
            }
            """, path);
        await Expect(page.Locator("h1:not([data-old])")).ToBeVisibleAsync();
        await Expect(page.Locator("[aria-busy=true]")).ToHaveCountAsync(0);
    }

    public Task PictureAsync(string name) => window.Page.ScreenshotAsync(
        new() { Path = Path.Combine(DashboardFixture.Pictures, $"{name.ToLowerInvariant()}.png") });

    /// <summary>What axe finds wrong with the page that is open.</summary>
    public async Task<List<string>> ViolationsAsync(string name)
    {
        if (!_hasAxe)
            await window.Page.EvaluateAsync(s_axe.Value);
        _hasAxe = true;
        var answer = await window.Page.EvaluateAsync<JsonElement>("""
            async () => (await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
              resultTypes: ['violations'] })).violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 120)} ${n.failureSummary}`))
            """);
        return [.. answer.EnumerateArray().Select(violation => $"{name}: {violation.GetString()}")];
    }
}
