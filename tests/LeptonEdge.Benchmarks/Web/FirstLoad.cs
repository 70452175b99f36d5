using Microsoft.Playwright;

namespace LeptonEdge.Benchmarks.Web;

/// <param name="Bytes">What came over the wire for it, headers and the API's answers included.</param>
/// <param name="Seconds">From the start of the navigation until what was asked for is in the page and its thread is
/// idle.</param>
internal sealed record FirstView(long Bytes, double Seconds);

/// <summary>Opens a page in a browser that has nothing of it yet.</summary>
internal static class FirstLoad
{
    // Idle means that a click would be answered at once: that is what interactive says.
    private const string WhenIdle = """
        (selector) => new Promise((resolve) => {
          const look = () => (document.querySelector(selector)
            ? requestAnimationFrame(() => requestIdleCallback(() => resolve(performance.now() / 1000)))
            : requestAnimationFrame(look));
          look();
        })
        """;

    /// <param name="selector">What makes the page useful.</param>
    public static async Task<FirstView> MeasureAsync(IBrowser browser, DashboardHub hub, string path, string selector)
    {
        await using var context = await SignedInAsync(browser, hub);
        var page = await context.NewPageAsync();
        var wire = await context.NewCDPSessionAsync(page);
        var bytes = 0L;
        wire.Event("Network.loadingFinished").OnEvent += (_, finished) =>
            Interlocked.Add(ref bytes, (long)finished!.Value.GetProperty("encodedDataLength").GetDouble());
        await wire.SendAsync("Network.enable");
        await page.GotoAsync(hub.Address + path, new() { WaitUntil = WaitUntilState.Commit });
        var seconds = await page.EvaluateAsync<double>(WhenIdle, selector);
        return new FirstView(Interlocked.Read(ref bytes), seconds);
    }

    /// <summary>A window with the operator's cookie and an empty cache.</summary>
    public static async Task<IBrowserContext> SignedInAsync(IBrowser browser, DashboardHub hub)
    {
        var context = await browser.NewContextAsync(new() { ViewportSize = new() { Width = 1440, Height = 900 } });
        // The answer is a redirect with the cookie; the page itself is not opened, nor cached.
        await context.APIRequest.GetAsync(hub.Address + await hub.SignInPathAsync(), new() { MaxRedirects = 0 });
        return context;
    }
}
