using System.Text;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs.Accounts;

/// <summary>Reads the audit log.</summary>
public static class AuditQueries
{
    internal const string Columns =
        "sequence, time, actor, kind, address, action, target, outcome, before, after, hash";

    /// <summary>Newest first.</summary>
    public static IReadOnlyList<AuditEntry> AuditEntries(this HubStore store, AuditFilter filter, int limit) =>
        store.Read(database =>
    {
        var rows = database.Cached(
            $"SELECT {Columns} FROM audit WHERE {Conditions(filter)} ORDER BY sequence DESC LIMIT ?1");
        rows.Bind(1, (long)limit).Bind(2, filter.Before);
        // A parameter that no condition names is one that SQLite does not take.
        if (filter.Actor is { } actor)
            rows.Bind(3, actor.TrimEnd('*'));
        if (filter.Action is { } action)
            rows.Bind(4, action.TrimEnd('*'));
        if (filter.Target is { } target)
            rows.Bind(5, target.TrimEnd('*'));
        if (filter.From is { } from)
            rows.Bind(6, from);
        if (filter.To is { } to)
            rows.Bind(7, to);
        var entries = new List<AuditEntry>();
        while (rows.Step())
            entries.Add(Row(rows));
        return entries;
    });

    /// <summary>Null when there is none of that number.</summary>
    public static AuditEntry? AuditEntryOf(this HubStore store, long sequence) => store.Read(database =>
    {
        var row = database.Cached($"SELECT {Columns} FROM audit WHERE sequence = ?1").Bind(1, sequence);
        return row.Step() ? Row(row) : null;
    });

    internal static AuditEntry Row(Statement row) => new(
        row.Int64(0), row.Int64(1),
        new NewAuditEntry(
            row.Text(2), row.Text(3), row.Text(4), row.Text(5), row.Text(6), row.Text(7), Optional(row, 8),
            Optional(row, 9)),
        row.Blob(10).ToArray());

    private static string? Optional(Statement row, int column) => row.IsNull(column) ? null : row.Text(column);

    // The text depends on which conditions there are alone: some dozens of statements at most are kept for it.
    private static string Conditions(AuditFilter filter)
    {
        var sql = new StringBuilder("sequence < ?2");
        Match(sql, "actor", 3, filter.Actor);
        Match(sql, "action", 4, filter.Action);
        Match(sql, "target", 5, filter.Target);
        if (filter.From is not null)
            sql.Append(" AND time >= ?6");
        if (filter.To is not null)
            sql.Append(" AND time < ?7");
        return sql.ToString();
    }

    private static void Match(StringBuilder sql, string column, int parameter, string? wanted)
    {
        if (wanted is null)
            return;
        sql.Append(wanted.EndsWith('*')
            ? $" AND {column} >= ?{parameter} AND {column} < ?{parameter} || char(1114111)"
            : $" AND {column} = ?{parameter}");
    }
}
