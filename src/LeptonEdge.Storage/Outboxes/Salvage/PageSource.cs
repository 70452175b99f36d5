namespace LeptonEdge.Storage.Outboxes;

/// <summary>Which of several versions of a page to follow.</summary>
internal enum PageView
{
    /// <summary>The last that the log holds, sound or not.</summary>
    Newest,

    /// <summary>The last that SQLite would read.</summary>
    Sound,

    /// <summary>That of the file itself.</summary>
    File,
}

/// <summary>The pages of a database file and its log, read without SQLite: nothing in them is believed.</summary>
internal sealed class PageSource : IDisposable
{
    private const int PageBytes = OutboxFile.PageBytes;
    private readonly Microsoft.Win32.SafeHandles.SafeFileHandle? _file;
    private readonly byte[] _log;
    private readonly List<WalFrame> _frames;
    private readonly Dictionary<uint, long> _newest = [];
    private readonly Dictionary<uint, long> _sound = [];

    public PageSource(string path)
    {
        if (File.Exists(path))
            _file = File.OpenHandle(path);
        _log = ReadLog(path);
        _frames = WalFrames.Read(_log);
        foreach (var frame in _frames)
        {
            _newest[frame.Page] = frame.At;
            if (frame.Sound)
                _sound[frame.Page] = frame.At;
        }

        FilePages = _file is null ? 0 : RandomAccess.GetLength(_file) / PageBytes;
    }

    public long FilePages { get; }

    public IReadOnlyList<WalFrame> Frames => _frames;

    /// <summary>A log that is far larger than an outbox ever lets it grow is none of ours.</summary>
    public static byte[] ReadLog(string path)
    {
        const long BytesMax = 512L * 1024 * 1024;
        var info = new FileInfo(path + "-wal");
        return info.Exists && info.Length <= BytesMax ? File.ReadAllBytes(info.FullName) : [];
    }

    /// <summary>One page of the file; false at its end or where the disk does not give it.</summary>
    public bool TryReadFile(uint page, Span<byte> into)
    {
        if (_file is null || page == 0 || page > FilePages)
            return false;
        try
        {
            return RandomAccess.Read(_file, into[..PageBytes], (page - 1L) * PageBytes) == PageBytes;
        }
        catch (IOException)
        {
            // A bad sector: the rows on it are lost, and named.
            return false;
        }
    }

    public ReadOnlySpan<byte> OfLog(in WalFrame frame) => _log.AsSpan((int)frame.At, PageBytes);

    public bool TryRead(uint page, PageView view, Span<byte> into)
    {
        if ((view == PageView.Newest && _newest.TryGetValue(page, out var at))
            || (view == PageView.Sound && _sound.TryGetValue(page, out at)))
        {
            _log.AsSpan((int)at, PageBytes).CopyTo(into);
            return true;
        }

        return TryReadFile(page, into);
    }

    public void Dispose() => _file?.Dispose();
}
