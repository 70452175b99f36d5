using System.Text.Json;
using Spectre.Console;

namespace LeptonEdge.Cli.Output;

/// <summary>Prints what the hub answered.</summary>
internal static class Print
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static int Json(JsonElement element)
    {
        Console.WriteLine(JsonSerializer.Serialize(element, Indented));
        return 0;
    }

    /// <summary>Nested names and values, one a line, for reading.</summary>
    public static int Tree(JsonElement element)
    {
        WriteNode(element, 0);
        return 0;
    }

    private static void WriteNode(JsonElement element, int depth)
    {
        var indent = new string(' ', depth * 2);
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                    WriteMember(property.Name, property.Value, indent, depth);
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                    WriteMember("-", item, indent, depth);
                break;
            default:
                AnsiConsole.WriteLine($"{indent}{element}");
                break;
        }
    }

    private static void WriteMember(string name, JsonElement value, string indent, int depth)
    {
        if (value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
        {
            AnsiConsole.WriteLine($"{indent}{name}");
            WriteNode(value, depth + 1);
        }
        else
        {
            AnsiConsole.WriteLine($"{indent}{name}: {value}");
        }
    }
}
