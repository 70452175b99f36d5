using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace LeptonEdge.Hub.Api.OpenApi;

/// <summary>The OpenAPI 3.1 document at <see cref="Address"/>: made from the endpoints, their types and what the sources
/// say of them.</summary>
internal static class ApiDocument
{
    public const string Address = "/api/v1/openapi.json";
    public const string Bearer = "bearer";

    public static IServiceCollection AddApiDocument(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.ShouldInclude = api => api.RelativePath is { } path
            && path.StartsWith("api/v1/", StringComparison.Ordinal);
        options.AddSchemaTransformer(PropertyTexts.DescribeAsync);
        options.AddOperationTransformer(OperationErrors.DescribeAsync);
        options.AddDocumentTransformer(DescribeAsync);
        options.AddDocumentTransformer(Examples.AddAsync);
    });

    private static Task DescribeAsync(
        OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellation)
    {
        document.Info = new OpenApiInfo
        {
            Title = "LeptonEdge hub",
            Version = "v1",
            Description = "What a hub of LeptonEdge knows of its fleet, and takes from those who run it. Times are "
                + "microseconds since 1970-01-01 UTC and end in `Micros`; lists come in pages, errors as problem details.",
            License = new OpenApiLicense { Name = "MIT", Identifier = "MIT" },
            Contact = new OpenApiContact { Name = "LeptonEdge" },
        };
        document.Servers = [new OpenApiServer { Url = "/", Description = "The hub that this document comes from." }];
        document.Tags = new HashSet<OpenApiTag>(
            Tags.Descriptions.Select(tag => new OpenApiTag { Name = tag.Key, Description = tag.Value }));
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [Bearer] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http, Scheme = "bearer",
                Description = "A personal access token, or the hub's own from operator.token in its data folder. A browser that "
                    + "signed in sends its cookie instead, and with each change the header x-lepton-csrf.",
            },
        };
        document.Security = [Needed(document)];
        return Task.CompletedTask;
    }

    private static OpenApiSecurityRequirement Needed(OpenApiDocument document) =>
        new() { [new OpenApiSecuritySchemeReference(Bearer, document)] = [] };
}
