using System.Net;
using LeptonEdge.Hub.Configuration;

namespace LeptonEdge.Tests.Hub.Accounts;

public sealed class RateLimitTests : IAsyncLifetime
{
    // One request in 10 s beyond the burst: a busy machine does not make it pass.
    private readonly HubUnderTest _hub = new()
    {
        Api = new ApiOptions { RequestsPerSecond = 1, Burst = 20, SignInsPerMinute = 5 },
    };

    public Task InitializeAsync() => _hub.InitializeAsync();

    public Task DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task Who_asks_too_much_is_told_when_to_ask_again_and_others_are_not_hindered()
    {
        using var admin = await Browser.AdminAsync(_hub);
        using var refused = await UntilRefusedAsync(admin, 60);
        Assert.True(refused.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1));
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType!.MediaType);
        using var client = _hub.Operator();
        for (var i = 0; i < 60; i++)
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("api/v1/session")).StatusCode);
        using var nobody = _hub.Client();
        Assert.Equal(HttpStatusCode.OK, (await nobody.GetAsync("healthz")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync("api/v1/session")).StatusCode);
    }

    [Fact]
    public async Task Guesses_from_one_address_are_limited_whatever_the_name()
    {
        using var browser = new Browser(_hub);
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 7; i++)
        {
            using var answer = await browser.SignInAsync($"name-{i}", "some password");
            answers.Add(answer.StatusCode);
        }

        Assert.Equal(5, answers.TakeWhile(status => status == HttpStatusCode.Unauthorized).Count());
        Assert.Equal(HttpStatusCode.TooManyRequests, answers[5]);
    }

    private static async Task<HttpResponseMessage> UntilRefusedAsync(Browser browser, int most)
    {
        for (var i = 0; i < most; i++)
        {
            var answer = await browser.SendAsync("GET", "session");
            if (answer.StatusCode == HttpStatusCode.TooManyRequests)
                return answer;
            answer.Dispose();
        }

        throw new InvalidOperationException($"{most} requests were let in");
    }
}
