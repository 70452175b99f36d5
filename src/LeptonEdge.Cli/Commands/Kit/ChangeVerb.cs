using System.CommandLine;
using System.Net.Http.Json;
using System.Text.Json;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary>What a command would have the hub do.</summary>
/// <param name="Body">Null: none.</param>
/// <param name="Done">What is said when it is done; null: nothing.</param>
internal sealed record Change(HttpMethod Method, string Path, object? Body = null, string? Done = null)
{
    /// <summary>What is sent in place of <see cref="Body"/>, where that may not be shown; made only when it is
    /// sent.</summary>
    public Func<object>? Secret { get; init; }

    /// <summary>What is sent in place of <see cref="Body"/>, where that only describes it, such as a picture.</summary>
    public Func<HttpContent>? Content { get; init; }

    /// <summary>Only while the resource is as it was when this was read.</summary>
    public string? IfMatch { get; init; }
}

/// <summary>Makes commands that change something; each takes <c>--dry-run</c>.</summary>
internal static class ChangeVerb
{
    public static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web)
        { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };

    public static Command Create(
        string name, string description, IEnumerable<Symbol> symbols, Func<HubCall, Task<Change>> what,
        Func<JsonElement, int>? tell = null) => Create(name, description, symbols, what, async (call, change) =>
        {
            var answer = await SendAsync(call.Client, change, call.Cancellation);
            return Tell(call.Form, change, answer, tell);
        });

    /// <param name="act">Does it; not called with <c>--dry-run</c>.</param>
    public static Command Create(
        string name, string description, IEnumerable<Symbol> symbols, Func<HubCall, Task<Change>> what,
        Func<HubCall, Change, Task<int>> act)
    {
        var dry = DryRunOption();
        return HubVerb.Create(name, description, [.. symbols, dry], async call =>
        {
            var change = await what(call);
            return call.Parsed.GetValue(dry) ? DryRun(call, change) : await act(call, change);
        });
    }

    public static Option<bool> DryRunOption() => new("--dry-run")
        { Description = "Only say what would be sent to the hub; nothing changes." };

    public static Task<JsonElement> SendAsync(HubClient client, Change change, CancellationToken cancellation)
    {
        var key = Guid.NewGuid().ToString("n");
        var body = change.Secret?.Invoke() ?? change.Body;
        return client.SendAsync(change.Path, () =>
        {
            var request = new HttpRequestMessage(change.Method, change.Path);
            if (change.Content is { } content)
                request.Content = content();
            else if (body is not null)
                request.Content = JsonContent.Create(body, body.GetType(), options: Web);
            if (change.IfMatch is { } tag)
                request.Headers.TryAddWithoutValidation("If-Match", tag);
            if (change.Method == HttpMethod.Post)
                request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
            return request;
        }, cancellation);
    }

    public static int DryRun(HubCall call, Change change)
    {
        var said = JsonSerializer.SerializeToElement(
            new
            {
                dryRun = true, method = change.Method.Method,
                url = new Uri(call.Client.Address, change.Path).ToString(),
                body = change.Body,
            }, Web);
        if (call.Form == OutputForm.Json)
            return Print.Json(said);
        if (call.Form == OutputForm.Yaml)
            return YamlWriter.Write(said);
        var body = said.At("body") is { ValueKind: not JsonValueKind.Undefined } sent ? " " + sent.GetRawText() : "";
        Console.WriteLine($"would send {change.Method} {said.Text("url")}{body}; nothing was changed");
        return ExitCodes.Ok;
    }

    public static int Tell(OutputForm form, Change change, JsonElement answer, Func<JsonElement, int>? tell = null)
    {
        var hasAnswer = answer.ValueKind != JsonValueKind.Undefined;
        if (form == OutputForm.Json && hasAnswer)
            return Print.Json(answer);
        if (form == OutputForm.Yaml && hasAnswer)
            return YamlWriter.Write(answer);
        if (tell is not null && hasAnswer)
            return tell(answer);
        if (change.Done is not null)
            Console.WriteLine(change.Done);
        return ExitCodes.Ok;
    }
}
