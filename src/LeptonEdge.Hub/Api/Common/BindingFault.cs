using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace LeptonEdge.Hub.Api.Common;

/// <summary>What of a request could not be read at all: from the exception of ASP.NET Core's own binding to the field's
/// name and a remedy.</summary>
internal static partial class BindingFault
{
    public static FieldErrors Explain(BadHttpRequestException fault)
    {
        if (fault.StatusCode == StatusCodes.Status415UnsupportedMediaType)
            return new FieldErrors().Add("Content-Type", "send the body as application/json");
        if (fault.StatusCode == StatusCodes.Status413PayloadTooLarge)
            return new FieldErrors().Add("body", "it is larger than the hub takes; send less at once");
        if (fault.InnerException is JsonException json)
            return new FieldErrors().Add(FieldOf(json), Sentence(json));
        if (Unreadable().Match(fault.Message) is { Success: true } wrong)
            return new FieldErrors().Add(
                Camel(wrong.Groups["name"].Value), $"'{Short(wrong.Groups["value"].Value)}' is not {Wanted(wrong.Groups["type"].Value)}");
        if (Missing().Match(fault.Message) is { Success: true } missing)
            return missing.Groups["from"].Value.Contains("body", StringComparison.Ordinal)
                ? new FieldErrors().Add("body", "it is missing; send it as application/json")
                : new FieldErrors().Add(Camel(missing.Groups["name"].Value), "it is missing; give it");
        return new FieldErrors().Add("body", fault.Message);
    }

    private static string FieldOf(JsonException fault)
    {
        // Of a value that is missing or not known, the message names it and the path says where.
        var at = fault.Path is { Length: > 2 } path && path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : "";
        var named = Quoted().Matches(fault.Message).Select(m => m.Groups["name"].Value).ToList();
        if (!fault.Message.Contains("required", StringComparison.Ordinal) || named.Count < 2)
            return at.Length > 0 ? at : "body";
        return at.Length > 0 ? $"{at}.{named[1]}" : named[1];
    }

    private static string Sentence(JsonException fault)
    {
        if (fault.Message.Contains("required", StringComparison.Ordinal))
            return "it is missing; give it";
        if (fault.Message.Contains("could not be mapped", StringComparison.Ordinal))
            return "there is no such field; leave it out, or see /api/v1/openapi.json for those that there are";
        if (fault.Message.Contains("could not be converted", StringComparison.Ordinal))
            return "it is not of the type that is wanted; /api/v1/openapi.json says which";
        return $"it is not valid JSON in UTF-8: {fault.Message}";
    }

    private static string Wanted(string type) => type switch
    {
        _ when type.Contains("int", StringComparison.OrdinalIgnoreCase)
            || type.Contains("long", StringComparison.OrdinalIgnoreCase) => "a whole number in range",
        _ when type.Contains("double", StringComparison.OrdinalIgnoreCase) => "a number",
        _ when type.Contains("bool", StringComparison.OrdinalIgnoreCase) => "true or false",
        _ => $"a {type}",
    };

    // Of a parameter in a group of them the framework names the property.
    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    private static string Short(string text) => text.Length <= 40 ? text : text[..40] + "…";

    [GeneratedRegex("""^Failed to bind parameter "(?<type>.+) (?<name>[^ "]+)" from "(?<value>.*)"\.$""", RegexOptions.Singleline)]
    private static partial Regex Unreadable();

    [GeneratedRegex("""^Required parameter "(?<type>.+) (?<name>[^ "]+)" was not provided from (?<from>.+)\.$""")]
    private static partial Regex Missing();

    [GeneratedRegex("""'(?<name>[^']*)'""")]
    private static partial Regex Quoted();
}
