using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using LeptonEdge.Core.Alarms;

namespace LeptonEdge.Tests.Hub.Api;

/// <summary>Every operation of the document is called with what it cannot take: it answers 4xx with the field named, and
/// never 500.</summary>
public sealed class BadInputTests(HubUnderTest hub) : IClassFixture<HubUnderTest>
{
    private static readonly string[] Texts =
    [
        "", "abc", "-1", "0", "99999999999999999999", "1e309", "NaN", "true", "null", "%FF%FE", "%E2%82", "%00",
        "..%2F..%2Fetc%2Fpasswd", "%27%3B%20DROP%20TABLE%20device%3B--", "%C3%9C%20%F0%9F%98%80", new string('x', 3000),
    ];

    private readonly List<string> _faults = [];
    private int _asked;

    [Fact]
    public async Task Parameters_of_every_kind_are_refused_with_their_name()
    {
        Stock();
        using var client = hub.Operator();
        foreach (var operation in await OperationsAsync(client))
        {
            foreach (var parameter in operation.Parameters)
            {
                foreach (var text in Texts)
                    await AskAsync(client, operation, operation.AddressWith(parameter, text), operation.GoodBody());
            }

            await AskAsync(client, operation, operation.Address + "?nobody=knows&limit=1&limit=2", operation.GoodBody());
        }

        Assert.True(_asked > 1000, $"only {_asked} requests were made");
        Assert.Empty(_faults);
    }

    [Fact]
    public async Task Bodies_of_every_kind_are_refused_with_the_field()
    {
        Stock();
        using var client = hub.Operator();
        foreach (var operation in (await OperationsAsync(client)).Where(operation => operation.HasBody))
        {
            foreach (var body in operation.BadBodies())
                await AskAsync(client, operation, operation.Address, body, mustRefuse: true);
            foreach (var body in operation.OddBodies())
                await AskAsync(client, operation, operation.Address, body);
        }

        Assert.True(_asked > 300, $"only {_asked} requests were made");
        Assert.Empty(_faults);
    }

    [Fact]
    public async Task Headers_that_cannot_be_are_refused_with_their_name()
    {
        hub.Report("fuzz-1");
        using var client = hub.Operator();
        foreach (var (header, value, field) in ((string, string, string)[])
            [("If-Match", "abc", "If-Match"), ("If-Match", "\"-1\"", "If-Match"), ("If-Match", "\"99999999999999999999\"", "If-Match"),
            ("If-Match", "W/\"1\"", "If-Match")])
        {
            using var request = new HttpRequestMessage(HttpMethod.Patch, "api/v1/devices/fuzz-1");
            request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
            request.Headers.TryAddWithoutValidation(header, value);
            using var answer = await client.SendAsync(request);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.True((await HubUnderTest.JsonAsync(answer)).GetProperty("errors").TryGetProperty(field, out _));
        }
    }

    private void Stock()
    {
        hub.Report("fuzz-1", rule: Stocked.Rule());
        hub.Store("fuzz-1", 1, batch =>
        {
            batch.AddReading(Stocked.Channel, 1_000_000, 1);
            batch.Alarms.Add(Stocked.Alarm(AlarmTransition.Raised, 10));
        });
    }

    private async Task AskAsync(
        HttpClient client, ApiOperation operation, string address, HttpContent? body, bool mustRefuse = false)
    {
        _asked++;
        using var request = new HttpRequestMessage(new HttpMethod(operation.Method), address) { Content = body };
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var status = (int)answer.StatusCode;
        var what = $"{operation.Method} {(address.Length > 150 ? address[..150] : address)}";
        if (status == 503 || (status < 400 && !mustRefuse))
            return;
        // Kestrel itself refuses an address that holds a NUL, before anything of ours sees it.
        if (status == 400 && address.Contains("%00", StringComparison.Ordinal) && answer.Content.Headers.ContentLength == 0)
            return;
        if (status == 429)
            _faults.Add($"{what}: was not looked at, for there were too many");
        var text = status < 400 ? "" : await answer.Content.ReadAsStringAsync();
        if (status is < 400 or >= 500)
            _faults.Add($"{what}: {status} {await SayAsync(body)} {text}");
        else if (answer.Content.Headers.ContentType?.MediaType != "application/problem+json")
            _faults.Add($"{what}: {status} is no problem: {text}");
        else if (status is 400 or 415 or 422 && !JsonDocument.Parse(text).RootElement.TryGetProperty("errors", out _))
            _faults.Add($"{what}: {status} names no field: {text}");
    }

    private static async Task<string> SayAsync(HttpContent? body)
    {
        try
        {
            return body is null ? "" : (await body.ReadAsStringAsync()) is { Length: > 200 } text ? text[..200] : await body.ReadAsStringAsync();
        }
        catch (ObjectDisposedException)
        {
            return "";
        }
    }

    private static async Task<IReadOnlyList<ApiOperation>> OperationsAsync(HttpClient client) =>
        ApiOperation.All(await HubUnderTest.JsonAsync(await client.GetAsync("api/v1/openapi.json")));
}
