using System.Text.Json.Serialization;

namespace LeptonEdge.Hub.Api;

/// <summary>Filters, columns and order of a page, which its owner named to come back to.</summary>
/// <param name="Name">Its name, unique among the owner's.</param>
/// <param name="Page">The page that it is of, such as <c>fleet</c>.</param>
/// <param name="Content">What the page needs to show it again; the hub does not read it.</param>
/// <param name="Version">Rises with every change; its ETag.</param>
/// <param name="ChangedMicros">When it was changed last, microseconds since 1970-01-01 UTC.</param>
public sealed record SavedView(string Name, string Page, string Content, long Version, long ChangedMicros);

/// <summary>A view to keep.</summary>
/// <param name="Page">The page that it is of: 1 to 40 characters.</param>
/// <param name="Content">What the page needs to show it again: at most 8000 characters.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SavedViewContent(string Page, string Content);
