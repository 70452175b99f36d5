namespace LeptonEdge.Hub.Api.Common;

/// <summary>What is wrong with a request, field by field.</summary>
internal sealed class FieldErrors
{
    private readonly SortedDictionary<string, IReadOnlyList<string>> _fields = new(StringComparer.Ordinal);

    public bool Any => _fields.Count > 0;

    public IReadOnlyDictionary<string, IReadOnlyList<string>> ByField => _fields;

    /// <summary>All of it in one text.</summary>
    public string Detail => string.Join("; ", _fields.SelectMany(f => f.Value.Select(text => $"{f.Key}: {text}")));

    /// <summary>Of a sentence that begins with a field's name and a colon; null when it does not.</summary>
    public static FieldErrors? Of(string sentence)
    {
        var colon = sentence.IndexOf(": ", StringComparison.Ordinal);
        return colon > 0 && sentence.AsSpan(0, colon).IndexOfAnyExcept(FieldCharacters) < 0
            ? new FieldErrors().Add(sentence[..colon], sentence[(colon + 2)..])
            : null;
    }

    /// <param name="remedy">What is wrong, and what would be right.</param>
    public FieldErrors Add(string field, string remedy)
    {
        _fields[field] = _fields.TryGetValue(field, out var known) ? [.. known, remedy] : [remedy];
        return this;
    }

    /// <param name="sentence">Begins with the field's name and a colon; null for no fault.</param>
    public FieldErrors Add(string? sentence)
    {
        if (sentence is null)
            return this;
        var colon = sentence.IndexOf(": ", StringComparison.Ordinal);
        return colon > 0 ? Add(sentence[..colon], sentence[(colon + 2)..]) : Add("request", sentence);
    }

    private static readonly System.Buffers.SearchValues<char> FieldCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.[]$");
}
