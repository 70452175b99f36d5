using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace LeptonEdge.Cli.Output;

/// <summary>JSON as YAML 1.2: the same names, values and order.</summary>
internal static class YamlWriter
{
    public static int Write(JsonElement element)
    {
        Console.Out.Write(Text(element));
        return ExitCodes.Ok;
    }

    public static string Text(JsonElement element)
    {
        using var text = new StringWriter { NewLine = "\n" };
        var emitter = new Emitter(text, new EmitterSettings(bestIndent: 2, bestWidth: int.MaxValue, isCanonical: false,
            maxSimpleKeyLength: 1024, skipAnchorName: true));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Node(emitter, element);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static void Node(Emitter emitter, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                emitter.Emit(new MappingStart(null, null, isImplicit: true, element.EnumerateObject().Any()
                    ? MappingStyle.Block : MappingStyle.Flow));
                foreach (var property in element.EnumerateObject())
                {
                    Text(emitter, property.Name);
                    Node(emitter, property.Value);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonValueKind.Array:
                emitter.Emit(new SequenceStart(null, null, isImplicit: true, element.GetArrayLength() > 0
                    ? SequenceStyle.Block : SequenceStyle.Flow));
                foreach (var item in element.EnumerateArray())
                    Node(emitter, item);
                emitter.Emit(new SequenceEnd());
                break;
            case JsonValueKind.String:
                Text(emitter, element.GetString()!);
                break;
            case JsonValueKind.Undefined:
                Plain(emitter, "null");
                break;
            default:
                Plain(emitter, element.GetRawText());
                break;
        }
    }

    private static void Plain(Emitter emitter, string text) =>
        emitter.Emit(new Scalar(null, null, text, ScalarStyle.Plain, isPlainImplicit: true, isQuotedImplicit: false));

    // Only what nobody can take for a number, a date, a truth or nothing goes without quotes.
    private static void Text(Emitter emitter, string text) => emitter.Emit(new Scalar(
        null, null, text, IsWord(text) ? ScalarStyle.Plain : ScalarStyle.DoubleQuoted, isPlainImplicit: true,
        isQuotedImplicit: true));

    private static bool IsWord(string text) => text.Length > 0 && char.IsAsciiLetter(text[0])
        && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' or '/')
        && text.ToLowerInvariant() is not ("true" or "false" or "yes" or "no" or "on" or "off" or "null" or "y" or "n");
}
