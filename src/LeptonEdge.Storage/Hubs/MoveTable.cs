using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs;

/// <summary>Keeps each move of a workload in the transaction that keeps its plan.</summary>
internal static class MoveTable
{
    /// <summary>Moves that are kept; the oldest go first.</summary>
    public const long MovesMax = 1_000_000;

    /// <summary>What layout 9 has more for moves. From an older layout: those that its plans came with.</summary>
    public const string Create = """

        CREATE TABLE plan_move (id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, version INTEGER NOT NULL,
            time INTEGER NOT NULL, device TEXT NOT NULL, workload TEXT NOT NULL, cause TEXT NOT NULL,
            from_node TEXT NOT NULL, from_recipe TEXT NOT NULL, to_node TEXT NOT NULL, to_recipe TEXT NOT NULL,
            reason TEXT NOT NULL);
        CREATE INDEX plan_move_time ON plan_move (tenant, time);
        CREATE INDEX plan_move_device ON plan_move (tenant, device, time);
        CREATE INDEX plan_move_workload ON plan_move (tenant, workload, time);
        CREATE INDEX plan_move_cause ON plan_move (tenant, cause, time);
        INSERT INTO plan_move (tenant, version, time, device, workload, cause, from_node, from_recipe, to_node, to_recipe,
                reason)
            SELECT tenant, version, json_extract(value, '$.timeMicros'), json_extract(value, '$.device'),
                json_extract(value, '$.workload'), lower(json_extract(value, '$.cause')),
                json_extract(value, '$.from.node'), json_extract(value, '$.from.recipe'),
                json_extract(value, '$.to.node'), json_extract(value, '$.to.recipe'), json_extract(value, '$.reason')
            FROM (SELECT tenant, version, CAST(content AS TEXT) AS text FROM plan WHERE json_valid(CAST(content AS TEXT))),
                json_each(text, '$.moves')
            WHERE json_extract(value, '$.timeMicros') = json_extract(text, '$.plan.madeMicros')
            ORDER BY tenant, version, key DESC;
        """;

    public static void Add(Database database, string tenant, ulong version, IReadOnlyList<StoredMove> moves)
    {
        if (moves.Count == 0)
            return;
        foreach (var move in moves)
        {
            database.Cached("""
                INSERT INTO plan_move (tenant, version, time, device, workload, cause, from_node, from_recipe, to_node,
                    to_recipe, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
                """).Bind(1, tenant).Bind(2, version).Bind(3, move.TimeMicros).Bind(4, move.Device)
                .Bind(5, move.Workload).Bind(6, move.Cause).Bind(7, move.FromNode).Bind(8, move.FromRecipe)
                .Bind(9, move.ToNode).Bind(10, move.ToRecipe).Bind(11, move.Reason).Run();
        }

        database.Cached("DELETE FROM plan_move WHERE id <= (SELECT max(id) FROM plan_move) - ?1").Bind(1, MovesMax).Run();
    }
}
