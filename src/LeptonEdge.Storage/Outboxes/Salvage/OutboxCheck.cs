using System.Buffers.Binary;

namespace LeptonEdge.Storage.Outboxes;

/// <summary>What SQLite itself does not notice when it opens an outbox: a header that makes it take the file for
/// something else, and a log of which it silently drops the end.</summary>
internal sealed class OutboxCheck
{
    private static readonly byte[] Magic = "SQLite format 3\0"u8.ToArray();
    private readonly string _path;
    private readonly List<(ulong Change, bool Ended)> _dropped = [];

    private OutboxCheck(string path) => _path = path;

    /// <summary>Before the file is opened.</summary>
    /// <exception cref="OutboxDamagedException">The header is not one of an outbox.</exception>
    public static OutboxCheck Before(OutboxOptions options)
    {
        var path = options.Path;
        var check = new OutboxCheck(path);
        var log = new FileInfo(path + "-wal") is { Exists: true, Length: > WalFrames.HeaderBytes };
        if (!File.Exists(path))
            return log
                ? throw new OutboxDamagedException(path, "the file is gone and its log is not")
                : check;
        Span<byte> header = stackalloc byte[100];
        using (var file = File.OpenHandle(path, share: FileShare.ReadWrite))
        {
            if (RandomAccess.Read(file, header, 0) < header.Length)
                throw new OutboxDamagedException(path, "the file ends within its header");
        }

        if (!header[..16].SequenceEqual(Magic) || BinaryPrimitives.ReadUInt16BigEndian(header[16..])
            != OutboxFile.PageBytes || header[18] is not (1 or 2) || header[19] is not (1 or 2) || header[20] != 0
            || !header[21..24].SequenceEqual((ReadOnlySpan<byte>)[64, 32, 32])
            || BinaryPrimitives.ReadUInt32BigEndian(header[44..]) is not (0 or 4)
            || BinaryPrimitives.ReadUInt32BigEndian(header[56..]) is not (0 or 1))
            throw new OutboxDamagedException(path, "its header is not one of an outbox");
        if (log)
            check.LookAtLog(options);
        return check;
    }

    /// <summary>After the file was opened: did the log hold more than SQLite took from it?</summary>
    /// <param name="change">Of the state that SQLite read.</param>
    /// <exception cref="OutboxDamagedException">It did.</exception>
    public void After(ulong change)
    {
        // What comes next after the state may have been cut off while it was written, and was reported to nobody. What
        // comes after that was begun once the former had been reported.
        foreach (var dropped in _dropped)
        {
            if (dropped.Change > change + 1 || (dropped.Change == change + 1 && dropped.Ended))
                throw new OutboxDamagedException(_path, "its log breaks off before the last change");
        }
    }

    // Wholly before SQLite opens the file: closing it once more later would give up SQLite's locks on it.
    private void LookAtLog(OutboxOptions options)
    {
        using var source = new PageSource(_path);
        var (ended, salt) = (false, 0ul);
        for (var i = source.Frames.Count - 1; i >= 0 && !source.Frames[i].Sound; i--)
        {
            // A kill falls between two writes: a frame's header may stand before bytes of the log's former use, and
            // behind the last frame come whole ones of that. Neither ends the transaction that was under way.
            ended = (ended && source.Frames[i].Salt == salt) || (source.Frames[i].Ends && source.Frames[i].Whole);
            salt = source.Frames[i].Salt;
            var scan = new PageScan(source, options);
            scan.LookAtFrame(i);
            var newest = scan.State?.Change ?? 0;
            foreach (var row in scan.Rows)
                newest = Math.Max(newest, row.Change);
            if (newest > 0)
                _dropped.Add((newest, ended));
        }
    }
}
