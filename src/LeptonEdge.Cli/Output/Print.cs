using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LeptonEdge.Cli.Output;

/// <summary>Prints what the hub answered.</summary>
internal static class Print
{
    private static readonly JsonWriterOptions s_indented = new()
        { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static int Json(JsonElement element)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, s_indented))
            element.WriteTo(writer);
        Console.Out.WriteLine(Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length));
        return ExitCodes.Ok;
    }

    /// <summary>Nested names and values, one a line, for reading.</summary>
    public static int Tree(JsonElement element)
    {
        var text = new StringBuilder();
        WriteNode(text, element, "", "", SheetWriter.Now());
        Console.Out.Write(text);
        return ExitCodes.Ok;
    }

    private static void WriteNode(StringBuilder text, JsonElement element, string name, string indent, long now)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                    WriteMember(text, property.Name, property.Value, indent, now);
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                    WriteMember(text, "-", item, indent, now);
                break;
            default:
                text.Append(indent).AppendLine(Value(name, element, now));
                break;
        }
    }

    private static void WriteMember(StringBuilder text, string name, JsonElement value, string indent, long now)
    {
        if (value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
        {
            var isEmpty = value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0;
            text.Append(indent).Append(name).AppendLine(isEmpty ? ": none" : "");
            WriteNode(text, value, name, indent + "  ", now);
        }
        else
        {
            text.Append(indent).Append(name == "-" ? "- " : $"{Name(name)}: ").AppendLine(Value(name, value, now));
        }
    }

    private static string Name(string name) =>
        name.EndsWith("Micros", StringComparison.Ordinal) ? name[..^"Micros".Length] : name;

    // A time is a date for people, and a size has a unit.
    private static string Value(string name, JsonElement value, long now)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number))
        {
            if (name.EndsWith("Micros", StringComparison.Ordinal))
                return number == 0 ? "never" : $"{TimeWords.Iso(number)} ({TimeWords.Ago(number, now)} ago)";
            if (name.EndsWith("Bytes", StringComparison.Ordinal) && number >= 1024)
                return string.Create(CultureInfo.InvariantCulture, $"{number} ({TimeWords.Bytes(number)})");
        }

        return TextWidth.OneLine(value.Text());
    }
}
