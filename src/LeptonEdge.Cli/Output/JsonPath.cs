using System.Text.Json;

namespace LeptonEdge.Cli.Output;

/// <summary>Reads what the hub said; what it did not say is nothing, so that an older or newer hub can be
/// asked.</summary>
internal static class JsonPath
{
    /// <param name="path">Names with dots between.</param>
    /// <returns>Undefined where a name is missing.</returns>
    public static JsonElement At(this JsonElement element, string path)
    {
        foreach (var name in path.Split('.'))
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out var next))
                return default;
            element = next;
        }

        return element;
    }

    /// <summary>As one line; empty for nothing, with commas between the items of a list.</summary>
    public static string Text(this JsonElement element, string path) => Text(element.At(path));

    public static string Text(this JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => "",
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Array => string.Join(",", value.EnumerateArray().Select(Text)),
        _ => value.GetRawText(),
    };

    public static double? Number(this JsonElement element, string path) =>
        element.At(path) is { ValueKind: JsonValueKind.Number } value ? value.GetDouble() : null;

    public static long? Long(this JsonElement element, string path) =>
        element.At(path) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var number)
            ? number : null;

    public static bool IsTrue(this JsonElement element, string path) =>
        element.At(path).ValueKind == JsonValueKind.True;

    /// <summary>The list's items; none where there is no list.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element, string path) =>
        element.At(path) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];
}
