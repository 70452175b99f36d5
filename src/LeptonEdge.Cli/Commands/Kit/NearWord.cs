namespace LeptonEdge.Cli.Commands;

/// <summary>What a mistyped word most likely was.</summary>
internal static class NearWord
{
    private const int LengthMax = 32;

    /// <summary>The known word that is one or two edits away, or that this begins; null: none is.</summary>
    public static string? Of(string word, IEnumerable<string> known) => word.Length is 0 or > LengthMax
        ? null
        : known.Select(candidate => (candidate, Far: Edits(word, candidate)))
            .Where(pair => pair.Far <= Math.Max(1, pair.candidate.Length / 3)
                || (word.Length > 1 && pair.candidate.StartsWith(word, StringComparison.Ordinal)))
            .OrderBy(pair => pair.Far).Select(pair => pair.candidate).FirstOrDefault();

    /// <summary>Letters to insert, delete or replace (Wagner and Fischer, J. ACM 21, 1974).</summary>
    private static int Edits(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var corner = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = corner + (a[i - 1] == b[j - 1] ? 0 : 1);
                corner = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
