using System.Collections;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace LeptonEdge.Serving.Rest;

/// <summary>A message as Triton's REST form writes it: names as in the .proto file, numbers as numbers, what is unset
/// and has a default written too. Protocol buffers' own JSON has other names, and 64-bit numbers as text.</summary>
internal static class MessageJson
{
    public static void Write(Utf8JsonWriter json, IMessage message)
    {
        json.WriteStartObject();
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            var value = field.Accessor.GetValue(message);
            if (value is null || (field.RealContainingOneof is { } choice
                && choice.Accessor.GetCaseFieldDescriptor(message) != field))
                continue;
            json.WritePropertyName(field.Name);
            if (field.IsMap)
                WriteMap(json, (IDictionary)value, field.MessageType.FindFieldByName("value"));
            else if (field.IsRepeated)
                WriteList(json, (IList)value, field);
            else
                WriteValue(json, value, field);
        }

        json.WriteEndObject();
    }

    public static void WriteList(Utf8JsonWriter json, IList values, FieldDescriptor field)
    {
        json.WriteStartArray();
        foreach (var value in values)
            WriteValue(json, value!, field);
        json.WriteEndArray();
    }

    private static void WriteMap(Utf8JsonWriter json, IDictionary values, FieldDescriptor field)
    {
        json.WriteStartObject();
        foreach (DictionaryEntry entry in values)
        {
            json.WritePropertyName(FormattableString.Invariant($"{entry.Key}"));
            WriteValue(json, entry.Value!, field);
        }

        json.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter json, object value, FieldDescriptor field)
    {
        switch (value)
        {
            case IMessage message:
                Write(json, message);
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case int number when field.FieldType != FieldType.Enum:
                json.WriteNumberValue(number);
                break;
            case uint number:
                json.WriteNumberValue(number);
                break;
            case long number:
                json.WriteNumberValue(number);
                break;
            case ulong number:
                json.WriteNumberValue(number);
                break;
            case float or double:
                json.WriteNumberValue(Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture));
                break;
            case ByteString bytes:
                json.WriteBase64StringValue(bytes.Span);
                break;
            default:
                var number32 = Convert.ToInt32(value, System.Globalization.CultureInfo.InvariantCulture);
                json.WriteStringValue(field.EnumType.FindValueByNumber(number32)?.Name ?? "");
                break;
        }
    }
}
