using System.Text.Json;
using System.Text.Json.Nodes;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli;

/// <summary>What a listing gave.</summary>
/// <param name="Whole">As the hub says a list, with all pages in one.</param>
internal sealed record Listed(JsonElement Whole, IReadOnlyList<JsonElement> Rows)
{
    /// <summary>The rows that may stay.</summary>
    public Listed Only(Func<JsonElement, bool> keeps)
    {
        var rows = Rows.Where(keeps).ToList();
        return rows.Count == Rows.Count ? this : new Listed(Paging.Join(Whole, rows, Whole.Text("next")), rows);
    }
}

/// <summary>Follows the pages of a list.</summary>
internal static class Paging
{
    private const int PageMax = 1000;

    /// <param name="path">Without limit and cursor.</param>
    /// <param name="limit">At most so many rows.</param>
    /// <exception cref="HubException">The hub is away, or refused.</exception>
    public static async Task<Listed> ReadAsync(
        HubClient client, string path, int limit, CancellationToken cancellation)
    {
        var first = await client.GetAsync(Page(path, limit, cursor: null), cancellation);
        var rows = RowsOf(first);
        var next = first.Text("next");
        if (next.Length == 0 || rows.Count >= limit)
            return new Listed(first, rows);
        var more = await ProgressBar.RunAsync(async tell =>
        {
            while (next.Length > 0 && rows.Count < limit)
            {
                tell("rows", 1 - (double)PageMax / (PageMax + rows.Count));
                var page = await client.GetAsync(Page(path, limit - rows.Count, next), cancellation);
                rows.AddRange(RowsOf(page));
                if (page.Text("next") == next)
                    throw new HubException("the hub's list does not end: is a LeptonEdge hub at this address?");
                next = page.Text("next");
            }

            return next;
        });
        return new Listed(Join(first, rows, more), rows);
    }

    /// <exception cref="HubException">This is no list.</exception>
    public static List<JsonElement> RowsOf(JsonElement page)
    {
        if (page.At("items").ValueKind == JsonValueKind.Array)
            return [.. page.Items("items")];
        throw new HubException("the hub's list has no items: is this lepton as new as its hub?");
    }

    private static string Page(string path, int limit, string? cursor) =>
        path + (path.Contains('?', StringComparison.Ordinal) ? '&' : '?')
        + $"limit={Math.Min(limit, PageMax)}"
        + (cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}");

    /// <summary>A list as the hub says it, with these rows.</summary>
    public static JsonElement Join(JsonElement first, List<JsonElement> rows, string next)
    {
        var whole = JsonObject.Create(first)!;
        whole["items"] = new JsonArray([.. rows.Select(row => JsonNode.Parse(row.GetRawText()))]);
        whole["next"] = next.Length > 0 ? next : null;
        return JsonSerializer.SerializeToElement(whole);
    }
}
