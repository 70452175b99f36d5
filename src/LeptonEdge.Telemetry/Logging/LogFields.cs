using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Telemetry.Logging;

/// <summary>What a log line says beside its sentence: the fields of the sentence and of the scopes around it, and
/// the trace that it belongs to. The same name twice: the innermost counts.</summary>
internal sealed class LogFields
{
    private const string Template = "{OriginalFormat}";

    private readonly Dictionary<string, object?> _all = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="fixedFields">Of every line of this process.</param>
    public static LogFields Of<TState>(
        IReadOnlyList<KeyValuePair<string, string>> fixedFields, TState state, IExternalScopeProvider? scopes)
    {
        var fields = new LogFields();
        foreach (var (name, value) in fixedFields)
            fields._all[name] = value;
        scopes?.ForEachScope(static (scope, into) => into.Add(scope), fields);
        fields.Add(state);
        // A request's own span is no trace of ours unless somebody samples it.
        if (Activity.Current is { Recorded: true } span)
            (fields._all["trace_id"], fields._all["span_id"]) = (span.TraceId.ToString(), span.SpanId.ToString());
        return fields;
    }

    public IEnumerable<KeyValuePair<string, object?>> All => _all;

    public bool TryTake(string name, out object? value) => _all.Remove(name, out value) && value is not null;

    private void Add(object? state)
    {
        if (state is not IEnumerable<KeyValuePair<string, object?>> pairs)
            return;
        foreach (var (name, value) in pairs)
        {
            if (name != Template)
                _all[name] = value;
        }
    }
}
