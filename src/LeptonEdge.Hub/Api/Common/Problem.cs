using System.Text.Json.Serialization;

namespace LeptonEdge.Hub.Api;

/// <summary>What went wrong, as RFC 9457 has it.</summary>
/// <param name="Type">Always <c>about:blank</c>: the status says what kind of problem it is.</param>
/// <param name="Title">The same for every problem of a kind.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What went wrong here, and what to do about it.</param>
/// <param name="Errors">By field: what is wrong with it and what would be right. Left out where no field is at
/// fault.</param>
public sealed record Problem(
    string Type, string Title, int Status, string Detail,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    IReadOnlyDictionary<string, IReadOnlyList<string>>? Errors = null);
