using LeptonEdge.Core.Identity;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs;

/// <summary>A workload that changed its place.</summary>
/// <param name="Id">Rises with every move; 0 for one that is not stored yet.</param>
/// <param name="Cause">In one word, in small letters.</param>
public sealed record StoredMove(
    long Id, long TimeMicros, string Device, string Workload, string Cause, string FromNode, string FromRecipe,
    string ToNode, string ToRecipe, string Reason);

/// <summary>Which moves; what is null does not narrow.</summary>
public sealed record MoveFilter(TenantId Tenant)
{
    public string? Device { get; init; }

    public string? Workload { get; init; }

    public string? Cause { get; init; }

    /// <summary>Decided within [from, to), hub time.</summary>
    public long FromMicros { get; init; } = long.MinValue;

    public long ToMicros { get; init; } = long.MaxValue;

    /// <summary>Before it, or at it and numbered lower than <see cref="BeforeId"/>.</summary>
    public long BeforeMicros { get; init; } = long.MaxValue;

    public long BeforeId { get; init; } = long.MaxValue;

    public DeviceSet? Devices { get; init; }
}

/// <summary>Moves of the past.</summary>
public static class MoveQueries
{
    /// <summary>The newest first.</summary>
    public static IReadOnlyList<StoredMove> Moves(this HubStore store, MoveFilter filter, int limit) =>
        store.Read(database =>
        {
            var rows = Bind(database.Cached(Sql(filter)), filter);
            var found = new List<StoredMove>();
            rows.Bind(9, (long)limit);
            while (rows.Step())
                found.Add(Read(rows));
            return found;
        });

    // A text for each set of filters, each with the index that fits it; SQLite would have to guess how rare each is.
    private static string Sql(MoveFilter filter) => $"""
        SELECT id, time, device, workload, cause, from_node, from_recipe, to_node, to_recipe, reason
        FROM plan_move INDEXED BY {Index(filter)}
        WHERE tenant = ?1 AND time >= ?4 AND time <= ?2 AND (time < ?2 OR id < ?3)
            {(filter.Device is null ? "" : "AND device = ?6")}
            {(filter.Workload is null ? "" : "AND workload = ?7")}
            {(filter.Cause is null ? "" : "AND cause = ?8")}
            {(filter.Devices is null ? "" : "AND device IN (SELECT value FROM json_each(?10))")}
        ORDER BY time DESC, id DESC LIMIT ?9
        """;

    private static string Index(MoveFilter filter) => filter switch
    {
        { Device: not null } or { Devices.AreFew: true } => "plan_move_device",
        { Workload: not null } => "plan_move_workload",
        { Cause: not null } => "plan_move_cause",
        _ => "plan_move_time",
    };

    private static Statement Bind(Statement rows, MoveFilter filter)
    {
        // Where the page begins and where the range ends are one bound.
        var (before, id) = filter.ToMicros <= filter.BeforeMicros
            ? (filter.ToMicros == long.MaxValue ? long.MaxValue : filter.ToMicros - 1, long.MaxValue)
            : (filter.BeforeMicros, filter.BeforeId);
        rows.Bind(1, filter.Tenant.Value).Bind(2, before).Bind(3, id).Bind(4, filter.FromMicros);
        if (filter.Device is { } device)
            rows.Bind(6, device);
        if (filter.Workload is { } workload)
            rows.Bind(7, workload);
        if (filter.Cause is { } cause)
            rows.Bind(8, cause);
        return filter.Devices is { } set ? rows.Bind(10, set.Json) : rows;
    }

    private static StoredMove Read(Statement row) => new(
        row.Int64(0), row.Int64(1), row.Text(2), row.Text(3), row.Text(4), row.Text(5), row.Text(6), row.Text(7),
        row.Text(8), row.Text(9));
}
