using LeptonEdge.Tests.Support;
using Microsoft.Playwright;

namespace LeptonEdge.SystemTests.Browser;

/// <summary>One site and one browser for all tests of the dashboard, with an administrator who was made as the welcome link
/// asks.</summary>
public sealed class DashboardFixture : IAsyncLifetime
{
    public const string Name = "ada";
    public const string Password = "tin-whistle-on-the-roof";

    private readonly DashboardSite _site = new();
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private string? _state;

    internal DashboardSite Site => _site;

    /// <summary>Where the pictures of every page are kept.</summary>
    public static string Pictures { get; } = Directory.CreateDirectory(
        Path.Combine(AppContext.BaseDirectory, "pictures")).FullName;

    public async Task InitializeAsync()
    {
        if (Requires.FindProgram("chromium") is not { } chromium)
            return;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = chromium,
            // A container's root has no other way.
            Args = Environment.UserName == "root" ? ["--no-sandbox"] : [],
        });
        await _site.StartAsync();
        await MakeAdministratorAsync();
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        _site.Dispose();
    }

    /// <summary>A window of somebody who is signed in.</summary>
    internal Task<BrowserPage> OpenAsync(ColorScheme theme = ColorScheme.Light, int width = 1440, int height = 900,
        string locale = "en-GB") => OpenAsync(theme, width, height, locale, _state);

    /// <summary>A window of somebody whom the hub does not know.</summary>
    internal Task<BrowserPage> OpenAsStrangerAsync(ColorScheme theme = ColorScheme.Light) =>
        OpenAsync(theme, 1440, 900, "en-GB", null);

    private async Task MakeAdministratorAsync()
    {
        await using var window = await OpenAsStrangerAsync();
        var page = window.Page;
        await page.GotoAsync(_site.WelcomeLink);
        await page.GetByLabel("Name").FillAsync(Name);
        await page.GetByLabel("Password", new() { Exact = true }).FillAsync(Password);
        await page.GetByLabel("Password again").FillAsync(Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Make administrator" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Overview" })).ToBeVisibleAsync();
        _state = await page.Context.StorageStateAsync();
    }

    private async Task<BrowserPage> OpenAsync(ColorScheme theme, int width, int height, string locale, string? state)
    {
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = _site.Address,
            ColorScheme = theme,
            Locale = locale,
            StorageState = state,
            ViewportSize = new ViewportSize { Width = width, Height = height },
        });
        context.SetDefaultTimeout(20_000);
        return new BrowserPage(context, await context.NewPageAsync());
    }
}

/// <summary>One window, and what its page complained of.</summary>
internal sealed class BrowserPage : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly List<string> _complaints = [];

    public BrowserPage(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.PageError += (_, fault) => _complaints.Add(fault);
        page.Console += (_, message) =>
        {
            // An answer that is an error is shown by the page, where the test looks for it.
            if (message.Type == "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
                _complaints.Add(message.Text);
        };
        page.Request += (_, request) =>
        {
            var url = new Uri(request.Url);
            if (url.Scheme.StartsWith("http", StringComparison.Ordinal) && url.Host != "127.0.0.1")
                _complaints.Add($"asks {url.Host}");
        };
    }

    public IPage Page { get; }

    /// <summary>No script failed, no rule of the content security policy was broken, and nobody else was asked for
    /// anything.</summary>
    public void AssertQuiet() => Assert.Empty(_complaints);

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
