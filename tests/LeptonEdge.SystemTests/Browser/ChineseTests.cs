using System.Text.Json;
using System.Text.RegularExpressions;
using LeptonEdge.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LeptonEdge.SystemTests.Browser;

/// <summary>The dashboard in Chinese says all that it says in English.</summary>
[Collection(DashboardCollection.Name)]
public sealed partial class ChineseTests(DashboardFixture dashboard)
{
    // Names of things, units, and abbreviations that Chinese texts write in Latin letters too.
    private static readonly HashSet<string> s_names = new(StringComparer.OrdinalIgnoreCase)
    {
        "LeptonEdge", "CPU", "CSV", "Ctrl", "PNG", "JPEG", "WebP", "MiB", "GiB", "KiB", "min", "int", "MIT", "IP", "English",
        "north", "south", "plant", "ada", "bearing", "generic-linux", "drive-end", "rms", "peak", "kurtosis", "crest", "factor",
        "press-", "pump-", "mill-", "none-such", "bearing-fault", "Valve", "hall", "line-", "EUR", "Line", "four", "by-filter", "vera", "hub", "nobody", "none", "vibration-high",
    };

    [Fact]
    public void Every_text_is_there_in_both_languages_with_the_same_figures_in_it()
    {
        var folder = Path.Combine(Requires.RepositoryRoot, "src", "LeptonEdge.Hub", "web", "src", "i18n");
        var (english, chinese) = (TextsIn(Path.Combine(folder, "en")), TextsIn(Path.Combine(folder, "zh")));
        Assert.True(english.Count > 300, $"{english.Count} texts were read");
        Assert.Equal([.. english.Keys.Order(StringComparer.Ordinal)], [.. chinese.Keys.Order(StringComparer.Ordinal)]);
        Assert.All(english, text => Assert.Equal((text.Key, text.Value), (text.Key, chinese[text.Key])));
    }

    [BrowserFact]
    public async Task No_English_is_left_on_any_page()
    {
        await using var window = await dashboard.OpenAsync(locale: "zh-CN");
        var page = window.Page;
        var walk = new PageWalk(window);
        await walk.BeginAsync();
        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "zh-CN");
        var left = new List<string>();
        foreach (var (name, path) in PageWalk.Pages)
        {
            await walk.GoAsync(path);
            if (name is "overview" or "device" or "workloads")
                await walk.PictureAsync($"chinese-{name}");
            left.AddRange((await WordsAsync(page)).Where(word => !s_names.Contains(word)).Select(word => $"{name}: {word}"));
        }

        Assert.True(left.Count == 0, string.Join('\n', left));
        await walk.GoAsync("/");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "总览", Level = 1 })).ToBeVisibleAsync();
        window.AssertQuiet();
    }

    // What the hub, devices and bundles say in their own words is marked as English; names and code are what they are.
    private static async Task<IEnumerable<string>> WordsAsync(IPage page)
    {
        var words = await page.EvaluateAsync<JsonElement>("""
            () => {
              const own = '[lang=en], .code, code, pre, kbd, noscript, script, style, .u-legend, a[href^="/devices/"]';
              const found = new Set();
              const look = (text) => (text.match(/[A-Za-z][A-Za-z-]{2,}/g) ?? []).forEach((word) => found.add(word));
              const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
              while (walk.nextNode())
                if (!walk.currentNode.parentElement.closest(own)) look(walk.currentNode.data);
              for (const element of document.querySelectorAll('[placeholder]')) look(element.placeholder);
              return [...found];
            }
            """);
        return [.. words.EnumerateArray().Select(word => word.GetString()!)];
    }

    /// <summary>Each text's place, as namespaces with dots, and the figures that it takes.</summary>
    private static Dictionary<string, string> TextsIn(string folder)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in Directory.GetFiles(folder, "*.ts").Where(file => Path.GetFileName(file) != "index.ts"))
        {
            var path = new Stack<string>();
            var last = "";
            foreach (Match part in Part().Matches(File.ReadAllText(file)))
            {
                if (part.Groups["open"].Success)
                    path.Push(part.Groups["name"].Value);
                else if (part.Groups["name"].Success)
                    texts[last = string.Join('.', path.Reverse().Append(part.Groups["name"].Value))] = "";
                else if (part.Groups["figure"].Success)
                    texts[last] = string.Join(' ', texts[last].Split(' ').Append(part.Value).Order(StringComparer.Ordinal)).Trim();
                else if (path.Count > 0)
                    path.Pop();
            }
        }

        return texts;
    }

    [GeneratedRegex(@"(?<name>\w+): (?<open>\{)(?!\{)|(?<![\w'])(?<name>\w+):\s+(?=['""])|(?<figure>\{\{\w+\}\})|\}(?!\})")]
    private static partial Regex Part();
}
