using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary>An option that narrows a list.</summary>
/// <param name="Query">What the API calls it.</param>
/// <param name="Read">The option's value as the API takes it; null: not given.</param>
internal sealed record Filter(Option Option, string Query, Func<ParseResult, string?> Read)
{
    /// <summary>What a row has the value in: a hub that is too old for the filter is not believed to have applied it.
    /// Null: only the hub can tell.</summary>
    public string? Field { get; init; }

    public static Filter Text(string option, string query, string description, string? field = null)
    {
        var made = new Option<string?>(option) { Description = description };
        return new Filter(made, query, parsed => parsed.GetValue(made)) { Field = field };
    }

    /// <summary>Given as an option without a value.</summary>
    public static Filter Flag(string option, string query, string value, string description, string? field = null)
    {
        var made = new Option<bool>(option) { Description = description };
        return new Filter(made, query, parsed => parsed.GetValue(made) ? value : null) { Field = field };
    }

    /// <summary>Whether a row may stay.</summary>
    public bool Keeps(ParseResult parsed, JsonElement row) =>
        Field is null || Read(parsed) is not { } wanted
        || row.At(Field) is not { ValueKind: not JsonValueKind.Undefined } value || value.Text() == wanted;

    public static Filter Device(string description = "Of this device alone.")
    {
        var made = new Option<string?>("--device") { Description = description };
        made.CompletionSources.Add(Completing.Devices);
        return new Filter(made, "device", parsed => parsed.GetValue(made)) { Field = "device" };
    }

    public static Filter OneOf(string option, string query, string description, string? standard,
        params string[] values)
    {
        var made = new Option<string?>(option) { Description = description, DefaultValueFactory = _ => standard };
        made.AcceptOnlyFromAmong(values);
        return new Filter(made, query, parsed => parsed.GetValue(made));
    }

    public static Filter Time(string option, string query, string description)
    {
        var made = new Option<string?>(option) { Description = $"{description}: {TimeText.Form}." };
        return new Filter(made, query, parsed => parsed.GetValue(made) is { } text ? Micros(option, text) : null);
    }

    public static Filter Sort(params string[] fields) =>
        Text("--sort", "sort", $"By {string.Join(", ", fields)}; with '-' before it, the largest first.");

    /// <summary>As the API has them, '?' first; empty where none is given.</summary>
    public static string QueryOf(IEnumerable<Filter> filters, ParseResult parsed)
    {
        var parts = filters.Select(filter => (filter.Query, Value: filter.Read(parsed)))
            .Where(part => part.Value is not null)
            .Select(part => $"{part.Query}={Uri.EscapeDataString(part.Value!)}").ToList();
        return parts.Count == 0 ? "" : "?" + string.Join('&', parts);
    }

    /// <exception cref="HubException">The text is no time.</exception>
    public static string Micros(string option, string text) =>
        TimeText.TryParse(text, TimeProvider.System.GetUtcNow(), out var time)
            ? ((time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond)
                .ToString(CultureInfo.InvariantCulture)
            : throw HubException.Usage($"{option}: '{text}' is no time: write {TimeText.Form}");
}
