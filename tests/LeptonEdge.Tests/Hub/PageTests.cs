using System.IO.Compression;
using System.Net;
using System.Text.RegularExpressions;

namespace LeptonEdge.Tests.Hub;

/// <summary>How the dashboard's files are served; what they do is tested in a browser.</summary>
public sealed partial class PageTests(HubUnderTest hub) : IClassFixture<HubUnderTest>
{
    private const int FirstViewBytesMax = 350 * 1024;

    [Theory]
    [InlineData("/")]
    [InlineData("/sign-in")]
    [InlineData("/welcome?code=x")]
    [InlineData("/fleet?state=offline")]
    [InlineData("/devices/press-7")]
    [InlineData("/settings/tokens")]
    public async Task A_page_is_open_and_lets_nothing_run_but_files_of_the_hub(string path)
    {
        using var client = hub.Client();
        using var response = await client.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/html", response.Content.Headers.ContentType!.MediaType);
        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'", policy);
        Assert.DoesNotContain("unsafe", policy);
        var text = await response.Content.ReadAsStringAsync();
        Assert.DoesNotMatch(OtherHost(), text);
        Assert.DoesNotMatch(new Regex("<script(?![^>]* src=)|<style| style=| on[a-z]+="), text);
    }

    [Fact]
    public async Task A_page_is_asked_for_again_by_its_tag_and_its_files_never()
    {
        using var client = hub.Client();
        using var page = await client.GetAsync("/");
        Assert.True(page.Headers.CacheControl!.NoCache);
        using var again = new HttpRequestMessage(HttpMethod.Get, "/fleet");
        again.Headers.IfNoneMatch.Add(page.Headers.ETag!);
        using var same = await client.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        Assert.Empty(await same.Content.ReadAsByteArrayAsync());

        foreach (var file in await FilesAsync(client))
        {
            using var answer = await client.GetAsync(file);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Contains("immutable", answer.Headers.CacheControl!.ToString());
            Assert.True(answer.Headers.CacheControl.MaxAge >= TimeSpan.FromDays(365));
        }
    }

    [Fact]
    public async Task A_file_comes_in_the_smallest_form_that_the_browser_takes()
    {
        using var client = hub.Client();
        var script = (await FilesAsync(client)).First(file => file.EndsWith(".js", StringComparison.Ordinal));
        var plain = await ReadAsync(client, script, null);
        Assert.Null(plain.Coding);
        foreach (var (accepts, coding) in ((string, string?)[])[
            ("gzip, deflate, br, zstd", "br"), ("gzip", "gzip"), ("br;q=0, gzip;q=0.5", "gzip"), ("*", "br"),
            ("identity", null), ("zstd", null), ("br;q=nonsense", null)])
        {
            var (content, got) = await ReadAsync(client, script, accepts);
            Assert.Equal(coding, got);
            Assert.Equal(plain.Content, content);
        }
    }

    [Fact]
    public async Task What_the_first_page_loads_is_small()
    {
        using var client = hub.Client();
        var bytes = 0L;
        foreach (var file in (string[])["/", .. await FilesAsync(client)])
        {
            using var request = new HttpRequestMessage(HttpMethod.Head, file);
            request.Headers.AcceptEncoding.ParseAdd("br");
            using var answer = await client.SendAsync(request);
            Assert.True(answer.Content.Headers.ContentLength > 0, $"{file} is empty");
            bytes += answer.Content.Headers.ContentLength.Value;
        }

        Assert.InRange(bytes, 10_000, FirstViewBytesMax);
    }

    [Theory]
    [InlineData("/assets/none.js")]
    [InlineData("/assets/../hub.yaml")]
    [InlineData("/index.html.br")]
    [InlineData("/no/such/page")]
    public async Task What_the_dashboard_does_not_have_is_not_found(string path)
    {
        using var client = hub.Operator();
        using var answer = await client.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private static async Task<string[]> FilesAsync(HttpClient client)
    {
        var files = FileOfPage().Matches(await client.GetStringAsync("/")).Select(m => m.Groups[1].Value).ToArray();
        Assert.True(files.Length >= 2, "the page names its script and its style");
        return files;
    }

    private static async Task<(byte[] Content, string? Coding)> ReadAsync(HttpClient client, string path, string? accepts)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accepts is not null)
            request.Headers.TryAddWithoutValidation("Accept-Encoding", accepts);
        using var answer = await client.SendAsync(request);
        Assert.Contains("Accept-Encoding", answer.Headers.Vary);
        var coding = answer.Content.Headers.ContentEncoding.SingleOrDefault();
        await using var body = await answer.Content.ReadAsStreamAsync();
        await using Stream plain = coding switch
        {
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            _ => body,
        };
        using var content = new MemoryStream();
        await plain.CopyToAsync(content);
        return (content.ToArray(), coding);
    }

    [GeneratedRegex("""(?:src|href)="(/assets/[^"]+)""")]
    private static partial Regex FileOfPage();

    [GeneratedRegex("""(https?:)?//[a-z0-9-]+\.[a-z]""")]
    private static partial Regex OtherHost();
}
