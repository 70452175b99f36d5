using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs.Accounts;

/// <summary>An entry as the chain has it.</summary>
/// <param name="HasTime">False: what is there is no number.</param>
/// <param name="Texts">The eight, as their bytes; null for none.</param>
internal sealed record AuditLink(long Sequence, long Time, byte[]?[] Texts, byte[] Hash, bool HasTime = true)
{
    private const int Count = 8;

    public static AuditLink Of(Statement row)
    {
        var texts = new byte[]?[Count];
        for (var i = 0; i < Count; i++)
        {
            // The bytes as they lie there: as text they would end at a zero.
            texts[i] = row.IsNull(i + 2) ? null : row.Blob(i + 2).ToArray();
        }

        return new AuditLink(row.Int64(0), row.Int64(1), texts, row.Blob(Count + 2).ToArray(), row.IsInteger(1));
    }

    /// <summary>What is wrong with it behind an entry of that number and hash; null: nothing.</summary>
    public string? FaultAfter(long sequence, byte[] previous)
    {
        var expected = sequence + 1;
        if (Sequence != expected)
            return $"entry {expected} is missing: entry {Sequence} comes next";
        if (!HasTime)
            return $"entry {expected} was changed: its time is no number";
        return Hash.AsSpan().SequenceEqual(AuditHash.Of(previous, expected, Time, Texts))
            ? null
            : $"entry {expected} was changed after it was written, or moved here from another place";
    }
}
