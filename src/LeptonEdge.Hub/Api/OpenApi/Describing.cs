using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace LeptonEdge.Hub.Api.OpenApi;

/// <summary>Which errors an operation may answer, beside those that every operation may.</summary>
internal sealed record FailsWith(int[] Statuses);

/// <summary>What the OpenAPI document says of an operation, in one line where it is mapped.</summary>
internal static class Describing
{
    /// <param name="id">Name of the operation in clients: a verb and what it is done to.</param>
    /// <param name="tag">One of <see cref="Tags"/>.</param>
    public static RouteHandlerBuilder Is(
        this RouteHandlerBuilder route, string id, string tag, string summary, string? description = null) =>
        route.WithName(id).WithTags(tag).WithSummary(summary).WithDescription(description ?? summary);

    public static RouteHandlerBuilder Gives<T>(this RouteHandlerBuilder route, int status = StatusCodes.Status200OK) =>
        route.Produces<T>(status);

    public static RouteHandlerBuilder Fails(this RouteHandlerBuilder route, params int[] statuses) =>
        route.WithMetadata(new FailsWith(statuses));
}
