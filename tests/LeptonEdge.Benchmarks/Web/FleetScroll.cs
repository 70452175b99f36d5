using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Playwright;

namespace LeptonEdge.Benchmarks.Web;

internal sealed record Scrolled(double FramesPerSecond, double LongestMilliseconds);

/// <summary>Scrolls a long table by the mouse wheel, as a person does, and counts the frames that the browser
/// makes.</summary>
internal static class FleetScroll
{
    private const int Seconds = 3;
    private const int WheelPixels = 120;
    private const int WheelEveryMilliseconds = 16;

    private const string CountFrames = """
        (seconds) => new Promise((resolve) => {
          const times = [];
          const step = (now) => {
            times.push(now);
            if (now - times[0] < seconds * 1000) requestAnimationFrame(step);
            else {
              const gaps = times.slice(1).map((time, i) => time - times[i]);
              resolve({ frames: gaps.length / ((times.at(-1) - times[0]) / 1000), longest: Math.max(...gaps) });
            }
          };
          requestAnimationFrame(step);
        })
        """;

    public static async Task<Scrolled> OursAsync(IBrowser browser, DashboardHub hub)
    {
        await using var context = await FirstLoad.SignedInAsync(browser, hub);
        var page = await context.NewPageAsync();
        await page.GotoAsync(hub.Address + "/fleet");
        await page.WaitForSelectorAsync(".vt-body .vt-row");
        var scrolled = await ScrollAsync(page, 700, 500);
        var at = await page.EvaluateAsync<double>("document.querySelector('.vt').scrollTop");
        return at > 0 ? scrolled : throw new BenchmarkException("the fleet's table did not scroll");
    }

    public static async Task<Scrolled> PeerAsync(IBrowser browser, int rows)
    {
        var page = await browser.NewPageAsync(new() { ViewportSize = new() { Width = 1440, Height = 900 } });
        try
        {
            await page.SetContentAsync(Plain(rows));
            return await ScrollAsync(page, 700, 500);
        }
        finally
        {
            await page.CloseAsync();
        }
    }

    private static async Task<Scrolled> ScrollAsync(IPage page, float x, float y)
    {
        await page.Mouse.MoveAsync(x, y);
        var counted = page.EvaluateAsync<JsonElement>(CountFrames, Seconds);
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(WheelEveryMilliseconds));
        while (!counted.IsCompleted && await pace.WaitForNextTickAsync())
            await page.Mouse.WheelAsync(0, WheelPixels);
        var result = await counted;
        return new Scrolled(
            result.GetProperty("frames").GetDouble(), result.GetProperty("longest").GetDouble());
    }

    /// <summary>The same columns, without a script or a style beyond a border.</summary>
    private static string Plain(int rows)
    {
        var text = new StringBuilder("<!doctype html><style>td{border-bottom:1px solid #ccc;height:36px}</style><table>");
        for (var i = 0; i < rows; i++)
            text.Append(CultureInfo.InvariantCulture,
                $"<tr><td><input type=checkbox><td><a href=#{i}>device-{i:00000}</a><td>Offline<td>site-{i % 40:00}<td>raspberry-pi-5<td><td>{i % 100} %<td>{i % 90} %<td>{i % 500}<td>0.1.0<td>0<td>1 h ago");
        return text.Append("</table>").ToString();
    }
}
