using System.Security.Cryptography;

namespace LeptonEdge.Storage.Hubs.Accounts;

/// <summary>The newest entry as the file beside the store names it.</summary>
internal sealed record AuditAnchor(long Sequence, byte[] Hash)
{
    public static AuditAnchor Of(AuditEntry entry) => new(entry.Sequence, entry.Hash);

    public static string PathOf(string store) => store + ".audit";

    /// <summary>Null when there is none, or it cannot be read.</summary>
    public static AuditAnchor? Read(string store)
    {
        try
        {
            var parts = File.ReadAllText(PathOf(store)).Split(' ', '\n');
            return parts.Length >= 2 && long.TryParse(parts[0], out var sequence) && sequence > 0
                && parts[1].Length == 2 * AuditHash.Bytes
                ? new AuditAnchor(sequence, Convert.FromHexString(parts[1]))
                : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }

    /// <summary>After the entry is on the disk, so that it never names one that a power cut took.</summary>
    public void Write(string store)
    {
        var path = PathOf(store);
        try
        {
            File.WriteAllText(path + ".new", $"{Sequence} {Convert.ToHexStringLower(Hash)}\n");
            File.Move(path + ".new", path, overwrite: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // The log itself has the entry; an older mark says less, but nothing wrong.
        }
    }

    /// <summary>What is wrong with the entry of this number; null: nothing.</summary>
    public string? Compare(AuditEntry? entry) => entry is null
        ? $"the log ends before entry {Sequence}, which it had: its newest entries were cut off, or an older copy of the "
            + "store was put back"
        : CryptographicOperations.FixedTimeEquals(entry.Hash, Hash)
            ? null
            : $"entry {Sequence} is another than the one that was written";
}
