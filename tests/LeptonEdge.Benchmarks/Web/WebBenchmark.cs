using System.Globalization;
using Microsoft.Playwright;

namespace LeptonEdge.Benchmarks.Web;

/// <summary>How soon the dashboard is there, and how smoothly its longest table scrolls, in Debian's chromium without a
/// graphics processor. The peer of the table is a bare page with the same rows, all of them plain HTML.</summary>
internal sealed class WebBenchmark : IBenchmark
{
    private const int Devices = 10_000;
    private const int RoundsStandard = 7;
    private const double FirstViewKiBMax = 350;
    private const double InteractiveSecondsMax = 1;
    private const double FramesMin = 55;

    public string Name => "web";

    public string Summary => "First load of the dashboard from a cold cache, and its fleet page with 10,000 devices.";

    public async Task<IReadOnlyList<Figure>> RunAsync(string[] args)
    {
        var rounds = args is ["--rounds", var text] ? int.Parse(text, CultureInfo.InvariantCulture) : RoundsStandard;
        await using var small = await DashboardHub.StartAsync(devices: 20);
        await using var large = await DashboardHub.StartAsync(Devices);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await LaunchAsync(playwright);

        List<FirstView> views = [], fleets = [];
        List<Scrolled> ours = [], peers = [];
        // The first round warms the hub up, as one that has run for a while is.
        for (var round = -1; round < rounds; round++)
        {
            var view = await FirstLoad.MeasureAsync(browser, small, "/", ".stats .stat .value");
            var fleet = await FirstLoad.MeasureAsync(browser, large, "/fleet", ".vt-body .vt-row");
            var (own, peer) = (await FleetScroll.OursAsync(browser, large), await FleetScroll.PeerAsync(browser, Devices));
            if (round < 0)
                continue;
            views.Add(view);
            fleets.Add(fleet);
            ours.Add(own);
            peers.Add(peer);
        }

        var frames = Statistics.Median(ours.Select(s => s.FramesPerSecond));
        var plain = Statistics.Median(peers.Select(s => s.FramesPerSecond));
        return
        [
            Figure.AtMost("first view, compressed", Statistics.Median(views.Select(v => v.Bytes / 1024.0)), "KiB", FirstViewKiBMax),
            Figure.AtMost("interactive, cold cache", Statistics.Median(views.Select(v => v.Seconds)), "s", InteractiveSecondsMax),
            new Figure("fleet of 10,000 in view, cold cache", Statistics.Median(fleets.Select(v => v.Seconds)), "s"),
            new Figure(
                "fleet of 10,000, scrolling", frames, "frames/s", "bare page, plain table", plain, frames / plain,
                $"≥ {FramesMin}", frames >= FramesMin),
            new Figure(
                "longest frame while scrolling", Statistics.Median(ours.Select(s => s.LongestMilliseconds)), "ms",
                "bare page, plain table", Statistics.Median(peers.Select(s => s.LongestMilliseconds))),
        ];
    }

    private static async Task<IBrowser> LaunchAsync(IPlaywright playwright)
    {
        const string Chromium = "/usr/bin/chromium";
        if (!File.Exists(Chromium))
            throw new BenchmarkException($"{Chromium} is missing: apt-get install chromium");
        return await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Chromium,
            Args = Environment.UserName == "root" ? ["--no-sandbox"] : [],
        });
    }
}
