using System.Globalization;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Outboxes;

/// <summary>How much of the disk the outbox takes: pages in use, the log as it is or may become with the present
/// transaction, and what was put aside. Free pages are no use to anybody else, but the next batch takes them first, so
/// the file never grows beyond what was once in use.</summary>
internal sealed class OutboxSpace(Database database, OutboxOptions options)
{
    private const int PageBytes = OutboxFile.PageBytes;
    private const int FrameBytes = PageBytes + 24;
    private const int RowBytes = 160;

    // Beside the rows themselves a transaction writes the state, the tree above the rows and the list of free pages.
    private const int OtherPages = 16;
    private const int GiveBackPages = 256;

    private readonly Statement _pages = database.Prepare("PRAGMA page_count");
    private readonly Statement _free = database.Prepare("PRAGMA freelist_count");
    private readonly long _smallPages = Math.Min(1024, options.BytesMax / PageBytes / 64);

    /// <summary>Pages in the log after which it is folded into the file.</summary>
    public static int CheckpointPages(long bytesMax) => (int)Math.Clamp(bytesMax / PageBytes / 64, 4, 4000);

    public bool HasRoom(int rows, long sealedBytes, long asideBytes)
    {
        var used = Read(_pages) - Read(_free) + (rows == 0 ? 0 : PagesOf(sealedBytes + ((long)rows * RowBytes)));
        return (used * PageBytes) + LogBytes(sealedBytes) + asideBytes <= options.BytesMax;
    }

    /// <summary>How many pages the file must become smaller before so much is written through the log.</summary>
    public long PagesTooMany(long sealedBytes, long asideBytes) => LogBytes(sealedBytes) > LogBytes(0)
        ? Read(_pages) - ((options.BytesMax - LogBytes(sealedBytes) - asideBytes) / PageBytes)
        : 0;

    /// <summary>What to run to give pages back; null while most of the file is in use: moving pages costs, and the next
    /// batches would only make the file grow again.</summary>
    public string? GiveBackSql
    {
        get
        {
            var free = Read(_free);
            var used = Read(_pages) - free;
            if (free <= GiveBackPages / 4 || free <= used)
                return null;
            // Almost nothing is left: to write that anew is quicker than to take page after page off the end.
            return used <= _smallPages
                ? "VACUUM; PRAGMA wal_checkpoint(TRUNCATE)"
                : string.Create(CultureInfo.InvariantCulture, $"PRAGMA incremental_vacuum({GiveBackPages})");
        }
    }

    // What is allowed for at all times, or more when one transaction alone needs more.
    private long LogBytes(long sealedBytes) =>
        (CheckpointPages(options.BytesMax) + PagesOf(Math.Max(sealedBytes, options.GroupBytesMax))
            + Math.Max(OtherPages, 3 * options.ShedStep)) * FrameBytes;

    private static long PagesOf(long bytes) => ((bytes + RowBytes) / (PageBytes - 4)) + 1;

    private static long Read(Statement pragma)
    {
        var value = pragma.Step() ? pragma.Int64(0) : 0;
        pragma.Reset();
        return value;
    }
}
