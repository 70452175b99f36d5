using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace LeptonEdge.Hub.Api;

/// <summary>Errors as RFC 9457 problem details, written for people.</summary>
internal static class Problems
{
    private const string ContentType = "application/problem+json";

    public static Task WriteAsync(HttpContext context, int status, string title, string detail)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = ContentType;
        return JsonSerializer.SerializeAsync(
            context.Response.Body, Describe(status, title, detail), ApiJson.Default.ProblemDetails,
            context.RequestAborted);
    }

    /// <summary>Says when it is worth asking again.</summary>
    public static void RetryAfter(HttpContext context, TimeSpan after) =>
        context.Response.Headers.RetryAfter =
            Math.Max(1, (int)Math.Ceiling(after.TotalSeconds)).ToString(CultureInfo.InvariantCulture);

    public static IResult NotFound(string detail) => Result(StatusCodes.Status404NotFound, "not found", detail);

    public static IResult BadRequest(string detail) =>
        Result(StatusCodes.Status400BadRequest, "the request is not valid", detail);

    public static IResult Unavailable(string detail) =>
        Result(StatusCodes.Status503ServiceUnavailable, "not now", detail);

    public static IResult Conflict(string detail) => Result(StatusCodes.Status409Conflict, "conflict", detail);

    public static IResult TooMany(string detail) =>
        Result(StatusCodes.Status429TooManyRequests, "too many", detail);

    private static IResult Result(int status, string title, string detail) =>
        Results.Json(Describe(status, title, detail), ApiJson.Default.ProblemDetails, ContentType, status);

    private static ProblemDetails Describe(int status, string title, string detail) =>
        new() { Type = "about:blank", Status = status, Title = title, Detail = detail };
}
