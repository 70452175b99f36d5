using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LeptonEdge.Tests.Hub.Api;

/// <summary>One operation of the OpenAPI document, with what it takes.</summary>
internal sealed record ApiOperation(string Method, string Path, JsonElement Document, JsonElement Description)
{
    private static readonly Dictionary<string, string> Known = new()
    {
        ["device"] = "fuzz-1", ["channel"] = "drive-end.rms", ["workload"] = "bearing", ["site"] = "hall-1",
        ["id"] = "1048576", ["block"] = "0", ["version"] = "1", ["name"] = "fuzz", ["tenant"] = "plant-7",
        ["rule"] = "hot",
    };

    public IReadOnlyList<(string Name, bool InPath)> Parameters { get; } =
        Description.TryGetProperty("parameters", out var parameters)
            ? [.. parameters.EnumerateArray().Where(p => p.GetProperty("in").GetString() is "path" or "query")
                .Select(p => (p.GetProperty("name").GetString()!, p.GetProperty("in").GetString() == "path"))]
            : [];

    public bool HasBody => Schema is not null;

    /// <summary>With names that there may be.</summary>
    public string Address => Fill(Path);

    private JsonElement? Schema =>
        Description.TryGetProperty("requestBody", out var body)
        && body.GetProperty("content").TryGetProperty("application/json", out var json)
            ? Follow(json.GetProperty("schema"))
            : null;

    public static IReadOnlyList<ApiOperation> All(JsonElement document) =>
        [.. document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()
            .Select(operation => new ApiOperation(
                operation.Name.ToUpperInvariant(), path.Name, document, operation.Value)))];

    public string AddressWith((string Name, bool InPath) parameter, string text) => parameter.InPath
        ? Fill(Path.Replace($"{{{parameter.Name}}}", text.Length == 0 ? "%20" : text, StringComparison.Ordinal))
        : $"{Address}?{parameter.Name}={text}";

    public StringContent? GoodBody() => Schema is null ? null : Json("{}");

    /// <summary>What is no request at all: each must be refused.</summary>
    public IEnumerable<HttpContent> BadBodies()
    {
        foreach (var text in (string[])["", "{", "[]", "\"text\"", "123", "{\"a\":1,}", "{'a':1}", Deep(), "{}{}"])
            yield return Json(text);
        yield return new ByteArrayContent([(byte)'{', (byte)'"', 0xFF, 0xFE, (byte)'"', (byte)':', (byte)'1', (byte)'}'])
        {
            Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
        };
        yield return new StringContent("{}", Encoding.UTF8, "text/plain");
        foreach (var required in RequiredOf(Schema!.Value))
            yield return Json(Whole(without: required));
        foreach (var (name, schema) in PropertiesOf(Schema.Value))
            yield return Json(With(name, Wrong(schema)));
    }

    /// <summary>What has the right types, and values that nobody means: it may be refused, or do no harm.</summary>
    public IEnumerable<HttpContent> OddBodies()
    {
        foreach (var (name, _) in PropertiesOf(Schema!.Value))
        {
            foreach (var value in (string[])["null", "-1", "0", "1e308", "9223372036854775807", "\"\"", "\"\\u0000\"",
                "\"\\ud800\"", $"\"{new string('x', 100_000)}\"", "[]", "[null]", "[\"\"]", "{}", "true"])
                yield return Json(With(name, value));
        }

        yield return Json(With("nobodyKnowsThis", "1"));
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static string Deep() => string.Concat(Enumerable.Repeat("{\"a\":", 200)) + "1" + new string('}', 200);

    private static string Fill(string path) => Known.Aggregate(
        path, (text, known) => text.Replace($"{{{known.Key}}}", known.Value, StringComparison.Ordinal));

    private static IEnumerable<string> RequiredOf(JsonElement schema) =>
        schema.TryGetProperty("required", out var required)
            ? required.EnumerateArray().Select(name => name.GetString()!)
            : [];

    private static IEnumerable<(string Name, JsonElement Schema)> PropertiesOf(JsonElement schema) =>
        schema.TryGetProperty("properties", out var properties)
            ? properties.EnumerateObject().Select(property => (property.Name, property.Value))
            : [];

    // A value of another kind than any that the schema allows.
    private string Wrong(JsonElement schema)
    {
        var types = TypesOf(schema);
        return !types.Contains("boolean") ? "true" : !types.Contains("object") ? "{\"a\":1}" : "[1]";
    }

    private HashSet<string> TypesOf(JsonElement schema)
    {
        var followed = Follow(schema);
        if (followed.TryGetProperty("oneOf", out var ways))
            return [.. ways.EnumerateArray().SelectMany(TypesOf)];
        if (!followed.TryGetProperty("type", out var type))
            return [];
        return type.ValueKind == JsonValueKind.Array
            ? [.. type.EnumerateArray().Select(one => one.GetString()!)]
            : [type.GetString()!];
    }

    private string Whole(string? without = null)
    {
        var body = new JsonObject();
        foreach (var (name, schema) in PropertiesOf(Schema!.Value))
        {
            if (name != without && RequiredOf(Schema.Value).Contains(name))
                body[name] = TypesOf(schema).FirstOrDefault(type => type != "null") switch
                {
                    "integer" or "number" => 1, "boolean" => true, "array" => new JsonArray(), "object" => new JsonObject(),
                    _ => "text",
                };
        }

        return body.ToJsonString();
    }

    private string With(string name, string json)
    {
        var whole = Whole(without: name);
        return whole == "{}" ? $"{{\"{name}\":{json}}}" : $"{{\"{name}\":{json},{whole[1..]}";
    }

    private JsonElement Follow(JsonElement schema) => schema.TryGetProperty("$ref", out var reference)
        ? reference.GetString()!.Split('/').Skip(1).Aggregate(Document, (at, step) => at.GetProperty(step))
        : schema;
}
