using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace LeptonEdge.Telemetry.Logging;

/// <summary>One line for journald: its priority as &lt;N&gt; (sd-daemon(3)), the category, the sentence, and where
/// it belongs: device, workload, trace.</summary>
/// <param name="fixedFields">Of every line of this process.</param>
internal sealed class JournalFormatter(IReadOnlyList<KeyValuePair<string, string>> fixedFields)
    : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "lepton-journal";

    private static readonly string[] Shown = ["tenant", "device", "workload", "trace_id", "span_id"];

    public override void Write<TState>(
        in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        textWriter.Write(PriorityOf(logEntry.LogLevel));
        textWriter.Write(logEntry.Category);
        textWriter.Write('[');
        textWriter.Write(logEntry.EventId.Id);
        textWriter.Write("] ");
        textWriter.Write(OneLine(logEntry.Formatter(logEntry.State, logEntry.Exception)));
        if (logEntry.Exception is { } fault)
        {
            textWriter.Write(' ');
            textWriter.Write(OneLine(fault.ToString()));
        }

        var fields = LogFields.Of(fixedFields, logEntry.State, scopeProvider);
        foreach (var name in Shown)
        {
            if (fields.TryTake(name, out var value))
                textWriter.Write($" {name}={OneLine(value!.ToString() ?? "")}");
        }

        textWriter.Write('\n');
    }

    /// <summary>Priorities of syslog (RFC 5424, 6.2.1).</summary>
    internal static string PriorityOf(LogLevel level) => level switch
    {
        LogLevel.Critical => "<2>",
        LogLevel.Error => "<3>",
        LogLevel.Warning => "<4>",
        LogLevel.Information => "<6>",
        _ => "<7>",
    };

    // The journal takes each line for an entry of its own, and what somebody else sent must not begin one.
    private static string OneLine(string text) =>
        text.AsSpan().IndexOfAny('\r', '\n') < 0 ? text : text.ReplaceLineEndings(" ").Replace('\r', ' ');
}
