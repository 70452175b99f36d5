using System.Globalization;
using LeptonEdge.Core.Alarms;
using LeptonEdge.Hub.Api.Common;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Hubs.Alarms;

namespace LeptonEdge.Hub.Api.Alarms;

/// <summary>The orders of a list of alarms, and pages of them. A page goes on behind its last alarm, wherever that alarm is by
/// then: what changed since is told once more or later, never left out of an order that it does not change.</summary>
internal static class AlarmPaging
{
    private const string Standard = "-raised";
    private const int Parts = 5;

    private static readonly (string Field, AlarmOrder Order)[] Orders =
    [
        ("raised", AlarmOrder.Raised), ("changed", AlarmOrder.Changed), ("severity", AlarmOrder.Severity),
        ("device", AlarmOrder.Device),
    ];

    /// <summary>One request's order and place.</summary>
    internal readonly record struct Place(AlarmPage Page, string Scope);

    public static string? Read(ListQuery query, string scope, out Place place)
    {
        place = default;
        if (RequestRange.Limit(query.Limit, out var limit) is { } limitFault)
            return limitFault;
        var sort = query.Sort is { Length: > 0 } asked ? asked : Standard;
        var down = sort[0] == '-';
        var known = Array.Find(Orders, order => order.Field.AsSpan().SequenceEqual(sort.AsSpan(down ? 1 : 0)));
        if (known.Field is null)
            return $"sort: '{Listing.Short(sort)}' is none of {string.Join(", ", Orders.Select(order => order.Field))}, "
                + "each with or without a minus before it";
        var whole = $"{scope}\n{sort}";
        AlarmPlace? after = null;
        if (query.Cursor is { } cursor)
        {
            if (Cursor.Read(whole, cursor, Parts, out var parts) is { } cursorFault)
                return cursorFault;
            if (!TryParse(parts, out after))
                return "cursor: is damaged; leave it out to begin anew";
        }

        place = new Place(new AlarmPage(known.Order, down, limit, after), whole);
        return null;
    }

    public static Page<TView> Take<TView>(HubStore store, AlarmFilter filter, Place place, Func<AlarmState, TView> view)
    {
        var limit = place.Page.Limit;
        // One more tells whether there are more.
        var found = store.AlarmStates(filter, place.Page with { Limit = limit + 1 });
        if (found.Count <= limit)
            return new Page<TView>([.. found.Select(view)], null);
        var last = found[limit - 1];
        return new Page<TView>(
            [.. found.Take(limit).Select(view)],
            Cursor.Write(
                place.Scope, Text(last.Id), Text(last.RaisedMicros), Text(last.ChangedMicros), Text((long)last.Severity),
                last.Device.Value));
    }

    private static bool TryParse(string[] parts, out AlarmPlace? place)
    {
        var numbers = new long[Parts - 1];
        for (var at = 0; at < numbers.Length; at++)
        {
            if (!long.TryParse(parts[at], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out numbers[at]))
            {
                place = null;
                return false;
            }
        }

        place = new AlarmPlace(numbers[0], numbers[1], numbers[2], (AlarmSeverity)numbers[3], parts[^1]);
        return true;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
