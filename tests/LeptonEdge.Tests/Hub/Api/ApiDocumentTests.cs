using System.Text.Json;

namespace LeptonEdge.Tests.Hub.Api;

/// <summary>The OpenAPI document is complete.</summary>
public sealed class ApiDocumentTests(HubUnderTest hub) : IClassFixture<HubUnderTest>
{
    [Fact]
    public async Task Every_property_and_parameter_is_described()
    {
        var document = await DocumentAsync();
        Assert.Equal("3.1.1", document.GetProperty("openapi").GetString());
        var bare = new List<string>();
        foreach (var schema in document.GetProperty("components").GetProperty("schemas").EnumerateObject())
        {
            if (!schema.Value.TryGetProperty("properties", out var properties))
                continue;
            bare.AddRange(properties.EnumerateObject().Where(property => !IsDescribed(document, property.Value))
                .Select(property => $"{schema.Name}.{property.Name}"));
        }

        foreach (var (name, operation) in Operations(document))
        {
            if (!operation.TryGetProperty("parameters", out var parameters))
                continue;
            bare.AddRange(parameters.EnumerateArray()
                .Where(parameter => !parameter.TryGetProperty("description", out _))
                .Select(parameter => $"{name}?{parameter.GetProperty("name")}"));
        }

        Assert.Empty(bare);
    }

    [Fact]
    public async Task Every_operation_lists_its_errors_and_says_what_it_gives()
    {
        var document = await DocumentAsync();
        var faults = new List<string>();
        var ids = new HashSet<string>();
        foreach (var (name, operation) in Operations(document))
        {
            var id = operation.GetProperty("operationId").GetString()!;
            if (!ids.Add(id))
                faults.Add($"{name}: {id} is there twice");
            var answers = operation.GetProperty("responses");
            string[] needed = operation.TryGetProperty("requestBody", out _)
                ? ["400", "401", "403", "413", "415", "500", "503"]
                : ["401", "403", "500", "503"];
            faults.AddRange(needed.Where(status => !answers.TryGetProperty(status, out _))
                .Select(status => $"{name}: {status} is not listed"));
            if (name.Contains('{') && !answers.TryGetProperty("404", out _))
                faults.Add($"{name}: 404 is not listed");
            if (!answers.EnumerateObject().Any(a => a.Name.StartsWith('2')))
                faults.Add($"{name}: says nothing of success");
        }

        Assert.Empty(faults);
    }

    /// <summary>That each fits its schema is what the linters check.</summary>
    [Fact]
    public async Task Every_body_of_JSON_has_an_example()
    {
        var document = await DocumentAsync();
        var bare = new List<string>();
        var seen = 0;
        foreach (var (name, operation) in Operations(document))
        {
            var bodies = operation.GetProperty("responses").EnumerateObject().Where(answer => answer.Name[0] == '2')
                .Select(answer => (answer.Name, answer.Value)).ToList();
            if (operation.TryGetProperty("requestBody", out var request))
                bodies.Add(("request", request));
            foreach (var (part, body) in bodies)
            {
                if (!body.TryGetProperty("content", out var content)
                    || !content.TryGetProperty("application/json", out var media))
                    continue;
                seen++;
                if (!media.TryGetProperty("example", out var example) || example.ValueKind == JsonValueKind.Null)
                    bare.Add($"{name}: {part}");
            }
        }

        Assert.Empty(bare);
        Assert.True(seen > 90, $"{seen} bodies");
        var device = document.GetProperty("paths").GetProperty("/api/v1/devices").GetProperty("get").GetProperty("responses")
            .GetProperty("200").GetProperty("content").GetProperty("application/json").GetProperty("example");
        Assert.Equal("press-1", device.GetProperty("items")[0].GetProperty("device").GetString());
        Assert.True(document.GetProperty("components").GetProperty("schemas").GetProperty("Problem")
            .TryGetProperty("examples", out _));
    }

    [Fact]
    public async Task Numbers_are_numbers_and_what_is_always_given_is_required()
    {
        var document = await DocumentAsync();
        var point = document.GetProperty("components").GetProperty("schemas").GetProperty("ReadingPoint");
        Assert.Equal("integer", point.GetProperty("properties").GetProperty("timeMicros").GetProperty("type").GetString());
        Assert.Equal(
            ["null", "number"],
            point.GetProperty("properties").GetProperty("min").GetProperty("type").EnumerateArray().Select(t => t.GetString()!));
        Assert.Equal(6, point.GetProperty("required").GetArrayLength());
    }

    private static bool IsDescribed(JsonElement document, JsonElement property) =>
        property.TryGetProperty("description", out _)
        || (property.TryGetProperty("$ref", out var reference) && IsDescribed(document, Follow(document, reference)))
        || (property.TryGetProperty("oneOf", out var ways) && ways.EnumerateArray().Any(way => IsDescribed(document, way)));

    private static JsonElement Follow(JsonElement document, JsonElement reference) =>
        reference.GetString()!.Split('/').Skip(1).Aggregate(document, (at, step) => at.GetProperty(step));

    private static IEnumerable<(string Name, JsonElement Operation)> Operations(JsonElement document) =>
        document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()
            .Select(operation => ($"{operation.Name} {path.Name}", operation.Value)));

    private async Task<JsonElement> DocumentAsync()
    {
        using var client = hub.Operator();
        return await HubUnderTest.JsonAsync(await client.GetAsync("api/v1/openapi.json"));
    }
}
