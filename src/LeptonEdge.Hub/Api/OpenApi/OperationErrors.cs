using System.Globalization;
using LeptonEdge.Hub.Api.Common;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace LeptonEdge.Hub.Api.OpenApi;

/// <summary>Lists the errors of every operation, and describes its parameters.</summary>
internal static class OperationErrors
{
    private static readonly Dictionary<int, string> Meanings = new()
    {
        [400] = "The request is not valid; `errors` names each field.",
        [401] = "Nobody is signed in, or the token is not valid.",
        [403] = "The caller's role does not allow it.",
        [404] = "There is no such thing, or the caller must not see it.",
        [409] = "It does not go together with what is.",
        [412] = "It was changed since the version that If-Match names.",
        [413] = "The body is larger than the hub takes.",
        [415] = "The body is not of a type that the hub takes.",
        [422] = "The Idempotency-Key was used with another body.",
        [429] = "Too many; Retry-After says when to ask again.",
        [500] = "The hub failed; its log has the details.",
        [503] = "Not now: the store or the device does not answer; Retry-After says when to ask again.",
        [504] = "The device does not answer, or its agent is too old to.",
    };

    public static async Task DescribeAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var open = metadata.OfType<AccessRule>().Any(rule => rule.Access == Access.Open);
        var statuses = new SortedSet<int>(metadata.OfType<FailsWith>().SelectMany(fails => fails.Statuses));
        if (open)
            operation.Security = [];
        else
            statuses.UnionWith([401, 403, 429, 500, 503]);
        if (metadata.OfType<CreateRule>().Any())
        {
            AddHeader(operation, IdempotencyGate.Header,
                "Up to 200 printable characters: the same request with the same key gets the same answer for a day, and "
                + "creates once.");
            statuses.UnionWith([409, 422]);
        }

        if (statuses.Contains(412))
            AddHeader(operation, "If-Match", "Change it only if it still has this ETag.");
        if (operation.Parameters is { Count: > 0 } || operation.RequestBody is not null)
            statuses.Add(400);
        if (operation.RequestBody is not null)
            statuses.UnionWith([413, 415]);
        if (operation.Parameters?.Any(p => p.In == ParameterLocation.Path) is true)
            statuses.Add(404);
        var problem = await context.GetOrCreateSchemaAsync(typeof(Problem), null, cancellation).ConfigureAwait(false);
        context.Document!.AddComponent(nameof(Problem), problem);
        operation.Responses ??= [];
        foreach (var status in statuses)
        {
            operation.Responses[status.ToString(CultureInfo.InvariantCulture)] = new OpenApiResponse
            {
                Description = Meanings[status],
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    [Problems.ContentType] = new() { Schema = new OpenApiSchemaReference(nameof(Problem), context.Document) },
                },
            };
        }

        foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>())
            parameter.Description ??= ParameterTexts.Of(parameter.Name!);
    }

    private static void AddHeader(OpenApiOperation operation, string name, string description)
    {
        operation.Parameters ??= [];
        if (operation.Parameters.Any(known => known.In == ParameterLocation.Header && known.Name == name))
            return;
        operation.Parameters.Add(new OpenApiParameter
        {
            Name = name, In = ParameterLocation.Header, Description = description,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        });
    }
}
