namespace LeptonEdge.Agent.Configuration;

/// <summary>Finds the known word that a misspelt one most likely meant.</summary>
internal static class Spelling
{
    private const int LengthMax = 64;

    /// <summary>The nearest word within a third of its length in edits; null when none is that near.</summary>
    public static string? Nearest(string word, IEnumerable<string> known)
    {
        string? best = null;
        var bestDistance = int.MaxValue;
        foreach (var candidate in known)
        {
            var distance = Distance(word, candidate);
            if (distance < bestDistance && distance <= Math.Max(1, candidate.Length / 3))
                (best, bestDistance) = (candidate, distance);
        }

        return best;
    }

    /// <summary>Edits (insert, delete, replace) that turn one word into the other.</summary>
    /// <remarks>Wagner and Fischer, J. ACM 21 (1974), with one row kept.</remarks>
    private static int Distance(string a, string b)
    {
        if (a.Length > LengthMax || b.Length > LengthMax)
            return int.MaxValue;
        Span<int> row = stackalloc int[LengthMax + 1];
        for (var j = 0; j <= b.Length; j++)
            row[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replace = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replace, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
