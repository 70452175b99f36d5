namespace LeptonEdge.Hub.Api.Common;

/// <summary>A list that is held in memory: what it can be sorted by, and a page of it.</summary>
/// <param name="name">Names an item; no two of the list have the same.</param>
/// <param name="standard">The order without a word: one of the fields, with or without a minus.</param>
internal sealed class Listing<T>(
    string standard, Func<T, string> name, params (string Field, Func<T, SortKey> Key)[] fields)
{
    /// <summary>One request's order and place.</summary>
    internal readonly record struct Order(
        Func<T, SortKey> Key, bool Down, int Limit, string Scope, (SortKey Key, string Name)? After);

    /// <param name="scope">The list and its filters, as one text.</param>
    /// <returns>What is wrong with the request; null when nothing is.</returns>
    public string? Read(ListQuery query, string scope, out Order order)
    {
        order = default;
        if (RequestRange.Limit(query.Limit, out var limit) is { } limitFault)
            return limitFault;
        var sort = query.Sort is { Length: > 0 } asked ? asked : standard;
        var down = sort.StartsWith('-');
        var field = Array.Find(fields, known => known.Field.AsSpan().SequenceEqual(sort.AsSpan(down ? 1 : 0)));
        if (field.Key is null)
            return $"sort: '{Listing.Short(sort)}' is none of {string.Join(", ", fields.Select(f => f.Field))}, "
                + "each with or without a minus before it";
        var whole = $"{scope}\n{sort}";
        (SortKey, string)? after = null;
        if (query.Cursor is { } cursor)
        {
            if (Cursor.Read(whole, cursor, 3, out var parts) is { } cursorFault)
                return cursorFault;
            if (!SortKey.TryParse(parts[0], parts[1], out var key))
                return "cursor: is damaged; leave it out to begin anew";
            after = (key, parts[2]);
        }

        order = new Order(field.Key, down, limit, whole, after);
        return null;
    }

    /// <summary>One pass over the list: what belongs on the page is kept, nothing else is sorted.</summary>
    public Page<TView> Take<TView>(IEnumerable<T> items, Order order, Func<T, TView> view)
    {
        // The worst of those kept is on top, and goes when there is a better one.
        var kept = new PriorityQueue<T, (SortKey Key, string Name)>(
            Comparer<(SortKey, string)>.Create((a, b) => Compare(b, a, order.Down)));
        var more = false;
        foreach (var item in items)
        {
            var place = (order.Key(item), name(item));
            if (order.After is { } after && Compare(place, after, order.Down) <= 0)
                continue;
            if (kept.Count < order.Limit)
            {
                kept.Enqueue(item, place);
                continue;
            }

            more = true;
            kept.EnqueueDequeue(item, place);
        }

        var found = new T[kept.Count];
        for (var at = found.Length - 1; at >= 0; at--)
            found[at] = kept.Dequeue();
        var last = found.Length == 0 ? default : found[^1];
        var next = more
            ? Cursor.Write(order.Scope, order.Key(last!).NumberText(), order.Key(last!).Text, name(last!))
            : null;
        return new Page<TView>(Array.ConvertAll(found, item => view(item)), next);
    }

    private static int Compare((SortKey Key, string Name) a, (SortKey Key, string Name) b, bool down)
    {
        var byKey = a.Key.CompareTo(b.Key);
        return byKey != 0 ? down ? -byKey : byKey : string.CompareOrdinal(a.Name, b.Name);
    }
}

internal static class Listing
{
    /// <summary>What a request gave, for a sentence about it.</summary>
    public static string Short(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
