using System.Globalization;
using System.Text.Json;
using LeptonEdge.Hub.Api.Common;
using Microsoft.AspNetCore.Http;

namespace LeptonEdge.Hub.Api;

/// <summary>Errors as RFC 9457 problem details, written for people.</summary>
internal static class Problems
{
    public const string ContentType = "application/problem+json";

    public static Task WriteAsync(
        HttpContext context, int status, string title, string detail, FieldErrors? errors = null)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = ContentType;
        return JsonSerializer.SerializeAsync(
            context.Response.Body, Describe(status, title, detail, errors), ApiJson.Default.Problem,
            context.RequestAborted);
    }

    /// <summary>Says when it is worth asking again.</summary>
    public static void RetryAfter(HttpContext context, TimeSpan after) =>
        context.Response.Headers.RetryAfter =
            Math.Max(1, (int)Math.Ceiling(after.TotalSeconds)).ToString(CultureInfo.InvariantCulture);

    public static IResult NotFound(string detail) => Result(StatusCodes.Status404NotFound, "not found", detail);

    /// <param name="detail">Begins with the field's name and a colon, where one field is at fault.</param>
    public static IResult BadRequest(string detail) =>
        Result(StatusCodes.Status400BadRequest, "the request is not valid", detail, FieldErrors.Of(detail));

    public static IResult BadRequest(FieldErrors errors) =>
        Result(StatusCodes.Status400BadRequest, "the request is not valid", errors.Detail, errors);

    public static IResult Unavailable(string detail) =>
        Result(StatusCodes.Status503ServiceUnavailable, "not now", detail);

    /// <summary>Somebody whom the hub asked did not answer.</summary>
    public static IResult Late(string detail) =>
        Result(StatusCodes.Status504GatewayTimeout, "no answer", detail);

    public static IResult Conflict(string detail) =>
        Result(StatusCodes.Status409Conflict, "conflict", detail, FieldErrors.Of(detail));

    public static IResult TooMany(string detail) =>
        Result(StatusCodes.Status429TooManyRequests, "too many", detail);

    public static IResult Result(int status, string title, string detail, FieldErrors? errors = null) =>
        Results.Json(Describe(status, title, detail, errors), ApiJson.Default.Problem, ContentType, status);

    private static Problem Describe(int status, string title, string detail, FieldErrors? errors) =>
        new("about:blank", title, status, detail, errors?.ByField);
}
