using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace LeptonEdge.Telemetry.Logging;

/// <summary>One JSON object on each line: time, level, category, event, message; device, workload and trace where
/// they are known; and what else the sentence names, under <c>fields</c>.</summary>
/// <param name="fixedFields">Of every line of this process.</param>
/// <param name="priority">The journal reads along: the priority stands before the object.</param>
internal sealed class JsonFormatter(
    IReadOnlyList<KeyValuePair<string, string>> fixedFields, bool priority, TimeProvider clock)
    : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "lepton-json";

    private const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    private static readonly string[] Own = ["tenant", "device", "workload", "trace_id", "span_id"];

    // Letters of every language as they are; quotes, backslashes and control characters are still escaped.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public override void Write<TState>(
        in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var bytes = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(bytes, Options))
        {
            json.WriteStartObject();
            json.WriteString("time", clock.GetUtcNow().ToString(TimeForm, CultureInfo.InvariantCulture));
            json.WriteString("level", logEntry.LogLevel.ToString().ToLowerInvariant());
            json.WriteString("category", logEntry.Category);
            json.WriteNumber("event", logEntry.EventId.Id);
            json.WriteString("message", logEntry.Formatter(logEntry.State, logEntry.Exception));
            WriteFields(json, LogFields.Of(fixedFields, logEntry.State, scopeProvider));
            if (logEntry.Exception is { } fault)
                json.WriteString("exception", fault.ToString());
            json.WriteEndObject();
        }

        if (priority)
            textWriter.Write(JournalFormatter.PriorityOf(logEntry.LogLevel));
        textWriter.Write(Encoding.UTF8.GetString(bytes.WrittenSpan));
        textWriter.Write('\n');
    }

    private static void WriteFields(Utf8JsonWriter json, LogFields fields)
    {
        foreach (var name in Own)
        {
            if (fields.TryTake(name, out var value))
                json.WriteString(name, value!.ToString());
        }

        if (!fields.All.Any())
            return;
        json.WriteStartObject("fields");
        foreach (var (name, value) in fields.All)
        {
            json.WritePropertyName(JsonNamingPolicy.CamelCase.ConvertName(name));
            Write(json, value);
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case int or long or short or byte or uint or ushort:
                json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case ulong number:
                json.WriteNumberValue(number);
                break;
            case double number when double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            default:
                json.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }
}
