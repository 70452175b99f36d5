using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace LeptonEdge.Hub.Api.Common;

/// <summary>The version of what may be changed, as HTTP's ETag and If-Match say it.</summary>
internal static class ETags
{
    public static void Set(HttpContext context, long version) =>
        context.Response.Headers.ETag = $"\"{version.ToString(CultureInfo.InvariantCulture)}\"";

    /// <param name="version">What If-Match names; null where it is left out or <c>*</c>.</param>
    public static string? Read(HttpContext context, out long? version)
    {
        version = null;
        var text = context.Request.Headers.IfMatch.ToString();
        if (text.Length == 0 || text == "*")
            return null;
        if (text.Length > 2 && text[0] == '"' && text[^1] == '"'
            && long.TryParse(text.AsSpan(1, text.Length - 2), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            version = number;
            return null;
        }

        return "If-Match: give the ETag of an answer of this hub, with its quotes";
    }

    public static IResult Differs(string what) => Problems.Result(
        StatusCodes.Status412PreconditionFailed, "changed since", $"{what} was changed since; read it again, then decide anew");
}
