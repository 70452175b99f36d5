using System.Globalization;
using System.Text;
using System.Text.Json;

namespace LeptonEdge.Cli.Output;

/// <summary>What one row has in one column.</summary>
/// <param name="Text">For a table.</param>
/// <param name="Exact">For a wide table and CSV; null: the same.</param>
internal readonly record struct Cell(string Text, string? Exact = null, Tone Tone = Tone.None)
{
    public static implicit operator Cell(string text) => new(text);
}

/// <summary>One column of a resource: its name, and how a row's value is found.</summary>
/// <param name="Title">Heading of the table, in upper case.</param>
/// <param name="Name">Heading in CSV.</param>
/// <param name="Read">A row as the hub told it, and the time in microseconds since 1970, to the cell.</param>
internal sealed record Column(string Title, string Name, Func<JsonElement, long, Cell> Read)
{
    /// <summary>Only in wide tables and CSV.</summary>
    public bool IsWide { get; init; }

    /// <summary>Numbers stand below each other.</summary>
    public bool IsRight { get; init; }

    /// <summary>It is another one at every look, such as a rate: for <c>--watch</c> that is no change.</summary>
    public bool IsPassing { get; init; }

    /// <summary>A wide table has the exact value too: a date in place of how long ago that was.</summary>
    public bool IsExact { get; init; }

    public Column Wide => this with { IsWide = true };

    public Column Passing => this with { IsPassing = true };

    public static Column Text(string title, string path, Func<string, Tone>? tone = null) =>
        new(title, NameOf(path), (row, _) => row.Text(path) is var text
            ? new Cell(text, Tone: tone?.Invoke(text) ?? Tone.None) : default);

    /// <summary>Made of several values of a row.</summary>
    public static Column Of(string title, Func<JsonElement, Cell> read) =>
        new(title, title.Replace(' ', '_').ToLowerInvariant(), (row, _) => read(row));

    public static Column Flag(string title, string path, string yes, string no) =>
        new(title, NameOf(path), (row, _) => row.At(path).ValueKind switch
        {
            JsonValueKind.True => new Cell(yes, "true"),
            JsonValueKind.False => new Cell(no, "false"),
            _ => "",
        });

    public static Column Number(string title, string path, string form = "0.###") =>
        Measure(title, path, value => value.ToString(form, CultureInfo.InvariantCulture));

    /// <summary>0 to 1, shown as percent.</summary>
    public static Column Share(string title, string path) =>
        Measure(title, path, value => (value * 100).ToString("0.#", CultureInfo.InvariantCulture) + "%");

    public static Column Bytes(string title, string path) => Measure(title, path, TimeWords.Bytes);

    public static Column Seconds(string title, string path) => Measure(title, path, TimeWords.Short);

    /// <summary>Microseconds since 1970; 0 is never.</summary>
    public static Column Time(string title, string path) =>
        new(title, NameOf(path), (row, now) => row.Long(path) is { } micros and not 0
            ? new Cell(TimeWords.Ago(micros, now), TimeWords.Iso(micros)) : "") { IsExact = true };

    private static Column Measure(string title, string path, Func<double, string> show) =>
        new(title, NameOf(path), (row, _) => row.At(path) is { ValueKind: JsonValueKind.Number } value
            ? new Cell(show(value.GetDouble()), value.GetRawText()) : "") { IsRight = true };

    // summary.lastSeenMicros → last_seen: the time in CSV is text, not microseconds.
    private static string NameOf(string path)
    {
        var name = path[(path.LastIndexOf('.') + 1)..];
        if (name.EndsWith("Micros", StringComparison.Ordinal))
            name = name[..^6];
        var text = new StringBuilder();
        foreach (var letter in name)
        {
            if (char.IsAsciiLetterUpper(letter))
                text.Append('_');
            text.Append(char.ToLowerInvariant(letter));
        }

        return text.ToString();
    }
}
