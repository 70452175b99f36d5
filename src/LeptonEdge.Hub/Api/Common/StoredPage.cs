using System.Globalization;

namespace LeptonEdge.Hub.Api.Common;

/// <summary>A page of a list that the store keeps, newest first: the cursor is the number of the last item.</summary>
internal static class StoredPage
{
    /// <param name="scope">The list and its filters, as one text.</param>
    public static string? Read(PageQuery query, string scope, out (int Limit, long Before) page)
    {
        var fault = ReadByTime(query, scope, out var found);
        page = (found.Limit, found.BeforeId);
        return fault;
    }

    /// <summary>The same of a list by time, and by number within one.</summary>
    public static string? ReadByTime(
        PageQuery query, string scope, out (int Limit, long BeforeMicros, long BeforeId) page)
    {
        page = default;
        if (RequestRange.Limit(query.Limit, out var limit) is { } fault)
            return fault;
        page = (limit, long.MaxValue, long.MaxValue);
        if (query.Cursor is not { } cursor)
            return null;
        if (Cursor.Read(scope, cursor, 2, out var parts) is { } cursorFault)
            return cursorFault;
        if (!TryParse(parts[0], out var time) || !TryParse(parts[1], out var id))
            return "cursor: is damaged; leave it out to begin anew";
        page = (limit, time, id);
        return null;
    }

    /// <param name="found">One more than the page takes, where there are more.</param>
    public static Page<TView> Of<T, TView>(
        IReadOnlyList<T> found, int limit, string scope, Func<T, long> number, Func<T, TView> view,
        Func<T, long>? time = null)
    {
        var count = Math.Min(found.Count, limit);
        if (found.Count <= limit)
            return new Page<TView>([.. found.Select(view)], null);
        var last = found[count - 1];
        return new Page<TView>(
            [.. found.Take(count).Select(view)],
            Cursor.Write(scope, Text(time?.Invoke(last) ?? 0), Text(number(last))));
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static bool TryParse(string text, out long number) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
}
