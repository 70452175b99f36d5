using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace LeptonEdge.Hub.Api.OpenApi;

/// <summary>Gives each body that is JSON an example. It is made from the body's schema, so that it has the fields that there
/// are, of their types, whatever becomes of the models; what they hold is in <see cref="ExampleValues"/>.</summary>
internal static class Examples
{
    private const string Json = "application/json";
    private const int DepthMax = 8;

    // One of these or the others: a request with all of them would be refused.
    private static readonly HashSet<string> LeftOut = new(StringComparer.Ordinal)
    {
        "JobSubmission.model", "JobSubmission.idempotencyKey", "ModelJobView.input", "DeviceBulk.filter",
        "DeviceBulk.workload", "DeviceBulk.model", "AlarmBulk.assignee", "AlarmBulk.text",
    };

    public static Task AddAsync(
        OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellation)
    {
        foreach (var operation in document.Paths.Values.SelectMany(path => path.Operations ?? []).Select(pair => pair.Value))
        {
            Add(operation.RequestBody?.Content);
            foreach (var answer in operation.Responses ?? [])
            {
                if (answer.Key.StartsWith('2'))
                    Add(answer.Value.Content);
            }
        }

        if (document.Components?.Schemas?.TryGetValue(nameof(Problem), out var known) is true && known is OpenApiSchema problem)
            problem.Examples = [JsonNode.Parse("""
                {
                  "type": "about:blank", "title": "the request is not valid", "status": 400,
                  "detail": "limit: 5000 is not within 1 to 1000",
                  "errors": { "limit": ["5000 is not within 1 to 1000"] }
                }
                """)!];
        return Task.CompletedTask;
    }

    private static void Add(IDictionary<string, OpenApiMediaType>? content)
    {
        if (content is null || !content.TryGetValue(Json, out var media) || media.Schema is null || media.Example is not null)
            return;
        media.Example = Of(media.Schema, "", "", 0);
    }

    /// <param name="type">Name of the type that the property is of.</param>
    private static JsonNode? Of(IOpenApiSchema schema, string type, string property, int depth)
    {
        if (depth > DepthMax)
            return null;
        // Of what may be null the rest is shown.
        if ((schema.OneOf ?? schema.AnyOf) is { Count: > 0 } ways)
            return Of(ways.FirstOrDefault(way => way.Type != JsonSchemaType.Null) ?? ways[0], type, property, depth);
        var own = (schema as OpenApiSchemaReference)?.Reference.Id ?? type;
        var kind = (schema.Type ?? 0) & ~JsonSchemaType.Null;
        if (schema.Enum is { Count: > 0 } values)
            return values[0].DeepClone();
        if (kind.HasFlag(JsonSchemaType.Array))
            return schema.Items is { } items && Of(items, type, property, depth + 1) is { } item
                ? new JsonArray(item)
                : new JsonArray();
        if (kind.HasFlag(JsonSchemaType.Object) || schema.Properties is { Count: > 0 })
            return Object(schema, own, property, depth);
        var known = ExampleValues.Of(type, property);
        if (kind.HasFlag(JsonSchemaType.Boolean))
            return known?.GetValueKind() is System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False
                ? known
                : false;
        if (kind.HasFlag(JsonSchemaType.Integer) || kind.HasFlag(JsonSchemaType.Number))
            return Number(known, property, whole: !kind.HasFlag(JsonSchemaType.Number));
        if (!kind.HasFlag(JsonSchemaType.String))
            return known ?? new JsonObject();
        return schema.Format == "byte" ? "AAAAAA=="
            : known?.GetValueKind() == System.Text.Json.JsonValueKind.String ? known
            : property == "next" ? "bmV4dA" : "text";
    }

    private static JsonNode Number(JsonNode? known, string property, bool whole) =>
        known?.GetValueKind() == System.Text.Json.JsonValueKind.Number
            && (!whole || known.GetValue<object>() is int or long)
            ? known
            : ExampleValues.Number(property, whole);

    private static JsonObject Object(IOpenApiSchema schema, string type, string property, int depth)
    {
        var made = new JsonObject();
        foreach (var (name, part) in schema.Properties ?? new Dictionary<string, IOpenApiSchema>())
        {
            if (LeftOut.Contains($"{type}.{name}"))
                continue;
            var value = Of(part, type, name, depth + 1);
            if (value is not null || schema.Required?.Contains(name) is true)
                made[name] = value;
        }

        if (made.Count == 0 && schema.AdditionalProperties is { } each)
            made["normal"] = Of(each, type, property, depth + 1);
        return made;
    }
}
