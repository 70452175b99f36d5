using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace LeptonEdge.Hub.Api.Accounts;

/// <summary>A change that holds only if nobody else changed the thing meanwhile.</summary>
internal static class IfMatch
{
    public static string TagOf(long version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    /// <param name="current">The version that is there.</param>
    /// <param name="version">What the store must still have when it changes; null: the request says nothing.</param>
    /// <returns>The refusal; null when the change may go on.</returns>
    public static IResult? Read(HttpRequest request, long current, out long? version)
    {
        version = null;
        var header = request.Headers.IfMatch;
        if (header.Count == 0)
            return null;
        if (!EntityTagHeaderValue.TryParseList(header, out var tags))
            return Problems.BadRequest("If-Match: is not a list of entity tags; send back the ETag as it came");
        if (tags.Any(tag => tag.Tag == EntityTagHeaderValue.Any.Tag))
            return null;
        version = current;
        return tags.Any(tag => !tag.IsWeak && tag.Tag == TagOf(current)) ? null : Stale();
    }

    public static IResult Stale() => Problems.Result(
        StatusCodes.Status412PreconditionFailed, "changed meanwhile",
        "If-Match: somebody changed it since it was read; read it again, and decide anew");
}
