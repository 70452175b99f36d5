using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using LeptonEdge.Tests.Hub;
using LeptonEdge.Tests.Serving.Upstream;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Serving;

/// <summary>A hub, a process of its own, with less memory than its models take.</summary>
public sealed partial class MemoryTests : IDisposable
{
    private const int Models = 6;
    private const int ModelRows = 2 * 1024 * 1024;
    private const long ModelBytes = ModelRows * 4L * sizeof(float);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Models_that_nobody_uses_make_room_and_what_does_not_fit_is_refused()
    {
        Write("keep", ModelRows / 16);
        var bare = await RestingBytesAsync();
        var limit = bare + 4 * ModelBytes;
        for (var i = 0; i < Models; i++)
            Write($"table-{i}", ModelRows);
        Write("whale", (int)(limit / ModelBytes) * ModelRows);
        await using var hub = await UpstreamHub.StartAsync(_folder.Path, $$"""
            memory: {max_bytes: {{limit}}, pinned: [keep]}
            """);
        using var rest = hub.Operator();
        for (var i = 0; i < Models; i++)
            await AnswersAsync(rest, $"table-{i}");

        var ready = await ReadyAsync(rest);
        Assert.Contains("keep", ready);
        Assert.Contains($"table-{Models - 1}", ready);
        Assert.DoesNotContain("table-0", ready);
        Assert.InRange(await ResidentAsync(hub), 0, limit + ModelBytes);

        var whale = await InferAsync(rest, "whale");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, whale.StatusCode);
        var refusal = (await HubUnderTest.JsonAsync(whale)).GetProperty("error").GetString()!;
        Assert.Matches("'whale/1' takes about [0-9]+ bytes.*memory.max_bytes.*raise the limit", refusal);
        // The others go on.
        await AnswersAsync(rest, "table-1");
        await AnswersAsync(rest, "keep");
    }

    private void Write(string name, int rows)
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, name, "1"));
        File.WriteAllBytes(Path.Combine(_folder.Path, name, "1", "model.onnx"), IdentityOnnx.WriteTable(rows));
    }

    private async Task<long> RestingBytesAsync()
    {
        await using var hub = await UpstreamHub.StartAsync(_folder.Path);
        using var rest = hub.Operator();
        await AnswersAsync(rest, "keep");
        return await ResidentAsync(hub);
    }

    private static async Task<long> ResidentAsync(UpstreamHub hub)
    {
        using var open = new HttpClient { BaseAddress = hub.Http };
        var metrics = await open.GetStringAsync("metrics");
        return (long)double.Parse(
            Resident().Match(metrics).Groups[1].Value, NumberStyles.Float, CultureInfo.InvariantCulture);
    }

    private static async Task AnswersAsync(HttpClient rest, string model)
    {
        var reply = await InferAsync(rest, model);
        Assert.True(reply.IsSuccessStatusCode, $"{model}: {await reply.Content.ReadAsStringAsync()}");
    }

    private static Task<HttpResponseMessage> InferAsync(HttpClient rest, string model) => rest.PostAsync(
        $"v2/models/{model}/infer",
        new StringContent("""{"inputs":[{"name":"x","shape":[1],"datatype":"INT64","data":[7]}]}"""));

    private static async Task<string[]> ReadyAsync(HttpClient rest)
    {
        var reply = await rest.PostAsync("v2/repository/index", new StringContent("""{"ready":true}"""));
        return
        [
            .. (await HubUnderTest.JsonAsync(reply)).EnumerateArray().Select(e => e.GetProperty("name").GetString()!),
        ];
    }

    [GeneratedRegex("^process_resident_memory_bytes ([0-9.Ee+]+)", RegexOptions.Multiline)]
    private static partial Regex Resident();
}
